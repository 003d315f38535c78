"""Loading a real edge list as accounts and follows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from graph.bulk import load_follows
from graph.nodes import install_schema
from project.kernel.clock import now
from social.services.bulk_accounts import NewAccount, announce_accounts, ensure_accounts

Progress = Callable[[int], None]


class BadEdgeList(ValueError):
    """A line of the file is not an edge; the message says which."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `follows` counts directed edges; times are in seconds."""

    accounts: int
    follows: int
    account_seconds: float
    follow_seconds: float


def read_edges(path: Path) -> Iterator[tuple[str, str]]:
    """The edges `a b` of a file, one a line; `#` starts a comment line. Raises BadEdgeList, OSError."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            parts = line.split()
            if not parts or parts[0].startswith("#"):
                continue
            if len(parts) < 2 or not (parts[0].isalnum() and parts[1].isalnum()):
                raise BadEdgeList(f"{path.name}:{number}: expected two names, found {line.strip()[:60]!r}")
            yield parts[0], parts[1]


def import_edges(
    path: Path,
    *,
    prefix: str,
    both_ways: bool = True,
    on_accounts: Progress = lambda n: None,
    on_follows: Progress = lambda n: None,
) -> Imported:
    """Make an account `prefix` + name for each name in the file, and a follow for each edge (both ways unless told
    otherwise). Can be run again or resumed. Raises BadEdgeList, OSError, GraphUnavailable."""
    install_schema()
    started = time.perf_counter()
    names = sorted({name for edge in read_edges(path) for name in edge}, key=lambda n: (len(n), n))
    ids = ensure_accounts(
        [NewAccount(f"{prefix}{name}", f"{prefix}{name}@import.invalid", f"Person {name}") for name in names],
        progress=on_accounts,
    )
    middle = time.perf_counter()
    moment = now()

    def follows() -> Iterator[tuple[int, int, datetime]]:
        for a, b in read_edges(path):
            source, target = ids[f"{prefix}{a}"], ids[f"{prefix}{b}"]
            yield source, target, moment
            if both_ways:
                yield target, source, moment

    stored = load_follows(follows(), progress=on_follows)
    announce_accounts(ids.values())
    return Imported(len(ids), stored, middle - started, time.perf_counter() - middle)
