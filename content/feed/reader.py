"""The one reader of posts: skeleton → hydrate → rules → present. Only the skeleton differs between home,
profile, hashtag and the general list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from content.hydration import PostHydration, complete_posts, load_posts
from content.presenters import present_post
from project.kernel.errors import NotFound
from project.kernel.paging import PageOf, Skeleton, read_page
from project.kernel.viewer import Viewer
from social.visibility import Surface

PostId = int


def read_posts(
    skeleton: Skeleton[PostId],
    viewer: Viewer,
    surface: Surface,
    *,
    scope: str,
    cursor: str | None,
    limit: int,
) -> PageOf[dict[str, Any]]:
    """A page of `PostOut` for `viewer`, refilled where the rules hide some. The skeleton's queries apart:
    three SQL queries and one graph query, and one each more for every refill. Raises InvalidCursor,
    GraphUnavailable."""
    state: PostHydration | None = None

    def keep(ids: Sequence[PostId]) -> Sequence[PostId | None]:
        nonlocal state
        if not ids:
            return []
        state = load_posts(ids, viewer, known=state)
        return [post_id if state.may_see(post_id, surface) else None for post_id in ids]

    page = read_page(skeleton, keep, scope=scope, cursor=cursor, limit=limit)
    if state is None:
        return PageOf([], page.next, page.previous)
    full = complete_posts(state, page.results)
    return PageOf([present_post(post_id, full) for post_id in page.results], page.next, page.previous)


def read_post(post_id: PostId, viewer: Viewer) -> dict[str, Any]:
    """`PostOut` of one post. Raises NotFound, GraphUnavailable."""
    return present_post(post_id, open_post(post_id, viewer))


def open_post(post_id: PostId, viewer: Viewer) -> PostHydration:
    """One post, hydrated and judged. Raises NotFound, GraphUnavailable."""
    state = load_posts([post_id], viewer)
    if not state.may_see(post_id, Surface.DIRECT):
        raise NotFound
    return complete_posts(state, [post_id])
