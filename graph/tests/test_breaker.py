"""R03: a graph that hangs costs a few callers their time, and then nobody; once it answers, everybody is served."""

from __future__ import annotations

import threading
import time

import pytest
from neo4j import exceptions as failures

from graph import breaker as breakers
from graph import driver, writes
from graph.breaker import FAILURES_TO_OPEN, OPEN_SECONDS, Breaker
from graph.errors import GraphNotAsked, GraphUnavailable
from graph.tests.people import ADA, BOB, edges, race
from graph.tests.proxy import proxied


def never() -> None:
    raise AssertionError("looked")


def in_vain() -> None:
    raise GraphUnavailable


@pytest.fixture
def clock(monkeypatch):
    """The breaker's time, put forward by hand."""

    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    made = Clock()
    monkeypatch.setattr(breakers, "time", made)
    return made


@pytest.fixture
def opened(clock) -> Breaker:
    breaker = Breaker()
    assert [breaker.failed(clock.now) for _ in range(FAILURES_TO_OPEN)] == [False] * (
        FAILURES_TO_OPEN - 1
    ) + [True]
    return breaker


def test_it_stays_closed_while_failures_come_singly(clock):
    breaker = Breaker()
    for _ in range(20):
        for _ in range(FAILURES_TO_OPEN - 1):
            breaker.failed(clock.now)
        breaker.succeeded()
    assert breaker.admits(never)


def test_open_it_refuses_without_looking(opened, clock):
    assert not opened.admits(never)
    clock.now += OPEN_SECONDS - 0.01
    assert not opened.admits(never)


def test_after_its_time_one_looks_and_an_answer_closes_it(opened, clock):
    clock.now += OPEN_SECONDS
    looked = []
    assert opened.admits(lambda: looked.append(1))
    assert looked == [1]
    assert opened.admits(never)


def test_while_one_looks_the_others_are_refused(opened, clock):
    clock.now += OPEN_SECONDS
    others = []
    assert opened.admits(lambda: others.append(opened.admits(never)))
    assert others == [False]


def test_a_look_in_vain_keeps_it_open_for_as_long_again(opened, clock):
    clock.now += OPEN_SECONDS
    assert not opened.admits(in_vain)
    clock.now += OPEN_SECONDS - 0.01
    assert not opened.admits(never)
    clock.now += 0.01
    assert opened.admits(lambda: None)


def test_a_look_that_is_interrupted_leaves_it_to_the_next(opened, clock):
    clock.now += OPEN_SECONDS

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        opened.admits(interrupted)
    clock.now += OPEN_SECONDS
    assert opened.admits(lambda: None)


def test_after_a_look_the_first_failure_opens_it_again(opened, clock):
    """A server may take connections and still answer no statement."""
    clock.now += OPEN_SECONDS
    assert opened.admits(lambda: None)
    assert opened.failed(clock.now)
    assert not opened.admits(never)


def test_an_answer_to_whoever_still_waited_closes_it(opened):
    opened.succeeded()
    assert opened.admits(never)


def test_stragglers_of_an_outage_that_is_over_do_not_open_it_again(opened, clock):
    began = clock.now
    clock.now += 1
    opened.succeeded()
    assert not any(opened.failed(began) for _ in range(10))
    assert opened.admits(never)


@pytest.mark.parametrize(
    ("code", "opens"),
    [
        ("Neo.TransientError.Transaction.DeadlockDetected", False),
        ("Neo.ClientError.Statement.SyntaxError", False),
        ("Neo.ClientError.Schema.ConstraintValidationFailed", False),
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", True),
        ("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", True),
        ("Neo.ClientError.Security.Unauthorized", True),
    ],
)
def test_only_a_graph_that_cannot_answer_opens_it(code, opens, clock):
    breaker = Breaker()
    error = failures.Neo4jError._basic_hydrate(neo4j_code=code, message="")
    for _ in range(10):
        driver._tell(breaker, error, clock.now)
    assert breaker.admits(never) is not opens


def test_a_mistake_of_ours_says_nothing_about_the_graph(opened, clock):
    driver._tell(opened, TypeError("no such type in Cypher"), clock.now)
    assert not opened.admits(never)


@pytest.mark.usefixtures("graph")
def test_r03_a_dead_graph_is_not_asked_again_and_again(settings):
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    with pytest.raises(GraphUnavailable) as first:
        writes.follow(ADA, BOB, request_id=1)
    # This one was sent somewhere: in doubt. So are the next, until it opens.
    assert not isinstance(first.value, GraphNotAsked)
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(GraphUnavailable):
            driver.read("RETURN 1")
    started = time.monotonic()
    for _ in range(1000):
        with pytest.raises(GraphNotAsked) as refused:
            writes.follow(ADA, BOB, request_id=1)
    assert time.monotonic() - started < 1
    assert (refused.value.status, refused.value.code) == (503, "graph-unavailable")
    assert (refused.value.retry_after or 0) >= OPEN_SECONDS


@pytest.mark.usefixtures("graph")
def test_r03_another_address_is_another_breaker(settings):
    real = settings.NEO4J_URL
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(GraphUnavailable):
            driver.read("RETURN 1")
    settings.NEO4J_URL = real
    assert driver.read("RETURN 1") == [[1]]


@pytest.mark.slow
@pytest.mark.usefixtures("graph")
def test_r03_a_graph_that_falls_silent_holds_a_few_callers_once_and_then_nobody(settings):
    """Four threads ask without pause while it is silent for many times what one call may take."""
    with proxied(settings.NEO4J_URL) as proxy:
        settings.NEO4J_URL = proxy.url
        settings.GRAPH_TIMEOUT = 2.0
        try:
            race(*[lambda: driver.read("RETURN 1")] * 4)
            proxy.passing.clear()
            before, until = proxy.accepted, time.monotonic() + 14
            waits: list[float] = []

            def ask_on() -> None:
                while (started := time.monotonic()) < until:
                    with pytest.raises(GraphUnavailable):
                        driver.write("MERGE (n:Account {account_id: 1}) RETURN 1")
                    waits.append(time.monotonic() - started)
                    time.sleep(0.01)

            race(*[ask_on] * 4)
            held = sorted(wait for wait in waits if wait > 0.1)
            # The four that were there when it fell silent, and then one look at a time, each within its time.
            assert len(waits) > 500
            assert max(held) < 7
            assert len([wait for wait in held if wait > 3]) <= 4
            assert len(held) <= 4 + 14 / OPEN_SECONDS
            assert proxy.accepted - before <= 4 + 14 / OPEN_SECONDS
            proxy.passing.set()
            answered = threading.Event()
            started = time.monotonic()
            while not answered.is_set() and time.monotonic() - started < 10:
                try:
                    assert writes.follow(ADA, BOB, request_id=1).outcome == "following"
                    answered.set()
                except GraphNotAsked:
                    time.sleep(0.01)
            assert time.monotonic() - started < OPEN_SECONDS + 2.5
            assert edges(1, 2) == ["FOLLOWS"]
        finally:
            driver.close()
