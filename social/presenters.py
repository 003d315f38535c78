"""Accounts as clients see them. Pure: no I/O; everything was hydrated before."""

from __future__ import annotations

from typing import Any

from graph.rows import MuteRow
from social.hydration import AccountHydration
from social.visibility import Relation

AccountId = int


def present_brief(account_id: AccountId, state: AccountHydration) -> dict[str, Any]:
    """`AccountBrief` of an account on the page."""
    card = state.cards[account_id]
    return {
        "id": card.id,
        "username": card.username,
        "full_name": card.full_name,
        "avatar_url": state.avatar_url(account_id),
        "is_private": card.is_private,
    }


def present_muting(mute: MuteRow) -> dict[str, Any]:
    """`MuteSwitches` of a mute that is not over."""
    return {
        "posts": mute.posts,
        "stories": mute.stories,
        "notifications": mute.notifications,
        "expires_at": mute.expires_at,
    }


def present_relationship(account_id: AccountId, relation: Relation) -> dict[str, Any]:
    """`Relationship` of the viewer to an account. `blocked_by` is never told (R32)."""
    blocking, muting = relation.blocking, relation.muting
    return {
        "account_id": account_id,
        "following": relation.following,
        "followed_by": relation.followed_by,
        "requested": relation.requested is not None,
        "requested_by": relation.requested_by is not None,
        "blocking": (
            {"all": blocking.all, "posts": blocking.posts, "stories": blocking.stories} if blocking else None
        ),
        "muting": present_muting(muting) if muting else None,
        "close_friend": relation.close_friend,
    }


def present_known(account_id: AccountId, state: AccountHydration) -> dict[str, Any]:
    """`AccountBrief` with `relationship`, the viewer's to it; null for one's own and where nobody is signed in."""
    viewer = state.viewer
    known = viewer.signed_in and not viewer.owns(account_id)
    return {
        **present_brief(account_id, state),
        "relationship": present_relationship(account_id, state.relations[account_id]) if known else None,
    }
