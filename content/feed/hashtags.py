"""Reading hashtags: one, its posts, those that an account follows, those that trend.

A hashtag exists for a viewer where it is not banned and at least one post under it is one that they may see: a name
that only private accounts use, or only somebody across a block, is none that they could find (R32). Those that one
follows stay, with nothing under them for the time being. Staff see every hashtag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef

from content.feed.reader import read_posts
from content.feed.skeletons import latest_first
from content.hydration import PostHydration, load_posts
from content.hydration_hashtags import HashtagId, HashtagRow, find_hashtag_row, load_hashtags
from content.models import Hashtag, HashtagFollow, PostHashtag
from content.presenters import present_hashtag
from content.services.trends import load_ranking, window_start
from content.text import fold_hashtag
from graph.queries.circle import load_circle
from project.kernel.errors import NotFound
from project.kernel.paging import Entry, PageOf, Position, Skeleton, read_page
from project.kernel.sql import fetch_all
from project.kernel.viewer import Viewer
from social.visibility import Surface

PostId = int

# Signed out: what is counted is what everybody may see. Index-only.
PUBLIC = """
SELECT used.published_at, used.post_id FROM content_posthashtag used
WHERE used.hashtag_id = %(hashtag)s AND used.counted
"""
REACH = """
WHERE used.hashtag_id = %(hashtag)s AND used.published_at IS NOT NULL
  AND (used.counted OR p.author_id = ANY(%(near)s::bigint[])) AND p.author_id <> ALL(%(apart)s::bigint[])
"""
WITHIN_REACH = f"""
SELECT used.published_at, used.post_id FROM content_posthashtag used JOIN content_post p ON p.id = used.post_id
{REACH}"""  # noqa: S608 - constants
# The planner walks the index of likes for a hashtag that many posts use, and sorts the few posts of another one.
TOP = f"""
SELECT counters.like_count, counters.post_id
FROM content_posthashtag used
JOIN content_post p ON p.id = used.post_id
JOIN content_postcounters counters ON counters.post_id = used.post_id
{REACH}"""  # noqa: S608 - constants
KEYS = {
    "new": ("used.published_at", "used.post_id"),
    "top": ("counters.like_count", "counters.post_id"),
}


def open_hashtag(name: str, viewer: Viewer) -> HashtagRow:
    """A hashtag by a name as people write it: any case and Unicode form. Signed out one query; else at most three,
    and two graph queries. Raises NotFound, GraphUnavailable."""
    row = _find(name, viewer)
    if not _certain(row, viewer) and not _leads_anywhere(row.id, viewer):
        raise NotFound
    return row


def read_hashtag_posts(
    name: str, viewer: Viewer, *, ordering: str, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `PostOut` under a hashtag: `new` is newest first by publication, `top` most likes first. One SQL
    query and one graph query besides those of every list of posts. Raises NotFound, InvalidCursor,
    GraphUnavailable."""
    row = _find(name, viewer)
    skeleton = hashtag_skeleton(row.id, viewer, ordering)
    page = read_posts(skeleton, viewer, Surface.LIST, scope=scope, cursor=cursor, limit=limit)
    # On a later page there was something before.
    if not page.results and cursor is None and page.next is None and not _certain(row, viewer):
        raise NotFound
    return page


def read_followed_hashtags(
    viewer: Viewer, *, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `HashtagOut`: what the viewer follows, latest first. Two SQL queries a batch. Raises
    InvalidCursor."""

    follows = HashtagFollow.objects.filter(account_id=viewer.id, hashtag__banned=False)

    def keep(followed: Sequence[tuple[Any, ...]]) -> Sequence[dict[str, Any] | None]:
        ids = [hashtag_id for _, hashtag_id in followed]
        rows = load_hashtags(ids, viewer) if ids else {}
        return [present_hashtag(rows[id_]) if id_ in rows else None for id_ in ids]

    return read_page(latest_first(follows, "hashtag_id"), keep, scope=scope, cursor=cursor, limit=limit)


def read_trends(viewer: Viewer, *, scope: str, cursor: str | None, limit: int) -> PageOf[dict[str, Any]]:
    """A page of `HashtagOut`: what trends, best first (`services.trends`). The order is everybody's; a hashtag is
    left out for a viewer who may not see, or mutes, everyone by whom it trends (R32, R34). Two SQL queries a batch,
    and one of the graph where somebody is signed in. Raises InvalidCursor, GraphUnavailable."""
    # Descending all along: of two with one score the older hashtag is first.
    keys = [((score, -hashtag_id), hashtag_id) for score, hashtag_id in load_ranking()]
    apart = _left_out_of_trends(viewer) if viewer.signed_in else []

    def fetch(position: Position | None, n: int) -> Sequence[Entry[HashtagId]]:
        if position is None:
            return keys[:n]
        if position.backwards:
            return [entry for entry in reversed(keys) if entry[0] > position.key][:n]
        return [entry for entry in keys if entry[0] < position.key][:n]

    def keep(ids: Sequence[HashtagId]) -> Sequence[dict[str, Any] | None]:
        if not ids:
            return []
        uses = PostHashtag.objects.filter(
            hashtag=OuterRef("pk"), counted=True, published_at__gt=window_start()
        )
        if apart:
            uses = uses.exclude(post__author_id__in=apart)
        trending = Hashtag.objects.filter(Exists(uses), pk__in=ids, banned=False).values_list("pk", flat=True)
        rows = load_hashtags(trending, viewer)
        return [present_hashtag(rows[id_]) if id_ in rows else None for id_ in ids]

    return read_page(fetch, keep, scope=scope, cursor=cursor, limit=limit)


def hashtag_skeleton(hashtag_id: HashtagId, viewer: Viewer, ordering: str = "new") -> Skeleton[PostId]:
    """Published posts under a hashtag that the viewer might see. One graph query where somebody is signed in, asked
    when the first page is read."""
    columns = KEYS[ordering]
    reach: dict[str, Any] | None = None

    def fetch(position: Position | None, n: int) -> Sequence[Entry[PostId]]:
        nonlocal reach
        if reach is None:
            reach = {"hashtag": hashtag_id, **_reach(viewer)}
        select = TOP if ordering == "top" else WITHIN_REACH if viewer.signed_in else PUBLIC
        rising = position is not None and position.backwards
        params, beyond = {**reach, "n": n}, ""
        if position is not None:
            beyond = f"AND ({', '.join(columns)}) {'>' if rising else '<'} (%(first)s, %(second)s)"
            params |= {"first": position.key[0], "second": position.key[1]}
        order = ", ".join(f"{column} {'ASC' if rising else 'DESC'}" for column in columns)
        return [
            ((row[0], row[1]), row[1])
            for row in fetch_all(f"{select} {beyond} ORDER BY {order} LIMIT %(n)s", params)
        ]

    return fetch


def _find(name: str, viewer: Viewer) -> HashtagRow:
    folded = fold_hashtag(name)
    row = find_hashtag_row(folded, viewer) if folded else None
    if row is None or (row.banned and not viewer.is_staff):
        raise NotFound
    return row


def _certain(row: HashtagRow, viewer: Viewer) -> bool:
    """Whether the hashtag is there for the viewer whatever they may see of its posts."""
    return viewer.is_staff or row.following or (not viewer.signed_in and row.post_count > 0)


def _leads_anywhere(hashtag_id: HashtagId, viewer: Viewer) -> bool:
    state: PostHydration | None = None

    def keep(ids: Sequence[PostId]) -> Sequence[bool | None]:
        nonlocal state
        if not ids:
            return []
        state = load_posts(ids, viewer, known=state)
        return [True if state.may_see(post_id, Surface.LIST) else None for post_id in ids]

    # Nothing of this page is shown but whether there is any.
    page = read_page(hashtag_skeleton(hashtag_id, viewer), keep, scope="", cursor=None, limit=1)
    return bool(page.results) or page.next is not None


def _reach(viewer: Viewer) -> dict[str, list[int]]:
    """Whose posts are proposed besides the public ones, and whose are not. One graph query. Raises
    GraphUnavailable."""
    if not viewer.signed_in:
        return {"near": [], "apart": []}
    circle = load_circle(viewer.id)
    return {
        "near": [viewer.id, *(circle.followed | circle.close_friend_of)],
        "apart": [*((circle.hidden | circle.posts_hidden_by) - {viewer.id})],
    }


def _left_out_of_trends(viewer: Viewer) -> list[int]:
    """Those whose uses do not make a hashtag trend for the viewer. One graph query. Raises GraphUnavailable."""
    circle = load_circle(viewer.id)
    return [*((circle.hidden | circle.posts_hidden_by | circle.muted_posts) - {viewer.id})]
