"""Devices: seeing sessions, ending them, logging out everywhere (R12)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client, TestCase

from project.kernel.clock import now
from project.testing.cast import PASSWORD
from project.testing.client import ApiClient
from social.models import Account, RefreshToken, Session
from social.services import sessions


def committed(act):
    with TestCase.captureOnCommitCallbacks(execute=True):
        return act()


def log_in(identifier="ada", **extra):
    return ApiClient().post("/auth/login/", {"identifier": identifier, "password": PASSWORD}, **extra).json()


def bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access']}"}


def me(tokens):
    return ApiClient().get("/users/me/", headers=bearer(tokens)).status_code


def refresh(tokens, **extra):
    return ApiClient().post("/auth/token/refresh/", {"refresh": tokens["refresh"]}, **extra)


def test_the_devices_are_listed_newest_use_first_and_the_current_one_is_marked(cast):
    phone = log_in(headers={"User-Agent": "Photogram/2.1 (Android 16)"}, REMOTE_ADDR="203.0.113.9")
    log_in("bob")
    rows = cast.ada.api.get("/auth/sessions/").json()["results"]
    assert [(row["device"], row["ip"], row["current"]) for row in rows] == [
        ("Photogram/2.1 (Android 16)", "203.0.113.9", False),
        ("", "127.0.0.1", True),
    ]
    assert all(row.keys() == {"id", "current", "device", "ip", "created_at", "last_used_at"} for row in rows)
    seen = ApiClient().get("/auth/sessions/", headers=bearer(phone)).json()["results"]
    assert [row["current"] for row in seen] == [True, False]


def test_a_refresh_counts_as_use_and_says_where_the_device_is_now(cast):
    phone = log_in()
    log_in()
    refresh(phone, REMOTE_ADDR="198.51.100.7")
    first = cast.ada.api.get("/auth/sessions/").json()["results"][0]
    assert first["ip"] == "198.51.100.7"
    assert first["last_used_at"] > first["created_at"]


def test_only_live_sessions_are_listed(cast):
    revoked, expired = log_in(), log_in()
    committed(lambda: ApiClient().post("/auth/logout/", headers=bearer(revoked)))
    newest = Session.objects.filter(account_id=cast.ada.id).order_by("-id")[0]
    newest.refresh_tokens.update(expires_at=now())
    assert refresh(expired).status_code == 401
    assert len(cast.ada.api.get("/auth/sessions/").json()["results"]) == 1


def test_the_list_is_paged_without_gap_or_repeat(cast):
    for _ in range(6):
        log_in()
    Session.objects.filter(account_id=cast.ada.id).update(last_used_at=now())
    found = [row["id"] for row in cast.ada.api.pages("/auth/sessions/", limit=2)]
    assert found == sorted(found, reverse=True)
    assert len(found) == 7
    second = cast.ada.api.get("/auth/sessions/", query={"limit": 2, "cursor": _next(cast.ada, 2)}).json()
    back = cast.ada.api.get("/auth/sessions/", query={"limit": 2, "cursor": second["previous"]}).json()
    assert [row["id"] for row in back["results"]] == found[:2]
    stolen = cast.bob.api.get("/auth/sessions/", query={"cursor": _next(cast.ada, 2)})
    assert stolen.status_code == 400


def _next(member, limit):
    return member.api.get("/auth/sessions/", query={"limit": limit}).json()["next"]


def test_r12_a_revoked_session_ends_at_once_and_the_others_stay(cast):
    phone, laptop = log_in(), log_in()
    listed = ApiClient().get("/auth/sessions/", headers=bearer(phone)).json()["results"]
    session_id = next(row["id"] for row in listed if row["current"])
    assert me(phone) == 200
    path = f"/auth/sessions/{session_id}/"
    assert committed(lambda: cast.ada.api.delete(path)).status_code == 204
    assert (me(phone), me(laptop)) == (401, 200)
    assert refresh(phone).status_code == 401
    assert refresh(laptop).status_code == 200
    assert cast.ada.api.delete(path).status_code == 204, "a retry is harmless"


def test_another_ones_session_is_404_and_stays(cast):
    tokens = log_in("bob")
    for session_id in [*Session.objects.filter(account_id=cast.bob.id).values_list("pk", flat=True), 2**60]:
        assert committed(lambda i=session_id: cast.ada.api.delete(f"/auth/sessions/{i}/")).status_code == 404
    assert me(tokens) == 200


def test_r12_logging_out_everywhere_ends_all_sessions_and_tokens_at_once(cast):
    tokens = [log_in() for _ in range(3)]
    assert [me(t) for t in tokens] == [200] * 3
    before = Account.objects.get(pk=cast.ada.id).token_version
    assert committed(lambda: cast.ada.api.post("/auth/logout-all/")).status_code == 204
    assert [me(t) for t in tokens] == [401] * 3
    assert [refresh(t).status_code for t in tokens] == [401] * 3
    assert cast.ada.api.get("/users/me/").status_code == 401
    assert Account.objects.get(pk=cast.ada.id).token_version == before + 1
    assert cast.bob.api.get("/users/me/").status_code == 200
    assert me(log_in()) == 200


def test_logging_out_everywhere_ends_sessions_of_the_admin_too(cast):
    Account.objects.filter(pk=cast.ada.id).update(is_staff=True, is_superuser=True)
    browser = Client()
    browser.force_login(
        Account.objects.get(pk=cast.ada.id), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert browser.get("/admin/").status_code == 200
    committed(lambda: cast.ada.api.post("/auth/logout-all/"))
    assert browser.get("/admin/").status_code == 302


def test_a_token_can_be_verified(cast, anonymous):
    tokens = log_in()

    def verify(token):
        return anonymous.post("/auth/token/verify/", {"token": token})

    for token in (tokens["access"], tokens["refresh"], tokens["refresh"]):
        answer = verify(token)
        assert (answer.status_code, answer.json()) == (200, {})
    second = refresh(tokens).json()
    assert verify(tokens["refresh"]).status_code == 401, "spent"
    assert verify(second["refresh"]).status_code == 200
    for token in ("x", tokens["access"][:-2], "a.b.c", "ü"):
        answer = verify(token)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")
    committed(lambda: cast.ada.api.post("/auth/logout-all/"))
    assert verify(second["access"]).status_code == 401
    assert verify(second["refresh"]).status_code == 401


def test_r12_a_log_in_that_saw_an_older_state_of_the_account_opens_nothing(cast):
    seen = Account.objects.get(pk=cast.ada.id)
    sessions.end_all(account_id=cast.ada.id)
    with pytest.raises(sessions.InvalidCredentials):
        sessions.open_session(ApiClient._bare_request(), seen)
    assert not Session.objects.filter(account_id=cast.ada.id, revoked_at=None).exists()


def test_ended_sessions_are_forgotten_and_live_ones_are_not(cast):
    log_in()
    old = Session.objects.filter(account_id=cast.ada.id).order_by("-id")[0]
    old.refresh_tokens.update(expires_at=now() - timedelta(seconds=1))
    Session.objects.filter(pk=old.pk).update(last_used_at=now() - timedelta(days=31))
    live = Session.objects.exclude(pk=old.pk).count()
    assert sessions.forget_ended() == 1
    assert Session.objects.count() == live == RefreshToken.objects.count()
