"""Whom to follow next: people followed by the people one follows, and popular accounts for those who follow
nobody.

Dismissals and interests are not in the graph: callers pass what to leave out (`exclude`), and ask which of those
they found elsewhere have no ties with the viewer (`without_ties`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from graph import driver
from graph.rows import PopularRow, SuggestionRow
from graph.values import moment

# Second steps walked at most: what bounds the cost, whoever asks. Nobody in ego-Facebook needs more (57,460 for the one
# who follows 1,045), so it is exact there; who follows 5,000 is suggested to by the third of them followed last.
EXPANSION_CAP: Final = 75_000
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

# Grouped in a subquery of its own: beside `left_out`, that long list would be part of every group's key.
SUGGESTIONS: Final = (
    _LEAVE_OUT
    + """
CALL (me) {
  CALL (me) {
    MATCH (me)-[edge:FOLLOWS]->(friend) WHERE friend.active
    WITH friend ORDER BY edge.since DESC, friend.account_id DESC
    MATCH (friend)-[:FOLLOWS]->(candidate)
    RETURN friend, candidate LIMIT $expansion_cap
  }
  RETURN candidate, collect(friend) AS mutuals
}
WITH candidate.account_id AS candidate_id, mutuals, size(mutuals) AS mutual_count, left_out, candidate
WHERE candidate.active AND NOT candidate_id IN left_out
WITH candidate_id, mutuals, mutual_count
WHERE $after_count IS NULL OR mutual_count < $after_count
  OR (mutual_count = $after_count AND candidate_id > $after_id)
WITH candidate_id, mutuals, mutual_count ORDER BY mutual_count DESC, candidate_id LIMIT $limit
RETURN candidate_id, mutual_count, COLLECT {
  UNWIND mutuals AS friend RETURN friend.account_id ORDER BY friend.account_id LIMIT $shown
}
ORDER BY mutual_count DESC, candidate_id
"""
)

# The same walk, so that an account is in the list of mutuals or passes here, never both.
WITHOUT_TIES: Final = (
    _LEAVE_OUT
    + """
WITH me, left_out, COLLECT { MATCH (other:Account) WHERE other.account_id IN $ids AND other.active RETURN other }
  AS others
WITH me, others, left_out, COLLECT {
  CALL (me) {
    MATCH (me)-[edge:FOLLOWS]->(friend) WHERE friend.active
    WITH friend ORDER BY edge.since DESC, friend.account_id DESC
    MATCH (friend)-[:FOLLOWS]->(candidate)
    RETURN candidate LIMIT $expansion_cap
  }
  WITH DISTINCT candidate WHERE candidate IN others
  RETURN candidate.account_id
} AS reached
RETURN [other IN others WHERE NOT other.account_id IN left_out AND NOT other.account_id IN reached
        | other.account_id]
"""
)

POPULAR: Final = """
MATCH (candidate:Account)
WHERE candidate.active AND NOT candidate.private
WITH candidate.account_id AS candidate_id, COUNT { (candidate)<-[:FOLLOWS]-() } AS degree
ORDER BY degree DESC, candidate_id LIMIT $limit
RETURN collect([candidate_id, degree])
"""


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


def without_ties(
    viewer_id: int,
    ids: Sequence[int],
    *,
    exclude: Sequence[int] = (),
    expansion_cap: int = EXPANSION_CAP,
    now: datetime | None = None,
) -> set[int]:
    """Those of `ids` that may be suggested to the viewer for another reason than mutual acquaintances: active, not left
    out as in `suggest`, and not found by it. Costs one walk like `suggest`, whatever the number of ids. Raises
    GraphUnavailable."""
    rows = driver.read(
        WITHOUT_TIES,
        viewer_id=viewer_id,
        ids=list(ids),
        exclude=list(exclude),
        now=moment(now),
        expansion_cap=expansion_cap,
    )
    return set(rows[0][0]) if rows else set(ids) - {viewer_id, *exclude}


def popular(*, limit: int) -> list[PopularRow]:
    """Public active accounts, most followed first, then by id.

    Ranked by stored follows, those of inactive followers included: to tell them apart would mean to look at
    every follower of everybody. The count to show comes from `counts.load_counts`. Looks at every account, so
    callers of a big graph keep the answer for a while. Raises GraphUnavailable."""
    ((rows,),) = driver.read(POPULAR, limit=limit)
    return [PopularRow(id_, degree) for id_, degree in rows]
