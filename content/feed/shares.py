"""Reading who reposted a post, one repost, and a post's insights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum

from content.feed.reader import open_post
from content.models import PostCounters, PostView, Repost, Save
from content.presenters import present_post
from project.kernel.errors import NotFound
from project.kernel.paging import Entry, PageOf, Position, Skeleton, read_page
from project.kernel.viewer import Viewer
from social.hydration import hydrate_accounts
from social.models import AccountState
from social.presenters import present_brief, present_relationship
from social.visibility import Gated, Surface, may_see


@dataclass(frozen=True, slots=True)
class RepostRow:
    """A repost as a list proposes it."""

    id: int
    account_id: int
    created_at: datetime


def reposts_of_skeleton(post_id: int) -> Skeleton[RepostRow]:
    """Reposts of a post, newest first."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[RepostRow]]:
        reposts = Repost.objects.filter(counted=True, post_id=post_id)
        order = "-id"
        if position is not None:
            order = "id" if position.backwards else "-id"
            reposts = reposts.filter(**{"id__gt" if position.backwards else "id__lt": position.key[0]})
        rows = reposts.order_by(order).values_list("id", "account_id", "created_at")[:n]
        return [((row[0],), RepostRow(*row)) for row in rows]

    return fetch


def read_reposters(
    post_id: int, viewer: Viewer, *, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `Reposter` of a post that the viewer may see (`access.access_post`): those whose repost the viewer may
    see, so of private accounts those that the viewer follows (R53). Three SQL queries and one graph query, and as
    many more for every refill. Raises InvalidCursor, GraphUnavailable."""

    def keep(rows: Sequence[RepostRow]) -> Sequence[dict[str, Any] | None]:
        state = hydrate_accounts([row.account_id for row in rows], viewer)

        def shown(account_id: int) -> bool:
            # What a repost is of was judged before.
            return state.may_show(account_id) and may_see(
                Gated(state.cards[account_id].owner), viewer, state.relations[account_id], Surface.LIST
            )

        return [
            {
                **present_brief(row.account_id, state),
                "reposted_at": row.created_at,
                "relationship": (
                    present_relationship(row.account_id, state.relations[row.account_id])
                    if viewer.signed_in and not viewer.owns(row.account_id)
                    else None
                ),
            }
            if shown(row.account_id)
            else None
            for row in rows
        ]

    return read_page(reposts_of_skeleton(post_id), keep, scope=scope, cursor=cursor, limit=limit)


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
