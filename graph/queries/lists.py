"""Lists of one account's edges, newest first, by keyset.

Every list goes on beside the `(since, account_id)` of a row: an account has at most one edge of a kind to
another, so that pair is unique and a page has no gap and no repeat, however many edges share a moment (R58).
Only active accounts appear (R17). `search` is a case-insensitive part of username or full name. `hide_for`
leaves out whoever is in a full block with that viewer, inside the query, so that pages stay full (R32).
`related_to` brings each row's relation to that viewer along, which saves a round trip (R02).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NotRequired, TypedDict, Unpack

from graph import driver
from graph.queries.relations import relation_row
from graph.rows import Beside, EdgeRow
from graph.values import moment, mute_row, scope_row, utc

_HIDDEN: Final = """
WITH COLLECT {
  MATCH (:Account {account_id: $hide_for})-[:BLOCKS {all: true}]-(other) RETURN other.account_id
} AS hidden
"""
_NOBODY_HIDDEN: Final = "WITH [] AS hidden "

FOLLOWERS: Final = _HIDDEN + "MATCH (:Account {account_id: $owner_id})<-[edge:FOLLOWS]-(other)"
FOLLOWING: Final = _HIDDEN + "MATCH (:Account {account_id: $owner_id})-[edge:FOLLOWS]->(other)"
INCOMING: Final = _HIDDEN + "MATCH (:Account {account_id: $owner_id})<-[edge:REQUESTED]-(other)"
OUTGOING: Final = _HIDDEN + "MATCH (:Account {account_id: $owner_id})-[edge:REQUESTED]->(other)"
CLOSE_FRIENDS: Final = _HIDDEN + "MATCH (:Account {account_id: $owner_id})-[edge:CLOSE_FRIEND]->(other)"
BLOCKS: Final = _NOBODY_HIDDEN + "MATCH (:Account {account_id: $owner_id})-[edge:BLOCKS]->(other)"
MUTES: Final = (
    _HIDDEN
    + """
MATCH (:Account {account_id: $owner_id})-[edge:MUTES]->(other)
WITH hidden, other, edge WHERE edge.expires_at IS NULL OR edge.expires_at > $now
WITH hidden, other, edge
"""
)
KNOWN_FOLLOWERS: Final = (
    _HIDDEN
    + """
MATCH (:Account {account_id: $viewer_id})-[:FOLLOWS]->(other)
MATCH (other)-[edge:FOLLOWS]->(:Account {account_id: $owner_id})
"""
)

_SHOWN: Final = """
WHERE other.active
  AND ($search IS NULL OR toLower(other.username) CONTAINS $search
                       OR toLower(other.full_name) CONTAINS $search)
  AND NOT other.account_id IN hidden
"""
_ROWS: Final = """
OPTIONAL MATCH (me:Account {account_id: $related_to})
RETURN collect([
  other.account_id, edge.since, edge.request_id,
  edge.all, edge.posts, edge.stories, edge.notifications, edge.expires_at,
  COLLECT {
    MATCH (me)-[tie:FOLLOWS|REQUESTED|BLOCKS|MUTES|CLOSE_FRIEND]-(other)
    WHERE tie.expires_at IS NULL OR tie.expires_at > $now
    RETURN [
      type(tie), startNode(tie) = me, tie.request_id,
      tie.all, tie.posts, tie.stories, tie.notifications, tie.expires_at
    ]
  }
])
"""
OLDER: Final = (
    _SHOWN
    + """
  AND ($since IS NULL OR edge.since < $since OR (edge.since = $since AND other.account_id < $beside_id))
WITH other, edge ORDER BY edge.since DESC, other.account_id DESC LIMIT $limit
"""
    + _ROWS
)
NEWER: Final = (
    _SHOWN
    + """
  AND ($since IS NULL OR edge.since > $since OR (edge.since = $since AND other.account_id > $beside_id))
WITH other, edge ORDER BY edge.since, other.account_id LIMIT $limit
"""
    + _ROWS
)


class PageArgs(TypedDict):
    """What every list takes. `limit` is the number of rows wanted, `after` the row beside which the page
    starts, `now` the moment at which mutes are judged.

    With `backwards` the list is walked the other way: rows newer than `after`, the nearest first."""

    limit: int
    after: NotRequired[Beside | None]
    backwards: NotRequired[bool]
    search: NotRequired[str | None]
    hide_for: NotRequired[int | None]
    related_to: NotRequired[int | None]
    now: NotRequired[datetime | None]


def followers(owner_id: int, **page: Unpack[PageArgs]) -> list[EdgeRow]:
    """Who follows the owner. Raises GraphUnavailable, as all of these do."""
    return _page(FOLLOWERS, page, owner_id=owner_id)


def following(owner_id: int, **page: Unpack[PageArgs]) -> list[EdgeRow]:
    """Whom the owner follows."""
    return _page(FOLLOWING, page, owner_id=owner_id)


def requests_incoming(owner_id: int, **page: Unpack[PageArgs]) -> list[EdgeRow]:
    """Who asks to follow the owner, with `request_id`."""
    return _page(INCOMING, page, owner_id=owner_id)


def requests_outgoing(owner_id: int, **page: Unpack[PageArgs]) -> list[EdgeRow]:
    """Whom the owner asks to follow, with `request_id`."""
    return _page(OUTGOING, page, owner_id=owner_id)


def blocks(owner_id: int, **page: Unpack[PageArgs]) -> list[EdgeRow]:
    """Whom the owner blocks, by any scope, with `block`. For the owner alone: `hide_for` hides nobody
    here."""
    return [replace(row, block=scope_row(*edge[:3])) for row, edge in _raw(BLOCKS, page, owner_id=owner_id)]


def mutes(owner_id: int, **page: Unpack[PageArgs]) -> list[EdgeRow]:
    """Whom the owner mutes at `now`, with `mute`."""
    return [replace(row, mute=mute_row(*edge[1:])) for row, edge in _raw(MUTES, page, owner_id=owner_id)]


def close_friends(owner_id: int, **page: Unpack[PageArgs]) -> list[EdgeRow]:
    """Who is on the owner's close friends list."""
    return _page(CLOSE_FRIENDS, page, owner_id=owner_id)


def known_followers(viewer_id: int, owner_id: int, **page: Unpack[PageArgs]) -> list[EdgeRow]:
    """Those whom the viewer follows who follow the owner; `since` is when they followed the owner."""
    return _page(KNOWN_FOLLOWERS, page, viewer_id=viewer_id, owner_id=owner_id)


def _page(edges: str, page: PageArgs, **params: Any) -> list[EdgeRow]:
    return [row for row, _ in _raw(edges, page, **params)]


def _raw(edges: str, page: PageArgs, **params: Any) -> list[tuple[EdgeRow, list[Any]]]:
    """The rows, each with `all`, `posts`, `stories`, `notifications`, `expires_at` of its edge."""
    beside = page.get("after")
    search = page.get("search")
    related_to = page.get("related_to")
    ((rows,),) = driver.read(
        edges + (NEWER if page.get("backwards") else OLDER),
        since=moment(beside[0]) if beside else None,
        beside_id=beside[1] if beside else None,
        search=search.lower() if search else None,
        hide_for=page.get("hide_for"),
        related_to=related_to,
        now=moment(page.get("now")),
        limit=page["limit"],
        **params,
    )
    return [
        (
            EdgeRow(
                id_,
                utc(since),
                request_id,
                relation=None if related_to is None else relation_row(id_, ties),
            ),
            edge,
        )
        for id_, since, request_id, *edge, ties in rows
    ]
