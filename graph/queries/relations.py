"""What is between one viewer and many accounts: the facts the visibility rules ask for, a page at a time (R02);
and between the two ends of many edges, for what follows from a change (R81)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from graph import driver
from graph.rows import CountsRow, PairRow, RelationRow
from graph.values import moment, mute_row, scope_row, utc

# One row whatever the number of ids: the driver decodes one list much faster than many rows.
LOAD_RELATIONS: Final = """
MATCH (me:Account {account_id: $viewer_id})
UNWIND $ids AS id
MATCH (other:Account {account_id: id})
MATCH (me)-[edge:FOLLOWS|REQUESTED|BLOCKS|MUTES|CLOSE_FRIEND]-(other)
WHERE edge.expires_at IS NULL OR edge.expires_at > $now
RETURN collect([
  id, type(edge), startNode(edge) = me, edge.request_id,
  edge.all, edge.posts, edge.stories, edge.notifications, edge.expires_at
])
"""

# All that the head of an account's lists needs, in one round trip.
LOAD_HEAD: Final = """
MATCH (owner:Account {account_id: $owner_id})
OPTIONAL MATCH (me:Account {account_id: $viewer_id})
RETURN
  COLLECT {
    MATCH (me)-[edge:FOLLOWS|REQUESTED|BLOCKS|MUTES|CLOSE_FRIEND]-(owner)
    WHERE edge.expires_at IS NULL OR edge.expires_at > $now
    RETURN [
      type(edge), startNode(edge) = me, edge.request_id,
      edge.all, edge.posts, edge.stories, edge.notifications, edge.expires_at
    ]
  },
  COUNT { (owner)<-[:FOLLOWS]-(other) WHERE other.active },
  COUNT { (owner)-[:FOLLOWS]->(other) WHERE other.active }
"""

LOAD_PAIRS: Final = """
UNWIND $pairs AS pair
MATCH (a:Account {account_id: pair[0]})
MATCH (b:Account {account_id: pair[1]})
MATCH (a)-[edge:FOLLOWS|REQUESTED|BLOCKS]-(b)
RETURN collect([pair, startNode(edge) = a, type(edge), edge.since, edge.request_id, edge.all])
"""

ASKERS: Final = """
MATCH (:Account {account_id: $target_id})<-[edge:FOLLOWS|REQUESTED]-(asker)
WHERE edge.request_id > $after
WITH asker, edge ORDER BY edge.request_id LIMIT $limit
RETURN collect([edge.request_id, asker.account_id])
"""

Edge = list[Any]


def load_relations(
    viewer_id: int, ids: Sequence[int], *, now: datetime | None = None
) -> dict[int, RelationRow]:
    """The relation of the viewer to each of `ids`, in one statement; strangers and unknown ids get the
    default row.

    Mutes are judged at `now`. The viewer's relation to itself is the default row. Raises GraphUnavailable."""
    others = {other for other in ids if other != viewer_id}
    edges: dict[int, list[Edge]] = defaultdict(list)
    if others:
        ((found,),) = driver.read(LOAD_RELATIONS, viewer_id=viewer_id, ids=list(others), now=moment(now))
        for other, *edge in found:
            edges[other].append(edge)
    return {other: relation_row(other, edges.get(other, ())) for other in ids}


def load_head(
    viewer_id: int | None, owner_id: int, *, now: datetime | None = None
) -> tuple[RelationRow, CountsRow]:
    """The relation of the viewer to `owner_id` and the owner's counts (R36), in one statement; defaults for an
    id that the graph does not know. Costs as much as the owner has edges. Raises GraphUnavailable."""
    rows = driver.read(LOAD_HEAD, viewer_id=viewer_id, owner_id=owner_id, now=moment(now))
    if not rows:
        return RelationRow(owner_id), CountsRow()
    ((edges, followers, following),) = rows
    return relation_row(owner_id, edges), CountsRow(followers, following)


def load_pairs(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], PairRow]:
    """(source, target) → what leads from the one to the other, in one statement for all; the default row where
    there is nothing. Raises GraphUnavailable."""
    wanted = list(dict.fromkeys(pairs))
    facts: dict[tuple[int, int], dict[str, Any]] = {pair: {} for pair in wanted}
    if wanted:
        ((found,),) = driver.read(LOAD_PAIRS, pairs=[list(pair) for pair in wanted])
        for (source, target), forth, kind, since, request_id, full in found:
            fact = facts[source, target]
            if kind == "BLOCKS":
                fact["severed"] = fact.get("severed", False) or bool(full)
            elif forth and kind == "FOLLOWS":
                fact |= {"following_since": utc(since), "accepted_request_id": request_id}
            elif forth:
                fact |= {"requested_since": utc(since), "request_id": request_id}
    return {pair: PairRow(*pair, **fact) for pair, fact in facts.items()}


def askers_of(target_id: int, *, after: int = 0, limit: int = 1000) -> list[tuple[int, int]]:
    """`(request id, account id)` of those who asked to follow `target_id` and wait or were accepted, by request id,
    beyond `after`. Raises GraphUnavailable."""
    ((found,),) = driver.read(ASKERS, target_id=target_id, after=after, limit=limit)
    return [(request_id, asker_id) for request_id, asker_id in found]


def relation_row(account_id: int, edges: Sequence[Edge]) -> RelationRow:
    """The edges between the viewer and an account, as the statements here return each, as one row."""
    facts: dict[str, Any] = {}
    for kind, mine, request_id, full, posts, stories, notifications, expires_at in edges:
        if kind == "FOLLOWS":
            facts["following" if mine else "followed_by"] = True
        elif kind == "REQUESTED":
            facts["requested" if mine else "requested_by"] = request_id
        elif kind == "BLOCKS":
            facts["blocking" if mine else "blocked_by"] = scope_row(full, posts, stories)
        elif kind == "CLOSE_FRIEND":
            facts["close_friend" if mine else "close_friend_of"] = True
        elif mine:
            # Their mute of the viewer is theirs to know.
            facts["muting"] = mute_row(posts, stories, notifications, expires_at)
    return RelationRow(account_id, **facts)
