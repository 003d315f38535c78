"""Idempotency keys (R82)."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.test import RequestFactory

from project.kernel.clock import now
from project.kernel.errors import Conflict
from project.kernel.idempotency import Claim, Done, IdempotencyKeyReused, StillRunning, once
from project.kernel.models import IdempotencyKey
from project.kernel.tasks import expire_idempotency_keys


def request(key="k", path="/x/"):
    return RequestFactory().post(path, HTTP_IDEMPOTENCY_KEY=key)


def run(calls, key="k", body="{}", account_id=1, status=201, operation="posts_create", path="/x/"):
    def act():
        calls.append(1)
        return Done(status, len(calls))

    return once(
        request(key, path),
        account_id=account_id,
        operation=operation,
        body=body,
        act=act,
        render=lambda r: r * 10,
    )


def test_r82_the_same_key_and_body_act_once_and_answer_alike(db):
    calls: list[int] = []
    first, again = run(calls), run(calls)
    assert calls == [1]
    assert (first.status_code, first.value) == (again.status_code, again.value) == (201, 10)


def test_r82_keys_are_scoped_to_account_and_operation(db):
    calls: list[int] = []
    run(calls)
    run(calls, account_id=2)
    run(calls, operation="comments_create")
    assert len(calls) == 3


@pytest.mark.parametrize("change", [{"body": '{"a": 1}'}, {"path": "/y/"}])
def test_r82_another_body_or_path_is_422(db, change):
    calls: list[int] = []
    run(calls)
    with pytest.raises(IdempotencyKeyReused):
        run(calls, **change)


def test_r82_a_failed_call_leaves_no_key(db):
    def fail():
        raise Conflict

    with pytest.raises(Conflict):
        once(request(), account_id=1, operation="o", body="", act=fail, render=lambda r: r)
    assert not IdempotencyKey.objects.exists()


def test_r82_a_call_under_way_is_409(transactional_db):
    seen: list[type] = []

    def other():
        try:
            run([])
        except StillRunning as error:
            seen.append(type(error))
        finally:
            connection.close()

    def act():
        thread = Thread(target=other)
        thread.start()
        thread.join()
        return Done(201, 1)

    once(request(), account_id=1, operation="posts_create", body="{}", act=act, render=lambda r: r)
    assert seen == [StillRunning]


def test_r82_keys_end_after_their_time(db):
    calls: list[int] = []
    run(calls)
    IdempotencyKey.objects.update(created_at=now() - timedelta(hours=25))
    run(calls)
    assert len(calls) == 2
    IdempotencyKey.objects.update(created_at=now() - timedelta(hours=25))
    assert expire_idempotency_keys() == 1


def claim():
    return Claim(request(), account_id=1, operation="follow_create")


def test_r82_a_claim_is_running_until_finished_and_then_replays(db):
    first = claim()
    assert first.replay() is None
    with transaction.atomic():
        first.start()
    with pytest.raises(StillRunning):
        claim().replay()
    first.finish(Done(201, {"state": "following"}))
    assert claim().replay() == Done(201, {"state": "following"})


def test_r82_a_stale_running_claim_is_taken_over_and_a_refused_one_forgotten(db):
    first = claim()
    with transaction.atomic():
        first.start()
    IdempotencyKey.objects.update(started_at=now() - timedelta(minutes=5))
    second = claim()
    assert second.replay() is None
    with transaction.atomic():
        second.start()
    second.abandon()
    assert claim().replay() is None
    assert not IdempotencyKey.objects.exists()
