"""How a relationship statement begins: both account nodes write-locked in id order, before anything is read.

Neo4j reads what is committed at the moment of reading. Two statements that read first and write later
therefore pass each other (a follow and a block both get through); under the locks of both nodes the later one
sees all that the earlier one did. Id order keeps two statements on the same pair from deadlocking. The lock
is taken by setting `account_id` to itself: it never changes, so nothing is written and nothing stale can be
written back.
"""

from __future__ import annotations

from typing import Any, Final

from graph.rows import AccountFacts
from graph.values import fact_map

# Makes the nodes where a projection has not been yet (R39), then locks; `source` and `target` go on.
LOCK_PAIR: Final = """
UNWIND $pair AS fact
MERGE (n:Account {account_id: fact.account_id})
ON CREATE SET n.username = fact.username, n.full_name = fact.full_name,
              n.private = fact.private, n.active = fact.active
SET n.account_id = fact.account_id
WITH collect(n) AS locked
WITH locked[$source_at] AS source, locked[1 - $source_at] AS target
"""

# For statements that only take edges away: without both nodes there is no edge, and no row.
LOCK_EXISTING_PAIR: Final = """
UNWIND $pair AS id
MATCH (n:Account {account_id: id})
SET n.account_id = id
WITH collect(n) AS locked
WHERE size(locked) = 2
WITH locked[$source_at] AS source, locked[1 - $source_at] AS target
"""

# For requests, which are found by their id: every statement that makes, answers or ends one needs the lock of
# its target, so that lock alone keeps all of them apart. `target` goes on.
LOCK_TARGET: Final = """
MATCH (target:Account {account_id: $target_id})
SET target.account_id = $target_id
WITH target
"""


def lock_pair(source: AccountFacts, target: AccountFacts) -> dict[str, Any]:
    """Parameters of LOCK_PAIR, and `$active`: both are active by Postgres. An account has no edge to
    itself."""
    ordered = _ordered(source.account_id, target.account_id)
    facts = {account.account_id: fact_map(account) for account in (source, target)}
    return {
        "pair": [facts[account_id] for account_id in ordered],
        "source_at": ordered.index(source.account_id),
        "active": source.active and target.active,
    }


def lock_existing_pair(source_id: int, target_id: int) -> dict[str, Any]:
    """Parameters of LOCK_EXISTING_PAIR."""
    ordered = _ordered(source_id, target_id)
    return {"pair": ordered, "source_at": ordered.index(source_id)}


def _ordered(source_id: int, target_id: int) -> list[int]:
    if source_id == target_id:
        raise ValueError("an account has no relationship to itself")
    return sorted((source_id, target_id))
