"""The one reader of posts: skeleton → hydrate → rules → present. Only the skeleton differs between home,
profile, hashtag and the general list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from content.feed.skeletons import Shown
from content.hydration import PostHydration, complete_posts, load_posts
from content.presenters import present_post
from project.kernel.errors import NotFound
from project.kernel.paging import Entry, PageOf, Position, Skeleton, read_page
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

    def plain(position: Position | None, n: int) -> Sequence[Entry[Shown]]:
        return [(at, Shown(post_id)) for at, post_id in skeleton(position, n)]

    return read_shown(plain, viewer, surface, scope=scope, cursor=cursor, limit=limit)


def read_shown(
    skeleton: Skeleton[Shown],
    viewer: Viewer,
    surface: Surface,
    *,
    scope: str,
    cursor: str | None,
    limit: int,
) -> PageOf[dict[str, Any]]:
    """The same of a list that reposts come into: those are judged by who reposted, too. One SQL query more
    where there are any."""
    state: PostHydration | None = None

    def keep(entries: Sequence[Shown]) -> Sequence[Shown | None]:
        nonlocal state
        if not entries:
            return []
        reposters = {entry.reposter_id for entry in entries if entry.reposter_id is not None}
        state = load_posts([entry.post_id for entry in entries], viewer, known=state, others=reposters)
        return [entry if _may_show(state, entry, surface) else None for entry in entries]

    page = read_page(skeleton, keep, scope=scope, cursor=cursor, limit=limit)
    if state is None or not page.results:
        return PageOf([], page.next, page.previous)
    full = complete_posts(state, [entry.post_id for entry in page.results])
    shown = [present_post(entry.post_id, full, reposted_by=entry.reposter_id) for entry in page.results]
    return PageOf(shown, page.next, page.previous)


def _may_show(state: PostHydration, entry: Shown, surface: Surface) -> bool:
    if entry.reposter_id is None:
        return state.may_see(entry.post_id, surface)
    return state.may_see_repost(entry.post_id, entry.reposter_id, surface)


def read_post(post_id: PostId, viewer: Viewer) -> dict[str, Any]:
    """`PostOut` of one post. Raises NotFound, GraphUnavailable."""
    return present_post(post_id, open_post(post_id, viewer))


def open_post(post_id: PostId, viewer: Viewer) -> PostHydration:
    """One post, hydrated and judged. Raises NotFound, GraphUnavailable."""
    state = load_posts([post_id], viewer)
    if not state.may_see(post_id, Surface.DIRECT):
        raise NotFound
    return complete_posts(state, [post_id])
