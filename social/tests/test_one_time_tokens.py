"""One-time tokens: opaque, single-use, bound to one purpose."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from project.kernel.clock import now
from project.kernel.errors import NotFound
from social.errors import LinkExpired
from social.models import OneTimeToken, TokenPurpose
from social.services import one_time_tokens

DAY = timedelta(hours=24)
VERIFY, RECOVERY = TokenPurpose.EMAIL_VERIFY, TokenPurpose.PASSWORD_RECOVERY


def issue(cast, purpose=VERIFY, lifetime=DAY, **payload):
    return one_time_tokens.issue(account_id=cast.ada.id, purpose=purpose, lifetime=lifetime, payload=payload)


def test_a_token_says_what_its_issuer_put_there_and_works_once(cast):
    token = issue(cast, email="new@example.org")
    assert len(token) == 43
    assert one_time_tokens.peek(token, VERIFY).payload == {"email": "new@example.org"}
    grant = one_time_tokens.spend(token, VERIFY)
    assert (grant.account_id, grant.payload) == (cast.ada.id, {"email": "new@example.org"})
    for again in (one_time_tokens.peek, one_time_tokens.spend):
        with pytest.raises(LinkExpired):
            again(token, VERIFY)


def test_the_database_does_not_hold_the_token(cast):
    token = issue(cast)
    row = OneTimeToken.objects.filter(account_id=cast.ada.id).latest("id")
    assert token.encode() not in bytes(row.digest)
    assert len(bytes(row.digest)) == 32


def test_a_token_does_only_what_it_was_issued_for(cast):
    token = issue(cast, RECOVERY)
    with pytest.raises(NotFound):
        one_time_tokens.spend(token, VERIFY)
    assert one_time_tokens.spend(token, RECOVERY).account_id == cast.ada.id


def test_unknown_tokens_are_not_found_and_late_ones_expired(cast):
    for forged in ("", "x", "A" * 43, "\ud800"):
        with pytest.raises(NotFound):
            one_time_tokens.spend(forged, VERIFY)
    token = issue(cast, lifetime=timedelta(0))
    with pytest.raises(LinkExpired):
        one_time_tokens.spend(token, VERIFY)


def test_a_newer_token_voids_the_older_of_its_purpose_alone(cast):
    older, other = issue(cast, n=1), issue(cast, RECOVERY)
    newer = issue(cast, n=2)
    with pytest.raises(LinkExpired):
        one_time_tokens.spend(older, VERIFY)
    assert one_time_tokens.pending(cast.ada.id, VERIFY) == {"n": 2}
    assert one_time_tokens.spend(newer, VERIFY).payload == {"n": 2}
    assert one_time_tokens.pending(cast.ada.id, VERIFY) is None
    one_time_tokens.spend(other, RECOVERY)


def test_all_tokens_of_an_account_can_be_voided_and_nobody_elses(cast):
    tokens = [issue(cast, purpose) for purpose in (VERIFY, RECOVERY)]
    bobs = one_time_tokens.issue(account_id=cast.bob.id, purpose=RECOVERY, lifetime=DAY)
    assert one_time_tokens.void(cast.ada.id) == 2
    for token, purpose in zip(tokens, (VERIFY, RECOVERY), strict=True):
        with pytest.raises(LinkExpired):
            one_time_tokens.spend(token, purpose)
    one_time_tokens.spend(bobs, RECOVERY)


def test_a_token_spent_in_a_transaction_that_fails_is_still_good(cast):
    token = issue(cast)
    with transaction.atomic():
        one_time_tokens.spend(token, VERIFY)
        transaction.set_rollback(True)
    one_time_tokens.spend(token, VERIFY)


def test_tokens_are_forgotten_a_month_after_their_end(cast):
    token = issue(cast)
    rows = OneTimeToken.objects.filter(account_id=cast.ada.id)
    rows.update(expires_at=now() - timedelta(days=29))
    assert one_time_tokens.forget_expired() == 0
    rows.update(expires_at=now() - timedelta(days=31))
    assert one_time_tokens.forget_expired() >= 1
    with pytest.raises(NotFound):
        one_time_tokens.spend(token, VERIFY)


def race(act, times):
    barrier = threading.Barrier(times)
    outcomes = []

    def run():
        barrier.wait()
        try:
            outcomes.append(act())
        except LinkExpired:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_however_many_spend_a_token_at_once_one_succeeds(threaded_cast):
    for _round in range(5):
        token = issue(threaded_cast)
        outcomes = race(lambda token=token: one_time_tokens.spend(token, VERIFY), 8)
        assert len(outcomes) == 8
        assert sum(outcome is not None for outcome in outcomes) == 1


def test_however_many_are_issued_at_once_one_stays_open(threaded_cast):
    race(lambda: issue(threaded_cast), 8)
    open_ = OneTimeToken.objects.filter(account_id=threaded_cast.ada.id, purpose=VERIFY, used_at=None)
    assert open_.count() == 1
