"""Guessing passwords: one budget, one answer, one cost (R11)."""

from __future__ import annotations

import threading

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from project.testing.cast import PASSWORD
from project.testing.client import ApiClient
from social.models import Account, AccountState

WRONG = "wrong password"


def log_in(identifier="ada", password=WRONG, **extra):
    return ApiClient().post("/auth/login/", {"identifier": identifier, "password": password}, **extra)


def test_r11_a_success_starts_the_count_anew(cast, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(3):
        assert [log_in().status_code, log_in().status_code] == [401, 401]
        assert log_in(password=PASSWORD).status_code == 200


def test_r11_a_success_elsewhere_does_not(cast, settings):
    settings.AXES_FAILURE_LIMIT = 3
    log_in(), log_in()
    assert log_in(password=PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 200
    assert log_in().status_code == 429


def test_r11_the_lockout_is_the_same_for_accounts_that_do_not_exist(cast, settings):
    settings.AXES_FAILURE_LIMIT = 3
    found = {who: [log_in(who).status_code for _ in range(4)] for who in ("ada", "nobody", "n@example.org")}
    assert set(map(tuple, found.values())) == {(401, 401, 429, 429)}


def test_the_lockout_says_how_long_it_still_lasts_and_ends_then(cast, settings):
    settings.AXES_FAILURE_LIMIT = 2
    log_in(), log_in()
    whole = int(log_in()["Retry-After"])
    assert whole <= 900
    attempt = AccessAttempt.objects.get()
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - settings.AXES_COOLOFF_TIME / 3)
    assert whole - 302 <= int(log_in()["Retry-After"]) <= 600
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - settings.AXES_COOLOFF_TIME)
    assert log_in(password=PASSWORD).status_code == 200


def test_the_form_of_the_admin_counts_in_the_same_budget_whatever_the_case(cast, settings):
    settings.AXES_FAILURE_LIMIT = 4
    form = {"password": WRONG, "next": "/admin/"}
    for name in ("ada", "ADA", "Ada", "aDa"):
        ApiClient().client.post("/admin/login/", {**form, "username": name})
    assert log_in(password=PASSWORD).status_code == 429


def test_a_rotating_forwarded_address_gains_nothing(cast, settings):
    settings.AXES_FAILURE_LIMIT = 3
    statuses = [log_in(HTTP_X_FORWARDED_FOR=f"203.0.113.{n}").status_code for n in range(4)]
    assert statuses == [401, 401, 429, 429]
    settings.TRUSTED_PROXIES = 1
    AccessAttempt.objects.all().delete()
    # What stands before the entry of our own proxy was written by the client.
    chains = [f"203.0.113.{n}, 198.51.100.7" for n in range(4)]
    assert [log_in(HTTP_X_FORWARDED_FOR=c).status_code for c in chains] == [401, 401, 429, 429]


def test_r11_what_is_sent_at_once_does_not_get_past_the_limit(threaded_cast, settings):
    """The lockout counts after the fact; the rate limit under the same name is atomic."""
    settings.RATE_LIMIT_FACTOR = 1
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (10000, 1, 10000)) | {"login": (5, 3600, 5)}
    barrier, statuses = threading.Barrier(24), []

    def guess(n):
        barrier.wait()
        statuses.append(log_in(("ada", "ada@example.org", "ADA")[n % 3]).status_code)
        connection.close()

    threads = [threading.Thread(target=guess, args=[n]) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses.count(401), statuses.count(429)) == (5, 19)


@pytest.mark.parametrize("identifier", ["ada", "ada@example.org"])
def test_r11_unknown_wrong_and_gone_cost_the_same_queries_and_hashes(cast, monkeypatch, identifier):
    hashes = []
    hasher = type(next(iter(_hashers())))
    encode = hasher.encode

    def counted(*args, **options):
        hashes.append(1)
        return encode(*args, **options)

    monkeypatch.setattr(hasher, "encode", counted)
    Account.objects.filter(pk=cast.bob.id).update(state=AccountState.SUSPENDED)
    bob = identifier.replace("ada", "bob")
    log_in("warm-up")
    cost = []
    for who, password in ((identifier, WRONG), (identifier.replace("ada", "zoe"), WRONG), (bob, PASSWORD)):
        hashes.clear()
        with CaptureQueriesContext(connection) as queries:
            assert log_in(who, password).status_code == 401
        cost.append((len(queries), len(hashes)))
    assert len(set(cost)) == 1, cost
    assert cost[0][1] == 1


def _hashers():
    from django.contrib.auth.hashers import get_hashers

    return get_hashers()


def test_an_old_hash_is_made_anew_at_log_in_and_never_over_a_newer_password(cast):
    old = PBKDF2PasswordHasher().encode(PASSWORD, "some-salt-of-old-times", iterations=1000)
    Account.objects.filter(pk=cast.ada.id).update(password=old)
    with override_settings(
        PASSWORD_HASHERS=[
            "django.contrib.auth.hashers.MD5PasswordHasher",
            "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        ]
    ):
        assert log_in(password=PASSWORD).status_code == 200
        assert Account.objects.get(pk=cast.ada.id).password.startswith("md5$")
        assert log_in(password=PASSWORD).status_code == 200
