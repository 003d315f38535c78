"""Reading likes: who likes a post, what an account likes, one like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum

from content.feed.skeletons import latest_first
from content.hydration import PostHydration, complete_posts, load_posts
from content.models import Like, PostAudience, PostCounters, PostState
from content.presenters import present_post
from project.kernel.errors import NotFound
from project.kernel.paging import Entry, PageOf, Position, Skeleton, read_page
from project.kernel.viewer import Viewer
from social.hydration import hydrate_accounts
from social.models import AccountState
from social.presenters import present_brief, present_known
from social.visibility import Surface


@dataclass(frozen=True, slots=True)
class LikeRow:
    """A like as a list proposes it."""

    id: int
    post_id: int
    account_id: int
    created_at: datetime


LIKE_FIELDS = tuple(LikeRow.__dataclass_fields__)


def likes_skeleton(**of: int) -> Skeleton[LikeRow]:
    """Likes of a post (`post_id=`), by an account (`account_id=`) or both, newest first."""

    rows = latest_first(Like.objects.filter(counted=True, **of), *LIKE_FIELDS[1:])

    def fetch(position: Position | None, n: int) -> Sequence[Entry[LikeRow]]:
        return [(key, LikeRow(*row)) for key, row in rows(position, n)]

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
            {**present_known(row.account_id, state), "liked_at": row.created_at}
            if state.may_show(row.account_id)
            else None
            for row in rows
        ]

    return read_page(likes_skeleton(post_id=post_id), keep, scope=scope, cursor=cursor, limit=limit)


def read_likes(
    viewer: Viewer, *, scope: str, cursor: str | None, limit: int, surface: Surface = Surface.LIST, **of: int
) -> PageOf[dict[str, Any]]:
    """A page of `LikeOut`, newest first: of a post (`post_id=`), by an account (`account_id=`), or both. A like
    shows to who may see the post, and the one who gave it. Four SQL queries and one graph query besides the
    skeleton's, and as many more for every refill. Raises InvalidCursor, GraphUnavailable."""
    state: PostHydration | None = None

    def keep(rows: Sequence[LikeRow]) -> Sequence[LikeRow | None]:
        nonlocal state
        if not rows:
            return []
        people = {row.account_id for row in rows}
        state = load_posts({row.post_id for row in rows}, viewer, known=state, others=people)
        return [row if _may_show(row, state, surface) else None for row in rows]

    page = read_page(likes_skeleton(**of), keep, scope=scope, cursor=cursor, limit=limit)
    if state is None or not page.results:
        return PageOf([], page.next, page.previous)
    full = complete_posts(state, {row.post_id for row in page.results})
    return PageOf([_present(row, full) for row in page.results], page.next, page.previous)


def read_like(like_id: int, viewer: Viewer) -> dict[str, Any]:
    """`LikeOut` of one like. Raises NotFound, GraphUnavailable."""
    return _open(viewer, pk=like_id)


def read_own_like(post_id: int, viewer: Viewer) -> dict[str, Any]:
    """`LikeOut` of the viewer's own like of a post. Raises NotFound, GraphUnavailable."""
    return _open(viewer, post_id=post_id, account_id=viewer.id)


def _open(viewer: Viewer, **which: int) -> dict[str, Any]:
    found = Like.objects.filter(counted=True, **which).values_list(*LIKE_FIELDS).first()
    if found is None:
        raise NotFound
    row = LikeRow(*found)
    state = load_posts([row.post_id], viewer, others=[row.account_id])
    if not _may_show(row, state, Surface.DIRECT):
        raise NotFound
    return _present(row, complete_posts(state, [row.post_id]))


def read_batch(post_ids: Sequence[int], viewer: Viewer) -> dict[str, dict[str, Any]]:
    """post id → `LikeState`, of those that the viewer may see: one SQL and one graph query. Raises
    GraphUnavailable."""
    if not post_ids:
        return {}
    state = load_posts(post_ids, viewer)
    return {
        str(id_): {"count": state.posts[id_].like_count, "liked": state.posts[id_].has_liked}
        for id_ in post_ids
        if state.may_see(id_, Surface.DIRECT)
    }


def total_likes() -> int:
    """How many likes there are on everything public: the same for every viewer, and no trace of what is not
    (R35)."""
    counters = PostCounters.objects.filter(
        like_count__gt=0,
        post__state=PostState.PUBLISHED,
        post__audience=PostAudience.EVERYONE,
        post__author__state=AccountState.ACTIVE,
        post__author__is_private=False,
    )
    return counters.aggregate(total=Sum("like_count"))["total"] or 0


def _may_show(row: LikeRow, state: PostHydration, surface: Surface) -> bool:
    return state.may_see(row.post_id, surface) and state.accounts.may_show(row.account_id)


def _present(row: LikeRow, state: PostHydration) -> dict[str, Any]:
    return {
        "id": row.id,
        "post": present_post(row.post_id, state),
        "account": present_brief(row.account_id, state.accounts),
        "created_at": row.created_at,
    }
