"""Whom to follow next: people followed by the people one follows, and popular accounts for those who follow
nobody.

Dismissals and interests are not in the graph; callers pass what to leave out (`exclude`) and may reorder a
page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from graph import driver
from graph.rows import PopularRow, SuggestionRow
from graph.values import moment

# Second steps walked at most. Exact below: on ego-Facebook the most anyone asks for is a quarter of it.
EXPANSION_CAP: Final = 250_000
MUTUALS_SHOWN: Final = 3

# Ids that are no candidates: the viewer, whom the viewer follows, asked or mutes, and full blocks either way.
_LEAVE_OUT: Final = """
MATCH (me:Account {account_id: $viewer_id})
WITH me,
  COLLECT { MATCH (me)-[:FOLLOWS|REQUESTED]->(other) RETURN other.account_id }
  + COLLECT { MATCH (me)-[mute:MUTES]->(other) WHERE mute.expires_at IS NULL OR mute.expires_at > $now
              RETURN other.account_id }
  + COLLECT { MATCH (me)-[:BLOCKS {all: true}]-(other) RETURN other.account_id }
  + me.account_id + $exclude AS left_out
"""

SUGGESTIONS: Final = (
    _LEAVE_OUT
    + """
CALL (me) {
  MATCH (me)-[edge:FOLLOWS]->(friend) WHERE friend.active
  WITH friend ORDER BY edge.since DESC, friend.account_id DESC
  MATCH (friend)-[:FOLLOWS]->(candidate)
  RETURN friend, candidate LIMIT $expansion_cap
}
WITH left_out, candidate, collect(friend) AS mutuals
WHERE candidate.active AND NOT candidate.account_id IN left_out
WITH candidate.account_id AS candidate_id, mutuals, size(mutuals) AS mutual_count
WHERE $after_count IS NULL OR mutual_count < $after_count
  OR (mutual_count = $after_count AND candidate_id > $after_id)
WITH candidate_id, mutuals, mutual_count ORDER BY mutual_count DESC, candidate_id LIMIT $limit
RETURN candidate_id, mutual_count, COLLECT {
  UNWIND mutuals AS friend RETURN friend.account_id ORDER BY friend.account_id LIMIT $shown
}
ORDER BY mutual_count DESC, candidate_id
"""
)

_POPULAR: Final = """
MATCH (candidate:Account)
WHERE candidate.active AND NOT candidate.private AND NOT candidate.account_id IN left_out
WITH candidate.account_id AS candidate_id, COUNT { (candidate)<-[:FOLLOWS]-() } AS degree
WHERE $after_degree IS NULL OR degree < $after_degree OR (degree = $after_degree AND candidate_id > $after_id)
RETURN candidate_id, degree ORDER BY degree DESC, candidate_id LIMIT $limit
"""
POPULAR: Final = "WITH $exclude AS left_out" + _POPULAR
POPULAR_FOR: Final = _LEAVE_OUT + _POPULAR


def suggest(
    viewer_id: int,
    *,
    limit: int,
    after: tuple[int, int] | None = None,
    exclude: Sequence[int] = (),
    expansion_cap: int = EXPANSION_CAP,
    now: datetime | None = None,
) -> list[SuggestionRow]:
    """Active accounts followed by active people whom the viewer follows, most mutuals first, then by id.

    Left out: the viewer, whom they follow, asked or mute, full blocks either way, and `exclude`. `after` is
    the `(mutual_count, account_id)` of the last row seen. The counts are exact while the people followed
    follow fewer than `expansion_cap` accounts in sum; beyond, they count only the most recently followed of
    them, and an account reached only through the others is not found. Raises GraphUnavailable."""
    rows = driver.read(
        SUGGESTIONS,
        viewer_id=viewer_id,
        exclude=list(exclude),
        now=moment(now),
        expansion_cap=expansion_cap,
        after_count=after[0] if after else None,
        after_id=after[1] if after else None,
        limit=limit,
        shown=MUTUALS_SHOWN,
    )
    return [SuggestionRow(id_, count, tuple(mutuals)) for id_, count, mutuals in rows]


def popular(
    *,
    limit: int,
    viewer_id: int | None = None,
    after: tuple[int, int] | None = None,
    exclude: Sequence[int] = (),
    now: datetime | None = None,
) -> list[PopularRow]:
    """Public active accounts, most followed first, then by id; without those a viewer follows, asked, mutes
    or has a full block with. `after` is the `(degree, account_id)` of the last row seen.

    Ranked by stored follows, those of inactive followers included: to tell them apart would mean to look at
    every follower of everybody. The count to show comes from `counts.load_counts`. Looks at every account, so
    callers of a big graph keep the answer for a while. Raises GraphUnavailable."""
    rows = driver.read(
        POPULAR if viewer_id is None else POPULAR_FOR,
        viewer_id=viewer_id,
        exclude=list(exclude),
        now=moment(now),
        after_degree=after[0] if after else None,
        after_id=after[1] if after else None,
        limit=limit,
    )
    return [PopularRow(id_, degree) for id_, degree in rows]
