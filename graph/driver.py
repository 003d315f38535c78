"""The only door to Neo4j: one driver a process, every statement one round trip, every failure one error.

What lives here: connections, timeouts, retries, the circuit breaker (`graph.breaker`) and the mapping of driver
failures to `GraphUnavailable`. What does not: Cypher. Statements are constants beside the functions that run
them.

Statements run as auto-commit transactions: begin, run, pull and commit travel together, which halves the cost
of a write against a managed transaction. The price is that the driver does not retry by itself, so that is
done here: what the server rolled back (deadlocks above all) is run again; a read whose connection was lost is
run again once on a new one; a write whose connection was lost is in doubt and is never sent twice, because
its second answer could say "gone" of what its first run did.
"""

from __future__ import annotations

import atexit
import logging
import os
import random
import threading
import time
from typing import Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

import neo4j
from django.conf import settings
from neo4j import exceptions as failures

from graph.breaker import Breaker
from graph.errors import GraphNotAsked, GraphUnavailable

log = logging.getLogger(__name__)

Row = list[Any]

# A server that accepts connections does so in milliseconds; a black hole must not eat the whole budget of a
# call.
CONNECT_SECONDS: Final = 2.0
# Connections idle for longer are asked for a sign of life before use (one more round trip), so that after a
# restart of the server no write is sent down a dead connection, where its outcome would be in doubt.
LIVENESS_SECONDS: Final = 1.0
# How long one caller looks, now and then, whether a graph that did not answer is back.
LOOK_SECONDS: Final = 2.0
FIRST_RETRY_SECONDS: Final = 0.005
LONGEST_RETRY_SECONDS: Final = 0.2

_OUT_OF_RESOURCES: Final = ("MemoryPool", "OutOfMemory", "DatabaseUnavailable", "TransactionMemoryLimit")
_CLIENT_CODES_OF_A_SICK_SERVER: Final = (
    "Neo.ClientError.Transaction.TransactionTimedOut",
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
    "Neo.ClientError.Transaction.LockClientStopped",
    "Neo.ClientError.Transaction.TransactionNotFound",
    "Neo.ClientError.Transaction.TransactionStartFailed",
    "Neo.ClientError.Database.DatabaseNotFound",
    "Neo.ClientError.Cluster.NotALeader",
)
# The statement met a node or edge that another transaction was deleting; it was rolled back and will not meet
# it again.
_ENTITY_NOT_FOUND: Final = "Neo.ClientError.Statement.EntityNotFound"

# By process id, address and time-out.
_drivers: dict[tuple[int, str, float], neo4j.Driver] = {}
# By process id and address.
_breakers: dict[tuple[int, str], Breaker] = {}
_lock = threading.Lock()


def get_driver() -> neo4j.Driver:
    """The driver of this process for `settings.NEO4J_URL`, made at first use; makes no connection by itself.

    Drivers are kept by process id: a forked worker gets its own and leaves its parent's sockets alone."""
    key = (os.getpid(), settings.NEO4J_URL, float(settings.GRAPH_TIMEOUT))
    found = _drivers.get(key)
    if found is None:
        with _lock:
            found = _drivers.get(key) or _drivers.setdefault(key, _make_driver(*key[1:]))
    return found


def read(cypher: str, /, *, seconds: float | None = None, **params: Any) -> list[Row]:
    """Run a reading statement and return its rows, each a list of values in the order of RETURN.

    `seconds` bounds the whole call, retries included (default `settings.GRAPH_TIMEOUT`).
    Raises GraphUnavailable; errors in the statement itself come through as the driver's `ClientError`."""
    return _run(cypher, params, neo4j.READ_ACCESS, seconds)


def write(cypher: str, /, *, seconds: float | None = None, **params: Any) -> list[Row]:
    """Run a writing statement in a transaction of its own and return its rows.

    When this returns, the change is committed. When it raises GraphUnavailable, the change is in doubt:
    applied wholly or not at all, and at the latest `seconds` (default `settings.GRAPH_TIMEOUT`) after the
    call began, give or take the interval at which the server looks for overdue transactions."""
    return _run(cypher, params, neo4j.WRITE_ACCESS, seconds)


def ping(seconds: float = 1.0) -> float:
    """Connect anew, ask for nothing and hang up; returns how long it took, in seconds. Raises
    GraphUnavailable.

    A connection of its own, because only connecting can be given up within `seconds`: on an open one, a
    server that hangs is noticed after the silence it promised not to exceed
    (`server.bolt.connection_keep_alive`, twice)."""
    started = time.perf_counter()
    try:
        with _make_driver(settings.NEO4J_URL, seconds) as driver, driver.session() as session:
            session.run(neo4j.Query("RETURN 1", timeout=seconds)).consume()
    except Exception as error:
        raise translate(error) from error
    return time.perf_counter() - started


def server_version() -> str:
    """The server's product and version, like `Neo4j/2026.08.1`. Raises GraphUnavailable."""
    try:
        return str(get_driver().get_server_info().agent)
    except Exception as error:
        raise translate(error) from error


def forget_failures() -> None:
    """Ask again at once, however often the graph has failed."""
    _breakers.clear()


def close() -> None:
    """Close this process's drivers. The next statement opens a new one."""
    forget_failures()
    with _lock:
        mine = [key for key in _drivers if key[0] == os.getpid()]
        closing = [_drivers.pop(key) for key in mine]
    for driver in closing:
        driver.close()


def translate(error: Exception) -> Exception:
    """`error` as callers should see it: GraphUnavailable for a failure of the graph, anything else
    unchanged."""
    if _rolled_back(error) or _connection_lost(error) or _server_is_sick(error):
        return GraphUnavailable()
    return error


def _run(cypher: str, params: dict[str, Any], access: str, seconds: float | None) -> list[Row]:
    budget = settings.GRAPH_TIMEOUT if seconds is None else seconds
    deadline = time.monotonic() + budget
    delay = FIRST_RETRY_SECONDS
    may_reconnect = access == neo4j.READ_ACCESS
    breaker = _breaker()
    while True:
        if not breaker.admits(_look):
            raise GraphNotAsked
        started = time.monotonic()
        # The server counts the time-out in milliseconds and takes 0 for "none".
        timeout = max(deadline - started, 0.01)
        statement = neo4j.Query(cypher, timeout=timeout)
        try:
            with get_driver().session(default_access_mode=access) as session:
                rows = session.run(statement, params).values()
        except Exception as error:
            _tell(breaker, error, started)
            in_time = time.monotonic() + delay < deadline
            if in_time and _rolled_back(error):
                # Jitter parts two transactions that would otherwise deadlock again in step.
                time.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311
                delay = min(delay * 2, LONGEST_RETRY_SECONDS)
                continue
            if in_time and may_reconnect and _connection_lost(error):
                may_reconnect = False
                continue
            answer = translate(error)
            if answer is error:
                raise
            log.warning("graph unavailable: %s: %s", type(error).__name__, error)
            raise answer from error
        breaker.succeeded()
        return rows


def _breaker() -> Breaker:
    return _breakers.setdefault((os.getpid(), settings.NEO4J_URL), Breaker())


def _look() -> None:
    # Connecting only: that can be given up in so short a time, and a server that has just started takes seconds to
    # compile even the smallest statement. The caller's own has all of its time.
    with _make_driver(settings.NEO4J_URL, LOOK_SECONDS) as driver:
        driver.verify_connectivity()


def _tell(breaker: Breaker, error: Exception, started: float) -> None:
    """Let the breaker know what became of an attempt."""
    if not _rolled_back(error) and isinstance(translate(error), GraphUnavailable):
        if breaker.failed(started):
            log.error("the graph does not answer; calls that need it are refused until it does")
    elif isinstance(error, failures.Neo4jError):
        # Deadlocks and mistakes in a statement are answers.
        breaker.succeeded()


def _rolled_back(error: Exception) -> bool:
    """The server undid the statement and running it again may well succeed."""
    if isinstance(error, failures.TransientError):
        return not any(mark in (error.code or "") for mark in _OUT_OF_RESOURCES)
    return isinstance(error, failures.Neo4jError) and error.code == _ENTITY_NOT_FOUND


def _connection_lost(error: Exception) -> bool:
    """No connection, or it broke before the answer was complete."""
    lost = (failures.ServiceUnavailable, failures.SessionExpired, OSError)
    # The driver reports some failures of name resolution as ValueError caused by the OSError.
    return isinstance(error, lost) or (isinstance(error, ValueError) and isinstance(error.__cause__, OSError))


def _server_is_sick(error: Exception) -> bool:
    """The server answered that it cannot: out of memory or time, internal error, refused credentials."""
    if isinstance(error, failures.TransientError | failures.DatabaseError | failures.ConnectionPoolError):
        return True
    if not isinstance(error, failures.ClientError):
        return False
    code = error.code or ""
    return code in _CLIENT_CODES_OF_A_SICK_SERVER or code.startswith("Neo.ClientError.Security.")


def _make_driver(url: str, budget: float) -> neo4j.Driver:
    parts = urlsplit(url)
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return neo4j.GraphDatabase.driver(
        bare,
        auth=auth,
        connection_timeout=min(CONNECT_SECONDS, budget),
        # Connecting, the handshake and the log-in included.
        connection_acquisition_timeout=budget,
        liveness_check_timeout=LIVENESS_SECONDS,
        # Whole results in one batch: pages are small and the big reads are one `collect()` row.
        fetch_size=-1,
        # Reading a property that no edge has yet is normal in a young graph; the server would warn every
        # time.
        notifications_min_severity="WARNING",
        notifications_disabled_classifications=["UNRECOGNIZED"],
        # Auto-commit statements are retried above, not by the driver; neomodel's own calls are bounded by
        # this.
        max_transaction_retry_time=budget,
        initial_retry_delay=0.05,
    )


def _forget_held_lock() -> None:
    """After a fork: another thread of the parent may have held the lock, and is not here to release it."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget_held_lock)
atexit.register(close)
