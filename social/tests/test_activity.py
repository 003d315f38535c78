"""`last_activity_at`: written at most once a minute an account, with Redis and without."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from project.kernel.clock import now
from project.kernel.redis import get_redis
from social import activity
from social.activity import note_activity
from social.models import Account


def seen(member):
    return Account.objects.values_list("last_activity_at", flat=True).get(pk=member.id)


def writes(act):
    with CaptureQueriesContext(connection) as queries:
        act()
    return [q["sql"] for q in queries.captured_queries if q["sql"].startswith('UPDATE "social_account"')]


@pytest.fixture
def another_process():
    """As seen from a process that has noted nothing yet."""
    activity._noted.clear()
    return activity._noted.clear


def test_requests_within_a_minute_write_once(cast):
    start = now() + timedelta(minutes=2)
    with time_machine.travel(start, tick=False) as clock:
        cast.ada.api.get("/block/")
        assert seen(cast.ada) == start
        clock.shift(59)
        assert writes(lambda: [cast.ada.api.get("/block/") for _ in range(3)]) == []
        assert seen(cast.ada) == start
    get_redis().flushdb()  # Redis keeps its own time
    with time_machine.travel(start + timedelta(seconds=61), tick=False):
        assert len(writes(lambda: cast.ada.api.get("/block/"))) == 1
        assert seen(cast.ada) == start + timedelta(seconds=61)


def test_another_process_asks_redis_and_writes_nothing(cast, another_process):
    note_activity(cast.ada.id)
    another_process()
    assert writes(lambda: note_activity(cast.ada.id)) == []


def test_an_emptied_redis_costs_a_statement_and_changes_nothing(cast, another_process):
    before = seen(cast.ada)
    assert before is not None
    note_activity(cast.ada.id)
    another_process()
    get_redis().flushdb()
    note_activity(cast.ada.id)
    assert seen(cast.ada) == before


def test_without_redis_the_database_decides(cast, another_process, settings):
    Account.objects.filter(pk=cast.ada.id).update(last_activity_at=now() - timedelta(minutes=2))
    old = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    get_redis.cache_clear()
    try:
        note_activity(cast.ada.id)
    finally:
        settings.REDIS_URL = old
        get_redis.cache_clear()
    assert now() - seen(cast.ada) < timedelta(minutes=1)


def test_logging_in_and_refreshing_write_once_a_minute_too(cast, anonymous):
    start = now() + timedelta(minutes=2)
    credentials = {"identifier": "ada", "password": "correct horse battery"}
    with time_machine.travel(start, tick=False) as clock:
        tokens = anonymous.post("/auth/login/", credentials).json()
        clock.shift(30)
        tokens = anonymous.post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).json()
        assert seen(cast.ada) == start
        clock.shift(60)
        assert anonymous.post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 200
        assert seen(cast.ada) == start + timedelta(seconds=90)


def test_a_forged_token_is_no_activity(cast, anonymous):
    before = seen(cast.ada)
    header = {"Authorization": f"Bearer {cast.ada.api.access}x"}
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert anonymous.get("/block/", headers=header).status_code == 401
    assert seen(cast.ada) == before
