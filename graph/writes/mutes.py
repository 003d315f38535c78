"""Mutes: R34. One MUTES edge at most; a new mute replaces the switches of the old one. Expiry is judged when
read: no job takes an expired mute away, and a new one over it counts as new."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from graph import driver
from graph.rows import AccountFacts, EdgeResult
from graph.values import moment
from graph.writes.locking import LOCK_EXISTING_PAIR, LOCK_PAIR, lock_existing_pair, lock_pair

MUTE: Final = (
    LOCK_PAIR
    + """
OPTIONAL MATCH (source)-[old:MUTES]->(target)
WITH source, target, CASE
       WHEN EXISTS { (target)-[:BLOCKS {all: true}]->(source) } THEN 'blocked_by_target'
       WHEN NOT ($active AND source.active AND target.active) THEN 'inactive'
       ELSE 'done'
     END AS outcome,
     CASE WHEN old.expires_at IS NULL OR old.expires_at > $now THEN old.since END AS since
FOREACH (_ IN CASE WHEN outcome = 'done' THEN [1] ELSE [] END |
  MERGE (source)-[made:MUTES]->(target)
  SET made.posts = $posts, made.stories = $stories, made.notifications = $notifications,
      made.expires_at = $expires_at, made.since = coalesce(since, $now)
)
RETURN outcome, outcome = 'done' AND since IS NULL
"""
)

UNMUTE: Final = (
    LOCK_EXISTING_PAIR
    + """
MATCH (source)-[edge:MUTES]->(target)
WITH edge, edge.expires_at IS NULL OR edge.expires_at > $now AS live
DELETE edge
RETURN live
"""
)


def mute(
    source: AccountFacts,
    target: AccountFacts,
    *,
    posts: bool,
    stories: bool,
    notifications: bool,
    expires_at: datetime | None,
    now: datetime | None = None,
) -> EdgeResult:
    """Mute `target` for `source` by the three switches until `expires_at` (None: until taken back).
    Idempotent.

    Refused with `blocked_by_target` across a full block of theirs. Raises GraphUnavailable, ValueError for a
    mute of oneself."""
    ((outcome, created),) = driver.write(
        MUTE,
        **lock_pair(source, target),
        posts=posts,
        stories=stories,
        notifications=notifications,
        expires_at=moment(expires_at) if expires_at else None,
        now=moment(now),
    )
    return EdgeResult(outcome, created)


def unmute(source_id: int, target_id: int, *, now: datetime | None = None) -> bool:
    """Take back the mute; whether there was one that had not expired."""
    rows = driver.write(UNMUTE, **lock_existing_pair(source_id, target_id), now=moment(now))
    return bool(rows and rows[0][0])
