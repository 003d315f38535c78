"""Reading likes: who likes a post, what an account likes, one like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from content.feed.reader import open_post
from content.hydration import PostHydration, complete_posts, load_posts
from content.models import Like, PostCounters
from content.presenters import present_post
from project.kernel.errors import NotFound
from project.kernel.paging import Entry, PageOf, Position, Skeleton, read_page
from project.kernel.viewer import Viewer
from social.hydration import hydrate_accounts
from social.presenters import present_brief, present_relationship
from social.visibility import Surface


@dataclass(frozen=True, slots=True)
class LikeRow:
    """A like as a list proposes it."""

    id: int
    post_id: int
    account_id: int
    created_at: datetime


def likes_skeleton(**of: int) -> Skeleton[LikeRow]:
    """Likes of a post (`post_id=`) or by an account (`account_id=`), newest first."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[LikeRow]]:
        likes = Like.objects.filter(counted=True, **of)
        order = "-id"
        if position is not None:
            order = "id" if position.backwards else "-id"
            likes = likes.filter(**{"id__gt" if position.backwards else "id__lt": position.key[0]})
        rows = likes.order_by(order).values_list("id", "post_id", "account_id", "created_at")[:n]
        return [((row[0],), LikeRow(*row)) for row in rows]

    return fetch


def count_likes(post_id: int) -> int:
    """The number of likes of a post, the same for every viewer (R36)."""
    found = PostCounters.objects.filter(pk=post_id).values_list("like_count", flat=True).first()
    return found or 0


def read_likers(
    post_id: int, viewer: Viewer, *, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `Liker` of a post that the viewer may see (`access.access_post`). Three SQL queries and one
    graph query, and as many more for every refill. Raises InvalidCursor, GraphUnavailable."""

    def keep(rows: Sequence[LikeRow]) -> Sequence[dict[str, Any] | None]:
        state = hydrate_accounts([row.account_id for row in rows], viewer)
        return [
            {
                **present_brief(row.account_id, state),
                "liked_at": row.created_at,
                "relationship": (
                    present_relationship(row.account_id, state.relations[row.account_id])
                    if viewer.signed_in and not viewer.owns(row.account_id)
                    else None
                ),
            }
            if state.may_show(row.account_id)
            else None
            for row in rows
        ]

    return read_page(likes_skeleton(post_id=post_id), keep, scope=scope, cursor=cursor, limit=limit)


def read_likes_of(
    account_id: int, viewer: Viewer, *, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `LikeOut`: what an account likes and the viewer may see. Raises InvalidCursor,
    GraphUnavailable."""
    state: PostHydration | None = None

    def keep(rows: Sequence[LikeRow]) -> Sequence[LikeRow | None]:
        nonlocal state
        if not rows:
            return []
        state = load_posts([row.post_id for row in rows], viewer, known=state)
        return [row if state.may_see(row.post_id, Surface.LIST) else None for row in rows]

    page = read_page(likes_skeleton(account_id=account_id), keep, scope=scope, cursor=cursor, limit=limit)
    if state is None or not page.results:
        return PageOf([], page.next, page.previous)
    full = complete_posts(state, [row.post_id for row in page.results])
    account = present_brief(account_id, hydrate_accounts([account_id], viewer))
    likes = [
        {
            "id": row.id,
            "post": present_post(row.post_id, full),
            "account": account,
            "created_at": row.created_at,
        }
        for row in page.results
    ]
    return PageOf(likes, page.next, page.previous)


def read_own_like(post_id: int, viewer: Viewer) -> dict[str, Any]:
    """`LikeOut` of the viewer's own like of a post. Raises NotFound, GraphUnavailable."""
    row = Like.objects.filter(post_id=post_id, account_id=viewer.id).values_list("id", "created_at").first()
    if row is None:
        raise NotFound
    state = open_post(post_id, viewer)
    account = hydrate_accounts([viewer.id], viewer)
    return {
        "id": row[0],
        "post": present_post(post_id, state),
        "account": present_brief(viewer.id, account),
        "created_at": row[1],
    }
