"""R03, R81 on a Neo4j of these tests' own, with a password as in production, that is killed and frozen."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j import exceptions as failures

from graph import bulk, driver, writes
from graph.errors import GraphUnavailable
from graph.nodes import install_schema
from graph.queries.relations import load_relations
from graph.tests.people import ADA, BOB, account, edges, race
from project.embedded.neo4j import Neo4j
from project.embedded.stack import Stack

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4j]:
    folder: Path = tmp_path_factory.mktemp("faulty")
    stack = Stack(folder, postgres=False, valkey=False, durable=False, neo4j_password="p@ss/word: 1")
    with stack:
        assert stack.neo4j is not None
        yield stack.neo4j


@pytest.fixture
def faulty(engine: Neo4j, settings) -> Iterator[Neo4j]:
    """The app on that engine, with an empty graph."""
    settings.NEO4J_URL = engine.url
    # A server that has just started compiles its first statements, on a busy machine for seconds.
    settings.GRAPH_TIMEOUT = 20.0
    install_schema()
    driver.write("MATCH (n) DETACH DELETE n")
    yield engine
    driver.close()


def test_after_a_crash_and_a_restart_the_next_write_simply_works(faulty):
    """Connections from before the crash are dead; none of them is used for a write."""
    race(*[lambda: driver.ping()] * 4, *[lambda: writes.follow(ADA, BOB, request_id=1)] * 4)
    faulty.kill()
    with pytest.raises(GraphUnavailable):
        load_relations(1, [2])
    with pytest.raises(GraphUnavailable):
        writes.unfollow(1, 2)
    faulty.start()
    assert edges(1, 2) == ["FOLLOWS"]
    race(*[lambda n=n: writes.follow(account(n), BOB, request_id=n) for n in range(10, 16)])


def test_no_acknowledged_write_is_lost_in_a_crash_and_one_in_doubt_can_be_repeated(faulty):
    """R81: 503 is all or nothing, and repeating it converges."""
    acknowledged: set[int] = set()
    doubtful: set[int] = set()
    lost_the_server = []

    def follow_many(first: int) -> None:
        for id_ in range(first, first + 400):
            try:
                if writes.follow(account(id_), BOB, request_id=id_).outcome == "following":
                    acknowledged.add(id_)
            except GraphUnavailable:
                doubtful.add(id_)
                lost_the_server.append(id_)
                return

    def crash() -> None:
        time.sleep(0.4)
        faulty.kill()

    race(lambda: follow_many(1000), lambda: follow_many(2000), lambda: follow_many(3000), crash)
    assert lost_the_server, "the crash came too late to prove anything"
    faulty.start()
    stored = {id_ for id_ in bulk.all_account_ids() if "FOLLOWS" in edges(id_, 2)}
    assert acknowledged <= stored <= acknowledged | doubtful
    for id_ in doubtful:
        assert writes.follow(account(id_), BOB, request_id=id_).outcome == "following"
        assert edges(id_, 2) == ["FOLLOWS"]


def test_a_server_that_hangs_is_noticed_by_the_health_check_within_its_time(faulty):
    assert faulty.pid is not None
    driver.ping()
    os.kill(faulty.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(GraphUnavailable):
            driver.ping(seconds=0.5)
        assert time.monotonic() - started < 2
    finally:
        os.kill(faulty.pid, signal.SIGCONT)
    assert driver.ping(seconds=5) > 0


def test_without_credentials_it_lets_nobody_in(faulty, settings):
    settings.NEO4J_URL = f"bolt://127.0.0.1:{faulty.port}"
    with pytest.raises(GraphUnavailable) as caught:
        driver.read("RETURN 1")
    assert isinstance(caught.value.__cause__, failures.AuthError)


def test_wrong_credentials_are_an_outage_and_not_a_crash_of_ours(faulty, settings):
    settings.NEO4J_URL = faulty.url.replace("neo4j:", "neo4j:wrong")
    with pytest.raises(GraphUnavailable):
        driver.read("RETURN 1")
