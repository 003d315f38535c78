"""The relay: twice is once, a dead consumer delays nobody, a dead relay loses nothing (R80, R81)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from graph.errors import GraphUnavailable
from project.kernel.clock import now
from project.kernel.errors import NotFound
from project.outbox import relay
from project.outbox.emit import emit, make_due
from project.outbox.models import OutboxRow
from project.outbox.topics import Projection, Registry, Topic
from social.services.marks import relationship_write


@pytest.fixture
def consumers(monkeypatch):
    """Two consumers of one topic; `broken` fails on demand."""
    seen: dict[str, list[str]] = {"good": [], "flaky": []}
    broken: set[str] = set()

    def handler(name):
        def handle(topic, keys):
            if name in broken or broken & set(keys):
                raise RuntimeError("away")
            seen[name] += keys

        return handle

    registry = Registry()
    for name in seen:
        registry.register(Projection(name, (Topic.POST, Topic.RELATIONSHIP), handler(name)))
    monkeypatch.setattr("project.outbox.emit.registry", registry)
    monkeypatch.setattr("project.outbox.relay.registry", registry)
    return seen, broken


def test_r80_every_consumer_gets_each_key_once_and_rows_go(db, graph, consumers):
    seen, _ = consumers
    emit(Topic.POST, 1, 2)
    emit(Topic.POST, 2)
    assert relay.drain().done == 6
    assert sorted(seen["good"]) == sorted(seen["flaky"]) == ["1", "2"]
    assert not OutboxRow.objects.exists()


def test_r80_a_rolled_back_change_emits_nothing(db, graph, consumers):
    def change():
        with transaction.atomic():
            emit(Topic.POST, 1)
            raise NotFound

    with pytest.raises(NotFound):
        change()
    assert not OutboxRow.objects.exists()


def test_r80_a_dead_consumer_delays_nobody_else_and_catches_up(db, graph, consumers):
    seen, broken = consumers
    broken.add("flaky")
    emit(Topic.POST, 1, 2)
    drained = relay.drain()
    assert (drained.done, drained.failed) == (2, 2)
    assert sorted(seen["good"]) == ["1", "2"]
    row = OutboxRow.objects.get(key="1")
    assert (row.consumer, row.attempts) == ("flaky", 1)
    assert "away" in row.last_error
    assert row.due_at > now()
    broken.clear()
    OutboxRow.objects.update(due_at=now())
    assert relay.drain().done == 2
    assert sorted(seen["flaky"]) == ["1", "2"]


def test_r80_one_bad_key_does_not_hold_up_its_batch(db, graph, consumers):
    seen, broken = consumers
    broken.add("2")
    emit(Topic.POST, 1, 2, 3)
    assert relay.drain().failed == 2
    assert sorted(seen["good"]) == ["1", "3"]


def test_r80_rows_of_a_relay_that_died_fall_due_again(db, graph, consumers):
    seen, _ = consumers
    emit(Topic.POST, 1)
    OutboxRow.objects.update(due_at=now() + relay.LEASE)
    assert relay.drain().done == 0
    OutboxRow.objects.update(due_at=now() - timedelta(seconds=1))
    relay.drain()
    assert seen["good"] == ["1"]


def test_r80_a_row_that_another_relay_claims_is_skipped(transactional_db, graph, consumers):
    seen, _ = consumers
    emit(Topic.POST, 1)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; SELECT id FROM outbox_outboxrow FOR UPDATE")
            assert relay.drain().done == 0
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    relay.drain()
    assert seen["good"] == ["1"]


def test_r80_two_relays_never_work_on_one_consumer_at_once(transactional_db, graph, consumers):
    """Else the slower could write an older truth over the newer one."""
    seen, _ = consumers
    emit(Topic.POST, 1)
    started, go_on = threading.Event(), threading.Event()

    def handle(topic, keys):
        started.set()
        go_on.wait(10)

    slow = Projection("good", (Topic.POST,), handle)

    def first():
        relay._batch(slow)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert started.wait(10)
    emit(Topic.POST, 1)
    assert relay.drain(["good"]).done == 0
    go_on.set()
    thread.join()
    assert relay.drain(["good"]).done == 1
    assert seen["good"] == ["1"]


def test_r81_a_mark_falls_due_only_after_the_graph_has_answered(db, graph, consumers):
    seen, _ = consumers
    with relationship_write(1, 2):
        assert relay.drain().done == 0
    relay.drain()
    assert seen["good"] == ["1:2"]


def test_r81_a_refusal_takes_its_mark_back(db, graph, consumers):
    with pytest.raises(NotFound), relationship_write(1, 2):
        raise NotFound
    assert not OutboxRow.objects.exists()


@pytest.mark.parametrize("error", [GraphUnavailable(), RuntimeError("crash")])
def test_r81_a_write_in_doubt_keeps_its_mark_and_the_relay_looks_after_the_lease(db, graph, consumers, error):
    seen, _ = consumers
    with pytest.raises(type(error)), relationship_write(1, 2):
        raise error
    assert relay.drain().done == 0
    OutboxRow.objects.update(due_at=now())
    relay.drain()
    assert seen["good"] == ["1:2"]


def test_lag_counts_what_is_due_by_consumer(db, graph, consumers):
    ids = emit(Topic.POST, 1, due_at=now() + timedelta(hours=1))
    assert relay.lag()["good"][0] == 0
    make_due(ids)
    assert relay.lag()["good"][0] == 1
