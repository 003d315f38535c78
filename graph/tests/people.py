"""Accounts for graph tests, and a starting gun for races. Ids are all the graph knows, so nothing here needs
Postgres."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

from graph import driver
from graph.rows import AccountFacts

START = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def account(id_: int, *, private: bool = False, active: bool = True, name: str = "") -> AccountFacts:
    """An account as Postgres would tell it."""
    return AccountFacts(id_, f"user.{id_}", name or f"Person {id_}", private, active)


ADA, BOB, CYD, DAN = (account(id_) for id_ in (1, 2, 3, 4))
PRIVATE_BOB = account(2, private=True)


def at(seconds: float) -> datetime:
    """A moment of the test's own clock."""
    return START + timedelta(seconds=seconds)


def edges(source_id: int, target_id: int) -> list[str]:
    """The types of all edges from one account to another, sorted, repeated where there is more than one."""
    ((types,),) = driver.read(
        "MATCH (:Account {account_id: $a})-[r]->(:Account {account_id: $b}) RETURN collect(type(r))",
        a=source_id,
        b=target_id,
    )
    return sorted(types)


def race(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment, each in its own thread; their results in order. An error is
    raised."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
