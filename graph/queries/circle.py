"""A viewer's circle: the edges that decide what they read, in one statement. Facts for a cache, never
verdicts."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from graph import driver
from graph.rows import CircleRow
from graph.values import moment, utc_or_none

CIRCLE: Final = """
MATCH (me:Account {account_id: $viewer_id})
RETURN
  COLLECT { MATCH (me)-[:FOLLOWS]->(other) RETURN other.account_id },
  COLLECT { MATCH (me)-[:BLOCKS {all: true}]-(other) RETURN other.account_id },
  COLLECT { MATCH (me)<-[:BLOCKS {posts: true}]-(other) RETURN other.account_id },
  COLLECT { MATCH (me)<-[:BLOCKS {stories: true}]-(other) RETURN other.account_id },
  COLLECT { MATCH (me)<-[:CLOSE_FRIEND]-(other) RETURN other.account_id },
  COLLECT { MATCH (me)-[mute:MUTES]->(other) WHERE mute.expires_at IS NULL OR mute.expires_at > $now
            RETURN [other.account_id, mute.posts, mute.stories, mute.notifications, mute.expires_at] }
"""

FOLLOWED_IDS: Final = """
MATCH (:Account {account_id: $viewer_id})-[:FOLLOWS]->(other) RETURN collect(other.account_id)
"""


def load_circle(viewer_id: int, *, now: datetime | None = None) -> CircleRow:
    """The circle of the viewer, mutes judged at `now`; empty for an id the graph does not know.

    Raises GraphUnavailable."""
    rows = driver.read(CIRCLE, viewer_id=viewer_id, now=moment(now))
    if not rows:
        return CircleRow()
    ((followed, hidden, posts_hidden_by, stories_hidden_by, close_friend_of, mutes),) = rows
    expiries = [expiry for *_, value in mutes if (expiry := utc_or_none(value))]
    return CircleRow(
        followed=frozenset(followed),
        hidden=frozenset(hidden),
        posts_hidden_by=frozenset(posts_hidden_by),
        stories_hidden_by=frozenset(stories_hidden_by),
        muted_posts=frozenset(other for other, posts, _, _, _ in mutes if posts),
        muted_stories=frozenset(other for other, _, stories, _, _ in mutes if stories),
        muted_notifications=frozenset(other for other, _, _, notifications, _ in mutes if notifications),
        close_friend_of=frozenset(close_friend_of),
        mutes_change_at=min(expiries, default=None),
    )


def followed_ids(viewer_id: int) -> list[int]:
    """The ids of those whom the viewer follows, in no order; active or not. Raises GraphUnavailable."""
    ((ids,),) = driver.read(FOLLOWED_IDS, viewer_id=viewer_id)
    return list(ids)
