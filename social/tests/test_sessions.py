"""Staying signed in and signing out (R12)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import TestCase

from project.kernel.clock import now
from project.kernel.redis import get_redis
from project.testing.cast import PASSWORD
from project.testing.client import ApiClient
from social.models import Account, RefreshToken, Session


@pytest.fixture
def tokens(cast, anonymous):
    return anonymous.post("/auth/login/", {"identifier": "ada", "password": PASSWORD}).json()


def refresh(client, token):
    return client.post("/auth/token/refresh/", {"refresh": token})


def spent_long_ago(seconds=11):
    RefreshToken.objects.filter(used_at__isnull=False).update(used_at=now() - timedelta(seconds=seconds))


def test_r12_a_refresh_token_rotates_and_every_one_is_recorded(tokens, anonymous):
    second = refresh(anonymous, tokens["refresh"]).json()
    third = refresh(anonymous, second["refresh"]).json()
    assert len({tokens["refresh"], second["refresh"], third["refresh"]}) == 3
    session = Session.objects.order_by("-id")[0]
    assert session.refresh_tokens.count() == 3
    assert session.refresh_tokens.filter(used_at=None).count() == 1


def test_r12_a_retry_within_ten_seconds_gets_the_very_same_successor(tokens, anonymous):
    first, again = refresh(anonymous, tokens["refresh"]).json(), refresh(anonymous, tokens["refresh"]).json()
    assert first["refresh"] == again["refresh"]
    assert refresh(anonymous, first["refresh"]).status_code == 200


def test_r12_reuse_of_a_spent_token_ends_the_whole_session(tokens, anonymous):
    second = refresh(anonymous, tokens["refresh"]).json()
    spent_long_ago()
    assert refresh(anonymous, tokens["refresh"]).status_code == 401
    assert refresh(anonymous, second["refresh"]).status_code == 401
    Session.objects.order_by("-id")[0].refresh_from_db()
    assert Session.objects.order_by("-id")[0].revoked_at is not None


def test_r12_inactive_accounts_and_expired_tokens_cannot_refresh(tokens, anonymous):
    Account.objects.filter(username="ada").update(state="deactivated")
    assert refresh(anonymous, tokens["refresh"]).status_code == 401
    Account.objects.filter(username="ada").update(state="active")
    RefreshToken.objects.update(expires_at=now() - timedelta(seconds=1))
    assert refresh(anonymous, tokens["refresh"]).status_code == 401


def test_a_session_ends_after_a_year_however_often_it_is_renewed(tokens, anonymous):
    second = refresh(anonymous, tokens["refresh"]).json()
    Session.objects.update(created_at=now() - timedelta(days=365))
    assert refresh(anonymous, second["refresh"]).status_code == 401


@pytest.mark.parametrize("token", ["x", "A" * 43, "ünïcode", " "])
def test_unknown_refresh_tokens_are_401(cast, anonymous, token):
    answer = refresh(anonymous, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")


def test_logging_out_ends_the_access_token_at_once(tokens, anonymous):
    headers = {"Authorization": f"Bearer {tokens['access']}"}
    assert anonymous.get("/users/me/", headers=headers).status_code == 200
    with_callbacks(lambda: anonymous.post("/auth/logout/", {"refresh": tokens["refresh"]}, headers=headers))
    assert anonymous.get("/users/me/", headers=headers).status_code == 401
    assert refresh(anonymous, tokens["refresh"]).status_code == 401


def with_callbacks(act):
    with TestCase.captureOnCommitCallbacks(execute=True):
        return act()


def test_logging_out_leaves_other_devices_signed_in(cast, tokens):
    with_callbacks(lambda: cast.ada.api.post("/auth/logout/"))
    assert cast.ada.api.get("/users/me/").status_code == 401
    assert (
        ApiClient().get("/users/me/", headers={"Authorization": f"Bearer {tokens['access']}"}).status_code
        == 200
    )


def test_one_cannot_log_another_account_out(cast, tokens):
    assert cast.bob.api.post("/auth/logout/", {"refresh": tokens["refresh"]}).status_code == 204
    assert refresh(ApiClient(), tokens["refresh"]).status_code == 200


def test_a_flushed_redis_signs_nobody_out_and_nobody_back_in(cast):
    get_redis().flushdb()
    assert cast.ada.api.get("/users/me/").status_code == 200
    with_callbacks(lambda: cast.ada.api.post("/auth/logout/"))
    get_redis().flushdb()
    assert cast.ada.api.get("/users/me/").status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "bearer x y", "Token x"]
)
def test_bad_authorization_is_401_even_where_signing_in_is_optional(cast, anonymous, header):
    for path in ("/users/me/", f"/profiles/{cast.ada.id}/"):
        assert anonymous.get(path, headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("rounds", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_r12_however_many_race_one_successor_exists(threaded_cast, rounds):
    """Eight threads present one token at once: all get the same successor, and one row is spent."""
    client = ApiClient()
    token = client.post("/auth/login/", {"identifier": "ada", "password": PASSWORD}).json()["refresh"]
    for _round in range(rounds):
        answers: list[str] = []
        barrier = threading.Barrier(8)

        def race(token=token, answers=answers, barrier=barrier):
            barrier.wait()
            answers.append(refresh(ApiClient(), token).json().get("refresh"))
            connection.close()

        threads = [threading.Thread(target=race) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 8
        assert len(set(answers)) == 1
        assert answers[0] is not None
        token = answers[0]
    assert RefreshToken.objects.filter(session__account__username="ada", used_at__isnull=True).count() == 2
