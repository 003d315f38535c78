"""Reading who reposted a post, one repost, and a post's insights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum

from content.access import SeenPost
from content.feed.reader import open_post
from content.feed.skeletons import latest_first
from content.models import PostCounters, PostView, Repost, Save
from content.presenters import present_post
from project.kernel.errors import NotFound
from project.kernel.paging import PageOf, read_page
from project.kernel.viewer import Viewer
from social.hydration import hydrate_accounts
from social.models import AccountState
from social.presenters import present_brief, present_known
from social.visibility import Surface, may_see_repost


def read_reposters(
    post: SeenPost, viewer: Viewer, *, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `Reposter` of a post that the viewer may see (`access.access_post`), latest first: those whose repost
    of it the viewer may see (R53), so nobody while the post is not public, and of private accounts those that the
    viewer follows. Three SQL queries and one graph query, and as many more for every refill. Raises InvalidCursor,
    GraphUnavailable."""
    reposts = Repost.objects.filter(counted=True, post_id=post.id)

    def keep(rows: Sequence[tuple[Any, ...]]) -> Sequence[dict[str, Any] | None]:
        state = hydrate_accounts([account_id for _, account_id, _ in rows], viewer)

        def shown(account_id: int) -> bool:
            card = state.cards.get(account_id)
            return card is not None and may_see_repost(
                post.gate, viewer, post.relation, card.owner, state.relations[account_id], Surface.LIST
            )

        return [
            {**present_known(account_id, state), "reposted_at": created_at} if shown(account_id) else None
            for _, account_id, created_at in rows
        ]

    skeleton = latest_first(reposts, "account_id", "created_at")
    return read_page(skeleton, keep, scope=scope, cursor=cursor, limit=limit)


def read_own_repost(post_id: int, viewer: Viewer) -> dict[str, Any]:
    """`RepostOut` of the viewer's own repost of a post. Raises NotFound, GraphUnavailable."""
    row = Repost.objects.filter(post_id=post_id, account_id=viewer.id).values_list("id", "created_at").first()
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


def read_share(post_id: int, viewer: Viewer) -> dict[str, Any]:
    """`ShareOut` of a post. Raises NotFound, GraphUnavailable."""
    state = open_post(post_id, viewer)
    return {
        "url": settings.POST_URL.replace("{id}", str(post_id)),
        "share_count": state.posts[post_id].share_count,
    }


def read_insights(post_id: int) -> dict[str, int]:
    """`InsightsOut` of a post, of what is in Postgres (`services.views.carry_over` brings the latest there)."""
    counters = PostCounters.objects.filter(pk=post_id).first()
    if counters is None:
        raise NotFound
    active = Q(account__state=AccountState.ACTIVE)
    views = PostView.objects.filter(Q(account__isnull=True) | active, post_id=post_id).aggregate(
        views=Sum("number"), reach=Count("account_id")
    )
    return {
        "post_id": post_id,
        "views": views["views"] or 0,
        "reach": views["reach"],
        "likes": counters.like_count,
        "comments": counters.comment_count,
        "saves": Save.objects.filter(active, post_id=post_id).count(),
        "shares": counters.share_count,
        "reposts": Repost.objects.filter(post_id=post_id, counted=True).count(),
    }
