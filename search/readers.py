"""Pages of what was found: the engine's proposals, hydrated, judged, presented, refilled where the rules took
some away.

Muted accounts stay in search (R34); blocks either way and accounts that are gone never show (R17, R32)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from content.feed.reader import read_posts
from content.hydration_hashtags import load_hashtags
from content.presenters import present_hashtag
from graph.queries.circle import load_circle
from project.kernel.paging import PageOf, read_page, scope_of
from project.kernel.viewer import Viewer
from search.engine import Hit, Index
from search.engines import get_engine
from search.skeletons import first_hits, hits_skeleton, posts_skeleton
from search.sources import findable_hashtags
from social.hydration import hydrate_accounts
from social.presenters import present_brief
from social.visibility import Surface

Results = PageOf[dict[str, Any]]


def search_users(
    viewer: Viewer, query: str, *, cursor: str | None, limit: int, first: list[Hit] | None = None
) -> Results:
    """Accounts by username and full name, as `AccountBrief`: three SQL and one graph query a batch. The
    viewer finds herself too. Raises SearchUnavailable, GraphUnavailable."""

    def keep(hits: Sequence[Hit]) -> Sequence[dict[str, Any] | None]:
        if not hits:
            return []
        state = hydrate_accounts([hit.id for hit in hits], viewer)
        return [present_brief(hit.id, state) if state.may_show(hit.id) else None for hit in hits]

    skeleton = hits_skeleton(Index.USERS, query, first)
    return read_page(skeleton, keep, scope=_scope("search_users", query), cursor=cursor, limit=limit)


def search_posts(
    viewer: Viewer, query: str, *, cursor: str | None, limit: int, first: list[Hit] | None = None
) -> Results:
    """Posts by title, caption and hashtags, as `PostOut`. Raises SearchUnavailable, GraphUnavailable."""
    return read_posts(
        posts_skeleton(query, first),
        viewer,
        Surface.SEARCH,
        scope=_scope("search_posts", query),
        cursor=cursor,
        limit=limit,
    )


def search_hashtags(
    viewer: Viewer, query: str, *, cursor: str | None, limit: int, first: list[Hit] | None = None
) -> Results:
    """Hashtags by name, as `HashtagOut`: three SQL queries a batch, one graph query. Raises
    SearchUnavailable, GraphUnavailable.

    Whether anything public still stands under a hashtag, by somebody not in a block with the viewer (R32) who does
    not hide posts from them (R33), is asked now."""

    circle = load_circle(viewer.id)
    hidden = circle.hidden | circle.posts_hidden_by

    def keep(hits: Sequence[Hit]) -> Sequence[dict[str, Any] | None]:
        if not hits:
            return []
        found = findable_hashtags(apart_from=hidden).filter(pk__in=[hit.id for hit in hits])
        rows = load_hashtags(found.values_list("pk", flat=True), viewer)
        return [present_hashtag(rows[hit.id]) if hit.id in rows else None for hit in hits]

    skeleton = hits_skeleton(Index.HASHTAGS, query, first)
    return read_page(skeleton, keep, scope=_scope("search_hashtags", query), cursor=cursor, limit=limit)


def search_all(viewer: Viewer, query: str, *, limit: int) -> dict[str, Any]:
    """The top of each, as `SearchResults`, of one search of the engine for all. Raises SearchUnavailable,
    GraphUnavailable."""
    first = first_hits(query, limit=limit)
    return {
        "users": search_users(viewer, query, cursor=None, limit=limit, first=first[Index.USERS]).results,
        "posts": search_posts(viewer, query, cursor=None, limit=limit, first=first[Index.POSTS]).results,
        "hashtags": search_hashtags(
            viewer, query, cursor=None, limit=limit, first=first[Index.HASHTAGS]
        ).results,
    }


def _scope(operation: str, query: str) -> str:
    # A position means something only to the engine that gave it.
    return scope_of(operation, [get_engine().name, query])
