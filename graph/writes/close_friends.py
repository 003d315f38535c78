"""The close friends list: R35. `(owner)-[:CLOSE_FRIEND]->(friend)`, private to its owner, ended by a full
block."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from graph import driver
from graph.rows import AccountFacts, EdgeResult
from graph.values import moment
from graph.writes.locking import LOCK_EXISTING_PAIR, LOCK_PAIR, lock_existing_pair, lock_pair

ADD_CLOSE_FRIEND: Final = (
    LOCK_PAIR
    + """
OPTIONAL MATCH (source)-[old:CLOSE_FRIEND]->(target)
WITH source, target, old IS NULL AS absent, CASE
  WHEN EXISTS { (target)-[:BLOCKS {all: true}]->(source) } THEN 'blocked_by_target'
  WHEN NOT ($active AND source.active AND target.active) THEN 'inactive'
  WHEN EXISTS { (source)-[:BLOCKS {all: true}]->(target) } THEN 'blocking_target'
  ELSE 'done'
END AS outcome
FOREACH (_ IN CASE WHEN outcome = 'done' AND absent THEN [1] ELSE [] END |
  MERGE (source)-[made:CLOSE_FRIEND]->(target) ON CREATE SET made.since = $now
)
RETURN outcome, outcome = 'done' AND absent
"""
)

REMOVE_CLOSE_FRIEND: Final = (
    LOCK_EXISTING_PAIR
    + """
MATCH (source)-[edge:CLOSE_FRIEND]->(target)
DELETE edge
RETURN count(*) > 0
"""
)


def add_close_friend(
    source: AccountFacts, target: AccountFacts, *, now: datetime | None = None
) -> EdgeResult:
    """Put `target` on the list of `source`. Idempotent. Refused across a full block, whichever side made it.

    Raises GraphUnavailable, ValueError for oneself."""
    ((outcome, created),) = driver.write(ADD_CLOSE_FRIEND, **lock_pair(source, target), now=moment(now))
    return EdgeResult(outcome, created)


def remove_close_friend(source_id: int, target_id: int) -> bool:
    """Take `target_id` off the list of `source_id`; whether it was on it."""
    rows = driver.write(REMOVE_CLOSE_FRIEND, **lock_existing_pair(source_id, target_id))
    return bool(rows and rows[0][0])
