"""Blocks: R32, R33. One BLOCKS edge in each direction at most. A full block (`all`) ends what binds the two
and keeps anything new from being made; a scoped one hides `posts` or `stories` and severs nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from graph import driver
from graph.rows import AccountFacts, BlockResult, BlockScope, ScopeRow
from graph.values import moment
from graph.writes.locking import LOCK_EXISTING_PAIR, LOCK_PAIR, lock_existing_pair, lock_pair

BLOCK: Final = (
    LOCK_PAIR
    + """
OPTIONAL MATCH (source)-[old:BLOCKS]->(target)
WITH source, target, old, CASE
       WHEN EXISTS { (target)-[:BLOCKS {all: true}]->(source) } THEN 'blocked_by_target'
       WHEN NOT ($active AND source.active AND target.active) THEN 'inactive'
       ELSE 'blocking'
     END AS outcome,
     $scope = 'all' OR coalesce(old.all, false) AS full
WITH source, target, outcome, full, old IS NULL AS created,
     NOT full AND ($scope = 'posts' OR coalesce(old.posts, false)) AS posts,
     NOT full AND ($scope = 'stories' OR coalesce(old.stories, false)) AS stories,
     [old.all, old.posts, old.stories] AS before
FOREACH (_ IN CASE WHEN outcome = 'blocking' THEN [1] ELSE [] END |
  MERGE (source)-[made:BLOCKS]->(target) ON CREATE SET made.since = $now
  SET made.all = full, made.posts = posts, made.stories = stories
)
WITH source, target, outcome, created, full, posts, stories,
     created OR before <> [full, posts, stories] AS changed
OPTIONAL MATCH (source)-[ended:FOLLOWS|REQUESTED|CLOSE_FRIEND]-(target)
WHERE full AND outcome = 'blocking'
DELETE ended
RETURN DISTINCT outcome, created, changed, full, posts, stories
"""
)

UNBLOCK: Final = (
    LOCK_EXISTING_PAIR
    + """
MATCH (source)-[block:BLOCKS]->(target)
WITH block,
     block.all AND NOT $scope IN ['any', 'all'] AS full,
     block.posts AND NOT $scope IN ['any', 'posts'] AS posts,
     block.stories AND NOT $scope IN ['any', 'stories'] AS stories
WITH block, full, posts, stories, [block.all, block.posts, block.stories] <> [full, posts, stories] AS changed
SET block.all = full, block.posts = posts, block.stories = stories
FOREACH (ended IN CASE WHEN full OR posts OR stories THEN [] ELSE [block] END | DELETE ended)
RETURN changed
"""
)


def block(
    source: AccountFacts, target: AccountFacts, *, scope: BlockScope = "all", now: datetime | None = None
) -> BlockResult:
    """Block `target` by `scope`; scopes add up and `all` absorbs them. A full block ends follows, requests
    and close friend edges both ways in the same transaction.

    Refused with `blocked_by_target` across a full block of theirs (R30). Raises GraphUnavailable, ValueError
    for a block of oneself."""
    ((outcome, created, changed, full, posts, stories),) = driver.write(
        BLOCK, **lock_pair(source, target), scope=scope, now=moment(now)
    )
    if outcome != "blocking":
        return BlockResult(outcome, False, False, None)
    return BlockResult(outcome, created, changed, ScopeRow(full, posts, stories))


def unblock(source_id: int, target_id: int, *, scope: BlockScope | None = None) -> bool:
    """Take back the block, or one scope of it; whether anything was taken back. What a full block ended stays
    ended.

    A full block has taken up its scopes: taking `posts` from it changes nothing."""
    rows = driver.write(UNBLOCK, **lock_existing_pair(source_id, target_id), scope=scope or "any")
    return bool(rows and rows[0][0])
