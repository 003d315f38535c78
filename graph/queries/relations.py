"""What is between one viewer and many accounts: the facts the visibility rules ask for, a page at a time
(R02)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from graph import driver
from graph.rows import RelationRow
from graph.values import moment, mute_row, scope_row

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
    return {other: _relation(other, edges.get(other, ())) for other in ids}


def _relation(account_id: int, edges: Sequence[Edge]) -> RelationRow:
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
