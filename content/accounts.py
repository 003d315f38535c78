"""Accounts with the numbers of what they have published: one account's, and the list of all for staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum

from content.models import PostAudience, PostCounters, PostState
from graph.queries.counts import load_counts
from project.kernel.paging import Entry, PageOf, Position, Skeleton, read_page
from project.kernel.sql import fetch_all
from project.kernel.viewer import Viewer
from social.access import SeenAccount
from social.registries import account_facts
from social.visibility import may_know_of_close_friends

AccountId = int

# What others may know of: posts for close friends leave no trace (R35).
STATS = """
SELECT p.author_id, count(*) AS posts, sum(c.like_count)::bigint AS likes
FROM content_post p JOIN content_postcounters c ON c.post_id = p.id
WHERE p.state = 'published' AND p.audience <> 'close_friends'
"""
# ordering → the expression that the list is sorted by; the account's id comes after it.
ORDERINGS: dict[str, str] = {
    "id": "a.id",
    "username": 'lower(a.username) COLLATE "C"',
    "full_name": 'lower(a.full_name) COLLATE "C"',
    "email": 'lower(a.email) COLLATE "C"',
    "mobile": 'a.mobile COLLATE "C"',
    "state": 'a.state COLLATE "C"',
    "is_private": "a.is_private::int",
    "is_staff": "a.is_staff::int",
    "created_at": "a.created_at",
    # Who was never there comes after everybody who was.
    "last_activity_at": "coalesce(a.last_activity_at, '0001-01-02T00:00:00Z'::timestamptz)",
    "posts_count": "coalesce(stats.posts, 0)",
    "likes_received": "coalesce(stats.likes, 0)",
}
BY_STATS = frozenset({"posts_count", "likes_received"})
LOAD = f"""
SELECT a.id, a.username, a.full_name, a.is_private, profile.avatar_media_id,
    a.email, a.email_verified_at IS NOT NULL, a.mobile, a.state, a.is_staff, a.created_at, a.last_activity_at,
    coalesce(stats.posts, 0), coalesce(stats.likes, 0)
FROM social_account a
JOIN social_profile profile ON profile.account_id = a.id
LEFT JOIN LATERAL ({STATS} AND p.author_id = a.id GROUP BY p.author_id) stats ON true
WHERE a.id = ANY(%(ids)s::bigint[])
"""  # noqa: S608 - constants
COLUMNS = (
    "id",
    "username",
    "full_name",
    "is_private",
    "avatar_media_id",
    "email",
    "email_verified",
    "mobile",
    "state",
    "is_staff",
    "created_at",
    "last_activity_at",
    "posts_count",
    "likes_received",
)


@dataclass(frozen=True, slots=True)
class AccountFilters:
    """What the list of accounts is narrowed to. Times are inclusive; `state` None is every state; `search` is a part of
    username, full name or e-mail address; `ordering` is a key of ORDERINGS, `-` in front for descending."""

    state: str | None = "active"
    is_private: bool | None = None
    is_staff: bool | None = None
    search: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    active_from: datetime | None = None
    active_to: datetime | None = None
    ordering: str = "-last_activity_at"


def read_stats(seen: SeenAccount, viewer: Viewer, detail: Mapping[str, Any] | None = None) -> dict[str, int]:
    """`UserStats` of an account: the same for every viewer, but that posts for close friends leave no trace to others
    (R35), and zeros for who blocks it (R32). `detail` is its AccountDetail, where it is at hand. Raises
    GraphUnavailable."""
    if seen.relation.blocks_fully and not viewer.is_staff:
        names = ("posts", "followers", "following", "likes_received", "comments_received")
        return dict.fromkeys(names, 0)
    counters = PostCounters.objects.filter(post__author_id=seen.id, post__state=PostState.PUBLISHED)
    if not may_know_of_close_friends(seen.owner, viewer, seen.relation):
        counters = counters.exclude(post__audience=PostAudience.CLOSE_FRIENDS)
    received = counters.aggregate(likes=Sum("like_count"), comments=Sum("comment_count"))
    if detail is None:
        edges = load_counts([seen.id])[seen.id]
        posts = account_facts.load("posts_count", [seen.id], viewer, {seen.id: seen.relation})
        numbers = (posts.get(seen.id, 0), edges.followers, edges.following)
    else:
        numbers = (detail["posts_count"], detail["followers_count"], detail["following_count"])
    return {
        "posts": numbers[0],
        "followers": numbers[1],
        "following": numbers[2],
        "likes_received": received["likes"] or 0,
        "comments_received": received["comments"] or 0,
    }


def accounts_skeleton(filters: AccountFilters) -> Skeleton[AccountId]:
    """All accounts that pass the filters, in their ordering. For staff: no rule hides any of them."""
    name = filters.ordering.removeprefix("-")
    column, descending = ORDERINGS[name], filters.ordering.startswith("-")
    conditions, params = _where(filters)
    stats = (
        f"LEFT JOIN ({STATS} GROUP BY p.author_id) stats ON stats.author_id = a.id"
        if name in BY_STATS
        else ""
    )

    def fetch(position: Position | None, n: int) -> Sequence[Entry[AccountId]]:
        falling = descending != (position is not None and position.backwards)
        order = "DESC" if falling else "ASC"
        where, values = list(conditions), {**params, "n": n}
        if position is not None:
            where.append(f"({column}, a.id) {'<' if falling else '>'} (%(key)s, %(id)s)")
            values |= {"key": position.key[0], "id": position.key[1]}
        statement = (
            f"SELECT {column}, a.id FROM social_account a {stats} "  # noqa: S608
            f"WHERE {' AND '.join(where)} ORDER BY {column} {order}, a.id {order} LIMIT %(n)s"
        )
        return [((row[0], row[1]), row[1]) for row in fetch_all(statement, values)]

    return fetch


def read_accounts(
    filters: AccountFilters, *, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `AccountRow` for staff: three SQL queries."""

    def keep(ids: Sequence[AccountId]) -> Sequence[dict[str, Any] | None]:
        rows = {row[0]: dict(zip(COLUMNS, row, strict=True)) for row in fetch_all(LOAD, {"ids": list(ids)})}
        avatars = [row["avatar_media_id"] for row in rows.values() if row["avatar_media_id"] is not None]
        urls = account_facts.avatars(avatars)
        for row in rows.values():
            row["avatar_url"] = urls.get(row.pop("avatar_media_id"))
        # Purged between the two queries: left out.
        return [rows.get(id_) for id_ in ids]

    return read_page(accounts_skeleton(filters), keep, scope=scope, cursor=cursor, limit=limit)


def _where(filters: AccountFilters) -> tuple[list[str], dict[str, Any]]:
    conditions = ["true"]
    params: dict[str, Any] = {}

    def also(condition: str, **values: Any) -> None:
        conditions.append(condition)
        params.update(values)

    for name in ("state", "is_private", "is_staff"):
        if (value := getattr(filters, name)) is not None:
            also(f"a.{name} = %({name})s", **{name: value})
    for column, name, sign in (
        ("created_at", "created_from", ">="),
        ("created_at", "created_to", "<="),
        ("last_activity_at", "active_from", ">="),
        ("last_activity_at", "active_to", "<="),
    ):
        if (moment := getattr(filters, name)) is not None:
            also(f"a.{column} {sign} %({name})s::timestamptz", **{name: moment})
    if filters.search is not None:
        text = filters.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        also(
            "(a.username ILIKE %(search)s OR a.full_name ILIKE %(search)s OR a.email ILIKE %(search)s)",
            search=f"%{text}%",
        )
    return conditions, params
