"""Changing and recovering passwords (R12, R14)."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.core import mail
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from project.kernel.clock import now
from project.kernel.redis import get_redis
from project.testing.cast import PASSWORD
from project.testing.client import ApiClient
from social.models import Account, AccountState, OneTimeToken, RefreshToken, Session, TokenPurpose
from social.services import one_time_tokens

FRESH = "another fine phrase"


def committed(act):
    """Runs what waits for the commit, as outside of a test's transaction."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return act()


def log_in(password, identifier="ada"):
    return ApiClient().post("/auth/login/", {"identifier": identifier, "password": password})


def recover(email="ada@example.org"):
    """Ask for a token; returns it as mailed, None where no mail came."""
    before = len(mail.outbox)
    answer = committed(lambda: ApiClient().post("/auth/token/recovery/", {"email": email}))
    assert (answer.status_code, answer.content) == (202, b"")
    sent = mail.outbox[before:]
    return token_in(sent[0]) if sent else None


def token_in(message, pattern=r"^([\w-]{40,})$"):
    found = re.search(pattern, str(message.body), re.M)
    assert found is not None
    return found[1]


def reset(token, password=FRESH, headers=None, **body):
    body = {
        "new_password": password,
        "new_password2": password,
        **({"token": token} if token else {}),
        **body,
    }
    return committed(lambda: ApiClient().post("/auth/password/reset/", body, headers=headers or {}))


def change(member, old=PASSWORD, new=FRESH, **more):
    body = {"old_password": old, "new_password": new, "new_password2": more.pop("again", new)}
    return committed(lambda: member.api.post("/auth/password/change/", body, **more))


# ---- change


def test_a_changed_password_logs_in_and_the_old_one_does_not(cast):
    assert change(cast.ada).status_code == 204
    assert log_in(PASSWORD).status_code == 401
    assert log_in(FRESH).status_code == 200


def test_r12_a_change_of_password_ends_every_device_at_once_this_one_too(cast):
    tokens = log_in(PASSWORD).json()
    other = {"Authorization": f"Bearer {tokens['access']}"}
    assert ApiClient().get("/users/me/", headers=other).status_code == 200
    change(cast.ada)
    assert cast.ada.api.get("/users/me/").status_code == 401
    assert ApiClient().get("/users/me/", headers=other).status_code == 401
    assert ApiClient().post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 401
    assert cast.bob.api.get("/users/me/").status_code == 200


def test_the_owner_is_told_of_the_change_by_mail(cast):
    change(cast.ada)
    assert [(m.to, m.subject) for m in mail.outbox] == [(["ada@example.org"], "Your password was changed")]


def test_a_wrong_old_password_is_403_and_changes_nothing(cast):
    answer = change(cast.ada, old="wrong password")
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong-password")
    assert cast.ada.api.get("/users/me/").status_code == 200
    assert log_in(PASSWORD).status_code == 200


def test_r11_wrong_old_passwords_and_failed_log_ins_are_one_budget(cast, settings):
    settings.AXES_FAILURE_LIMIT = 4
    for _ in range(2):
        assert change(cast.ada, old="wrong password").status_code == 403
        log_in("wrong password", "ADA@example.org")
    answer = change(cast.ada)
    assert (answer.status_code, answer.json()["code"]) == (429, "locked-out")
    assert 0 < int(answer["Retry-After"]) <= settings.AXES_COOLOFF_TIME.total_seconds()
    assert log_in(PASSWORD).status_code == 429
    assert change(cast.bob).status_code == 204


@pytest.mark.parametrize("new", ["short", "12345678901", "password123", "ada@example.org"])
def test_a_weak_new_password_is_refused_and_nobody_is_logged_out(cast, new):
    answer = change(cast.ada, new=new)
    assert answer.status_code == 422
    assert "/new_password" in {e["pointer"] for e in answer.json()["errors"]}
    assert cast.ada.api.get("/users/me/").status_code == 200


def test_the_new_password_must_be_given_twice_alike(cast):
    assert change(cast.ada, again="something else").status_code == 422
    assert log_in(PASSWORD).status_code == 200


def test_links_that_rest_on_the_old_password_die_with_it(cast):
    for purpose in TokenPurpose:
        one_time_tokens.issue(account_id=cast.ada.id, purpose=purpose, lifetime=timedelta(hours=1))
    change(cast.ada)
    left = OneTimeToken.objects.filter(account_id=cast.ada.id, used_at=None).values_list("purpose", flat=True)
    assert list(left) == [TokenPurpose.EMAIL_VERIFY]


def test_r12_a_log_in_that_races_a_change_of_password_leaves_no_session(threaded_cast):
    """Log-ins with the old password start while it is being changed; whoever got in before is put out, nobody gets in
    after."""
    old = PASSWORD
    for turn in range(4):
        new = f"the phrase of turn {turn}"
        member = threaded_cast.ada
        member.api.access = log_in(old).json()["access"]
        barrier = threading.Barrier(5)
        answers: list[Any] = []

        def enter(barrier=barrier, answers=answers, old=old):
            barrier.wait()
            answers.append(log_in(old))
            connection.close()

        threads = [threading.Thread(target=enter) for _ in range(4)]
        for thread in threads:
            thread.start()
        barrier.wait()
        body = {"old_password": old, "new_password": new, "new_password2": new}
        assert member.api.post("/auth/password/change/", body).status_code == 204
        for thread in threads:
            thread.join()
        assert not Session.objects.filter(account_id=member.id, revoked_at=None).exists()
        for tokens in [a.json() for a in answers if a.status_code == 200]:
            headers = {"Authorization": f"Bearer {tokens['access']}"}
            assert ApiClient().get("/users/me/", headers=headers).status_code == 401
            again = ApiClient().post("/auth/token/refresh/", {"refresh": tokens["refresh"]})
            assert again.status_code == 401
        old = new


# ---- recovery


@pytest.mark.parametrize("by", ["body", "bearer"])
def test_r14_a_mailed_token_sets_a_new_password_and_every_device_is_out(cast, by):
    tokens = log_in(PASSWORD).json()
    token = recover("ADA@example.org")
    answer = reset(token) if by == "body" else reset(None, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 204
    assert cast.ada.api.get("/users/me/").status_code == 401
    assert ApiClient().post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 401
    assert (log_in(PASSWORD).status_code, log_in(FRESH).status_code) == (401, 200)
    assert Account.objects.get(pk=cast.ada.id).email_verified_at is not None


def test_r14_nothing_is_revoked_until_the_reset_succeeds(cast):
    tokens = log_in(PASSWORD).json()
    token = recover()
    assert reset(token, "password123").status_code == 422
    assert reset(token, new_password2="differs from it").status_code == 422
    assert cast.ada.api.get("/users/me/").status_code == 200
    assert log_in(PASSWORD).status_code == 200
    assert ApiClient().post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 200
    assert reset(token).status_code == 204, "a refused password does not use the token up"


def test_r14_an_unknown_address_gets_the_same_answer_and_no_mail(cast):
    assert recover("nobody@example.org") is None
    Account.objects.filter(pk=cast.bob.id).update(state=AccountState.SUSPENDED)
    assert recover("bob@example.org") is None
    assert not mail.outbox


def test_r14_the_token_works_once(cast):
    token = recover()
    assert reset(token).status_code == 204
    answer = reset(token, "yet another phrase")
    assert (answer.status_code, answer.json()["code"]) == (410, "link-expired")
    assert log_in(FRESH).status_code == 200


def test_r14_the_other_recovery_tokens_are_void_after_a_reset_and_not_before(cast):
    first, second = recover(), recover()
    assert reset(first).status_code == 204, "asking again takes nothing away"
    assert reset(second, "yet another phrase").status_code == 410


def test_r14_the_token_ends_with_its_time(cast, settings):
    settings.PASSWORD_RECOVERY_LIFETIME = timedelta(minutes=30)
    token = recover()
    assert "30 minutes" in str(mail.outbox[0].body)
    OneTimeToken.objects.update(expires_at=now())
    assert reset(token).status_code == 410


def test_r14_the_token_can_do_nothing_but_reset(cast):
    token = recover()
    headers = {"Authorization": f"Bearer {token}"}
    for method, path in (("GET", "/users/me/"), ("GET", "/auth/sessions/"), ("POST", "/auth/logout-all/")):
        assert ApiClient().call(method, path, headers=headers).status_code == 401
    assert ApiClient().post("/auth/token/refresh/", {"refresh": token}).status_code == 401
    assert ApiClient().post("/auth/token/verify/", {"token": token}).status_code == 401


def test_r14_no_other_token_resets(cast):
    tokens = log_in(PASSWORD).json()
    deletion = one_time_tokens.issue(
        account_id=cast.ada.id, purpose=TokenPurpose.ACCOUNT_DELETION, lifetime=timedelta(hours=1)
    )
    for token in ("x", tokens["access"], tokens["refresh"], deletion):
        answer = reset(token)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")
    assert reset(None).status_code == 401
    assert log_in(PASSWORD).status_code == 200


def test_a_token_mailed_to_a_former_address_proves_nothing(cast):
    token = recover()
    Account.objects.filter(pk=cast.ada.id).update(email="new@example.org")
    assert reset(token).status_code == 410
    assert log_in(PASSWORD).status_code == 200


def test_r14_of_two_resets_at_once_one_succeeds(threaded_cast):
    mail.outbox.clear()
    ApiClient().post("/auth/token/recovery/", {"email": "ada@example.org"})
    token = token_in(mail.outbox[0])
    barrier, answers = threading.Barrier(4), []

    def race(n):
        barrier.wait()
        body = {"token": token, "new_password": f"phrase number {n}", "new_password2": f"phrase number {n}"}
        answers.append((ApiClient().post("/auth/password/reset/", body).status_code, f"phrase number {n}"))
        connection.close()

    threads = [threading.Thread(target=race, args=[n]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [204, 410, 410, 410]
    winner = next(password for status, password in answers if status == 204)
    assert log_in(winner).status_code == 200


def test_a_reset_ends_a_lockout(cast, settings):
    settings.AXES_FAILURE_LIMIT = 2
    for _ in range(2):
        log_in("wrong password")
    assert log_in(PASSWORD).status_code == 429
    reset(recover())
    assert log_in(FRESH).status_code == 200


def test_a_deactivated_account_can_recover_its_password_but_stays_away(cast):
    Account.objects.filter(pk=cast.ada.id).update(state=AccountState.DEACTIVATED)
    assert reset(recover()).status_code == 204
    assert log_in(FRESH).status_code == 401
    assert Account.objects.get(pk=cast.ada.id).state == AccountState.DEACTIVATED


def test_the_mail_links_to_the_clients_page_where_one_is_set(cast, settings):
    settings.PASSWORD_RESET_URL = "https://app.example/reset#token={token}"
    committed(lambda: ApiClient().post("/auth/token/recovery/", {"email": "ada@example.org"}))
    message: Any = mail.outbox[0]
    token = token_in(message, r"^https://app\.example/reset#token=([\w-]{40,})$")
    assert f'href="https://app.example/reset#token={token}"' in message.alternatives[0][0]
    assert reset(token).status_code == 204


def test_a_few_recovery_mails_an_hour_go_to_an_account_and_the_answer_does_not_say_so(cast, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "recovery-mail": (2, 3600, 2)}
    settings.RATE_LIMIT_FACTOR = 1
    assert [recover() is not None for _ in range(4)] == [True, True, False, False]


@pytest.fixture
def broker():
    """Tasks go to the real broker, and wait there. Returns how many do."""
    current_app.conf.task_always_eager = False

    def waiting():
        queues = [name for name in get_redis().scan_iter("*celery") if b"binding" not in name]
        return sum(get_redis().llen(name) for name in queues)

    yield waiting
    current_app.conf.task_always_eager = True


def test_r14_the_request_does_the_same_work_whether_or_not_the_address_exists(cast, broker):
    """It hands the address to a worker: no query, one message on the broker, either way."""
    ApiClient().post("/auth/token/recovery/", {"email": "warm-up@example.org"})
    for sent, email in enumerate(("ada@example.org", "nobody@example.org"), start=2):
        with CaptureQueriesContext(connection) as queries:
            answer = ApiClient().post("/auth/token/recovery/", {"email": email})
        assert (answer.status_code, answer.content) == (202, b"")
        assert len(queries) == 0
        assert broker() == sent
    assert not mail.outbox


# ---- who cannot refresh


@pytest.mark.parametrize("state", [s for s in AccountState if s != AccountState.ACTIVE])
def test_r12_accounts_that_are_gone_cannot_refresh(cast, state):
    tokens = log_in(PASSWORD).json()
    Account.objects.filter(pk=cast.ada.id).update(state=state)
    assert ApiClient().post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 401
    assert RefreshToken.objects.filter(session__account_id=cast.ada.id, used_at__isnull=False).count() == 0


def test_r12_accounts_deactivated_or_deleted_over_the_api_cannot_refresh(cast):
    tokens = log_in(PASSWORD).json()
    assert committed(lambda: cast.ada.api.post("/deactivate-account/")).status_code in (200, 204)
    assert ApiClient().post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 401
    assert cast.ada.api.get("/users/me/").status_code == 401
    tokens = log_in(PASSWORD, "bob").json()
    gone = committed(lambda: cast.bob.api.delete(f"/users/{cast.bob.id}/", {"password": PASSWORD}))
    assert gone.status_code in (200, 202, 204)
    assert ApiClient().post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 401
    assert cast.bob.api.get("/users/me/").status_code == 401
