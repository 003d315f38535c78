"""R03, R81: what a graph in trouble looks like from above, and that our own mistakes are not mistaken for
it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from neo4j import exceptions as failures

from graph import driver, writes
from graph.errors import GraphUnavailable
from graph.queries.relations import load_relations
from graph.tests.people import ADA, BOB, edges, race

pytestmark = pytest.mark.usefixtures("graph")

# A plan that takes far longer than any time-out here and stores nothing.
ENDLESS = "UNWIND range(1, 100000) AS x UNWIND range(1, 100000) AS y RETURN count(x + y)"


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


@contextmanager
def another_server(settings, url: str) -> Iterator[None]:
    """Point the app elsewhere, and clean up after."""
    settings.NEO4J_URL = url
    try:
        yield
    finally:
        driver.close()


def test_a_dead_port_is_unavailable_at_once_for_reads_and_writes(settings):
    """R03."""
    with another_server(settings, "bolt://127.0.0.1:1"), at_most(1):
        with pytest.raises(GraphUnavailable) as caught:
            load_relations(1, [2])
        with pytest.raises(GraphUnavailable):
            writes.follow(ADA, BOB, request_id=1)
        with pytest.raises(GraphUnavailable):
            driver.ping()
        with pytest.raises(GraphUnavailable):
            driver.server_version()
    assert (caught.value.status, caught.value.code) == (503, "graph-unavailable")
    assert caught.value.retry_after
    assert isinstance(caught.value.__cause__, failures.ServiceUnavailable)


def test_a_host_without_an_address_is_unavailable(settings):
    """As in compose, when the graph's container is down and its name is gone."""
    with another_server(settings, "bolt://no-such-host.invalid:7687"), pytest.raises(GraphUnavailable):
        driver.read("RETURN 1")


def test_a_server_that_accepts_and_says_nothing_is_unavailable_within_the_time(settings):
    settings.GRAPH_TIMEOUT = 0.5
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with (
            another_server(settings, f"bolt://127.0.0.1:{port}"),
            at_most(5),
            pytest.raises(GraphUnavailable),
        ):
            driver.read("RETURN 1")


def test_something_else_behind_the_port_is_unavailable(settings):
    """Some other service, or a proxy that answers for a server that is away."""

    def answer(listening: socket.socket) -> None:
        for _ in range(2):
            connection, _ = listening.accept()
            with connection:
                connection.recv(64)
                connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

    def ask() -> None:
        with pytest.raises(GraphUnavailable):
            driver.read("RETURN 1")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        with another_server(settings, f"bolt://127.0.0.1:{listening.getsockname()[1]}"):
            race(ask, lambda: answer(listening))


def test_a_statement_that_takes_too_long_is_ended_and_unavailable():
    with at_most(5), pytest.raises(GraphUnavailable):
        driver.read(ENDLESS, seconds=0.3)
    assert driver.read("RETURN 1") == [[1]]


def test_a_write_that_waits_too_long_for_a_lock_is_not_applied_later():
    """R81: a 503 is never half applied, and nothing of it comes after its time."""
    writes.upsert_account(ADA)
    with driver.get_driver().session() as session, session.begin_transaction() as holder:
        holder.run("MATCH (n:Account {account_id: 1}) SET n.account_id = 1").consume()
        with at_most(5), pytest.raises(GraphUnavailable):
            driver.write(
                "MATCH (n:Account {account_id: 1}) SET n.account_id = 1, n.full_name = 'late'", seconds=0.3
            )
        holder.commit()
    time.sleep(0.5)
    assert driver.read("MATCH (n:Account {account_id: 1}) RETURN n.full_name") == [[ADA.full_name]]


def test_a_deadlock_is_solved_by_running_the_loser_again():
    """The server rolls one of the two back; callers see neither."""
    writes.upsert_account(ADA)
    writes.upsert_account(BOB)
    lock_both = """
    MATCH (first:Account {account_id: $first}) SET first.account_id = first.account_id
    WITH first UNWIND range(1, 200000) AS x
    WITH first, count(x) AS pause
    MATCH (second:Account {account_id: $second}) SET second.account_id = second.account_id
    RETURN 1
    """
    for _ in range(3):
        answers = race(
            lambda: driver.write(lock_both, first=1, second=2),
            lambda: driver.write(lock_both, first=2, second=1),
        )
        assert answers == [[[1]], [[1]]]


def test_mistakes_in_a_statement_are_not_taken_for_an_outage():
    with pytest.raises(failures.CypherSyntaxError):
        driver.read("RETRUN 1")
    with pytest.raises(failures.ClientError):
        driver.read("RETURN $missing")
    with pytest.raises(failures.ConstraintError):
        driver.write("CREATE (:Account {account_id: 1}), (:Account {account_id: 1})")


@pytest.mark.parametrize(
    ("code", "unavailable"),
    [
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", True),
        ("Neo.TransientError.Transaction.DeadlockDetected", True),
        ("Neo.TransientError.General.DatabaseUnavailable", True),
        ("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", True),
        ("Neo.ClientError.Security.Unauthorized", True),
        ("Neo.DatabaseError.General.UnknownError", True),
        ("Neo.ClientError.Statement.SyntaxError", False),
        ("Neo.ClientError.Statement.ArgumentError", False),
        ("Neo.ClientError.Schema.ConstraintValidationFailed", False),
    ],
)
def test_the_servers_codes_tell_an_outage_from_a_mistake(code, unavailable):
    error = failures.Neo4jError._basic_hydrate(neo4j_code=code, message="")
    assert isinstance(driver.translate(error), GraphUnavailable) is unavailable


def test_a_forked_process_opens_a_connection_of_its_own():
    """Celery and granian fork after the app has been loaded, and perhaps used."""
    driver.ping()
    child = os.fork()
    if child == 0:
        try:
            writes.follow(ADA, BOB, request_id=1)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert edges(1, 2) == ["FOLLOWS"]


@pytest.mark.skipif("TEST_NEO4J_PASSWORD" not in os.environ, reason="this run's graph asks for no password")
def test_without_the_password_the_graph_lets_nobody_in(settings):
    """A run with a password proves something only if the server insists on it."""
    parts = urlsplit(settings.NEO4J_URL)
    assert parts.username
    for credentials in ("", "neo4j:wrong-password@"):
        url = parts._replace(netloc=f"{credentials}{parts.hostname}:{parts.port}").geturl()
        with another_server(settings, url), pytest.raises(GraphUnavailable) as caught:
            driver.read("RETURN 1")
        assert isinstance(caught.value.__cause__, failures.AuthError)


def test_the_server_says_who_it_is():
    assert driver.server_version().startswith("Neo4j/")
    assert 0 < driver.ping() < 1
