"""The general list of published posts: filters and orderings, as one skeleton. Ids only; the rules judge them
later.

SQL is put together from constants alone; every value is a parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from content.feed.home import ON_HOME, home_sources
from content.feed.skeletons import PostId
from graph.queries.circle import followed_ids
from project.kernel.paging import Entry, Position, Skeleton
from project.kernel.sql import fetch_all
from project.kernel.viewer import Viewer

# ordering → the columns of the key; the last one is the post's id.
ORDERINGS: dict[str, tuple[str, ...]] = {
    "id": ("p.id",),
    "created": ("p.created_at", "p.id"),
    "updated": ("p.updated_at", "p.id"),
    "published": ("p.published_at", "p.id"),
    "likes": ("counters.like_count", "counters.post_id"),
}

PUBLIC = "NOT author.is_private AND p.audience = 'everyone'"
# Close friends need not follow; followers-only posts and private accounts are for followers alone.
WITHIN_REACH = """(
    p.author_id = %(viewer)s
    OR (NOT author.is_private AND p.audience <> 'followers')
    OR p.author_id = ANY(%(followed)s::bigint[])
)"""
HASHTAG = """EXISTS (
    SELECT FROM content_posthashtag used JOIN content_hashtag hashtag ON hashtag.id = used.hashtag_id
    WHERE used.post_id = p.id AND hashtag.name = %(hashtag)s AND NOT hashtag.banned
)"""


@dataclass(frozen=True, slots=True)
class PostFilters:
    """What a list of posts is narrowed to. Times are inclusive; `hashtag` is case-folded; `home` means what
    the viewer's home is made of; `ordering` is a key of ORDERINGS, `-` in front for
    descending."""

    author_id: int | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    published_from: datetime | None = None
    hashtag: str | None = None
    search: str | None = None
    home: bool = False
    ordering: str = "-id"


def list_skeleton(filters: PostFilters, viewer: Viewer) -> Skeleton[PostId]:
    """Published posts that pass the filters, in their ordering. At most one graph query, asked when the first
    page is read; none for a viewer who is not signed in."""
    columns = ORDERINGS[filters.ordering.removeprefix("-")]
    descending = filters.ordering.startswith("-")
    prepared: tuple[list[str], dict[str, Any]] | None = None

    def fetch(position: Position | None, n: int) -> Sequence[Entry[PostId]]:
        nonlocal prepared
        if prepared is None:
            prepared = _where(filters, viewer)
        conditions, params = prepared
        falling = descending != (position is not None and position.backwards)
        order = "DESC" if falling else "ASC"
        if position is not None:
            marks = [f"%(key{at})s" for at in range(len(columns))]
            beyond = f"({', '.join(columns)}) {'<' if falling else '>'} ({', '.join(marks)})"
            conditions = [*conditions, beyond]
            params = {**params, **{f"key{at}": part for at, part in enumerate(position.key)}}
        statement = (
            f"SELECT {', '.join(columns)} FROM content_post p "  # noqa: S608
            "JOIN social_account author ON author.id = p.author_id "
            "JOIN content_postcounters counters ON counters.post_id = p.id "
            f"WHERE {' AND '.join(conditions)} "
            f"ORDER BY {', '.join(f'{column} {order}' for column in columns)} LIMIT %(n)s"
        )
        return [(row, row[-1]) for row in fetch_all(statement, {**params, "n": n})]

    return fetch


def _where(filters: PostFilters, viewer: Viewer) -> tuple[list[str], dict[str, Any]]:
    conditions = ["p.state = 'published'", "author.state = 'active'"]
    params: dict[str, Any] = {}

    def also(condition: str, **values: Any) -> None:
        conditions.append(condition)
        params.update(values)

    if not viewer.signed_in:
        also(PUBLIC)
    elif filters.home:
        also(ON_HOME, **home_sources(viewer).params)
    elif filters.author_id is None:
        also(WITHIN_REACH, viewer=viewer.id, followed=followed_ids(viewer.id))
    if filters.author_id is not None:
        also("p.author_id = %(author)s", author=filters.author_id)
    for column, moment, sign in (
        ("created_at", filters.created_from, ">="),
        ("created_at", filters.created_to, "<="),
        ("updated_at", filters.updated_from, ">="),
        ("updated_at", filters.updated_to, "<="),
        ("published_at", filters.published_from, ">="),
    ):
        if moment is not None:
            name = f"{column}_{'from' if sign == '>=' else 'to'}"
            also(f"p.{column} {sign} %({name})s::timestamptz", **{name: moment})
    if filters.hashtag is not None:
        also(HASHTAG, hashtag=filters.hashtag)
    if filters.search is not None:
        pattern = "%" + _escaped(filters.search) + "%"
        also("(p.title ILIKE %(search)s OR p.caption ILIKE %(search)s)", search=pattern)
    return conditions, params


def _escaped(text: str) -> str:
    """The text with nothing in it that LIKE takes for a pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
