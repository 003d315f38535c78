"""The graph in bulk: loading (import, seed, rebuild) and comparing it with the truth (doctor, rebuild).

Everything merges, so that a load can be repeated or resumed. Loading follows asks nobody: no privacy, no
blocks; it is for data whose edges are already decided, not for what a person does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

from graph import driver
from graph.nodes import RELATIONSHIP_TYPES
from graph.rows import AccountFacts
from graph.values import fact_map, moment

BATCH: Final = 10_000
# A batch is long work by design: it gets its own time, not that of a request.
BATCH_SECONDS: Final = 60.0

LOAD_ACCOUNTS: Final = """
UNWIND $facts AS fact
MERGE (n:Account {account_id: fact.account_id})
SET n.username = fact.username, n.full_name = fact.full_name, n.private = fact.private, n.active = fact.active
"""

LOAD_FOLLOWS: Final = """
UNWIND $follows AS follow
MATCH (source:Account {account_id: follow[0]})
MATCH (target:Account {account_id: follow[1]})
MERGE (source)-[edge:FOLLOWS]->(target) ON CREATE SET edge.since = follow[2]
RETURN count(*)
"""

ACCOUNT_FACTS: Final = """
UNWIND $ids AS id
MATCH (n:Account {account_id: id})
RETURN collect([n.account_id, n.username, n.full_name, n.private, n.active])
"""

ACCOUNT_IDS: Final = """
MATCH (n:Account) WHERE n.account_id > $after
WITH n.account_id AS id ORDER BY id LIMIT $batch
RETURN collect(id)
"""

COUNT_EDGES: Final = "RETURN " + ", ".join(f"COUNT {{ ()-[:{name}]->() }}" for name in RELATIONSHIP_TYPES)
COUNT_ACCOUNTS: Final = "MATCH (n:Account) RETURN count(n)"

Progress = Callable[[int], None]
T = TypeVar("T")


def load_accounts(
    accounts: Iterable[AccountFacts], *, batch: int = BATCH, progress: Progress | None = None
) -> int:
    """Write the accounts as given, new or known. Returns how many; `progress` gets the size of each finished
    batch.

    Raises GraphUnavailable; what was reported as progress is stored."""
    total = 0
    for some in _batches(accounts, batch):
        # In id order, so that this and a relationship statement do not deadlock.
        facts = [fact_map(account) for account in sorted(some, key=lambda account: account.account_id)]
        driver.write(LOAD_ACCOUNTS, seconds=BATCH_SECONDS, facts=facts)
        total += len(some)
        if progress:
            progress(len(some))
    return total


def load_follows(
    follows: Iterable[tuple[int, int, datetime]],
    *,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> int:
    """Write `(source_id, target_id, since)` as follows; a follow that exists keeps its time. Returns how many
    are in the graph now: pairs of which an account is missing are left out, and so are follows of oneself.

    `progress` gets the number of pairs of each finished batch. Raises GraphUnavailable."""
    total = 0
    for some in _batches(follows, batch):
        rows: list[list[Any]] = [
            [source, target, moment(at)] for source, target, at in some if source != target
        ]
        ((stored,),) = driver.write(LOAD_FOLLOWS, seconds=BATCH_SECONDS, follows=rows)
        total += stored
        if progress:
            progress(len(some))
    return total


def account_facts(ids: Sequence[int]) -> dict[int, AccountFacts]:
    """What the graph holds of these accounts; unknown ids are absent."""
    ((found,),) = driver.read(ACCOUNT_FACTS, seconds=BATCH_SECONDS, ids=list(ids))
    return {row[0]: AccountFacts(*row) for row in found}


def stale_accounts(truth: Iterable[AccountFacts], *, batch: int = BATCH) -> Iterator[int]:
    """The ids among `truth` whose node is missing or says something else."""
    for some in _batches(truth, batch):
        held = account_facts([account.account_id for account in some])
        for account in some:
            if held.get(account.account_id) != account:
                yield account.account_id


def all_account_ids(*, batch: int = BATCH) -> Iterator[int]:
    """Every account id in the graph, ascending; read in batches, so later ones show later writes."""
    after = -1
    while True:
        ((ids,),) = driver.read(ACCOUNT_IDS, seconds=BATCH_SECONDS, after=after, batch=batch)
        yield from ids
        if len(ids) < batch:
            return
        after = ids[-1]


def relationship_totals() -> dict[str, int]:
    """How many edges of each type there are, by type; cheap, from the server's own statistics."""
    (totals,) = driver.read(COUNT_EDGES)
    return dict(zip(RELATIONSHIP_TYPES, totals, strict=True))


def accounts_total() -> int:
    """How many account nodes there are; cheap, from the server's own statistics."""
    ((total,),) = driver.read(COUNT_ACCOUNTS)
    return int(total)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    waiting = iter(items)
    while some := list(islice(waiting, size)):
        yield some
