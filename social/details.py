"""One account in full: loading and presenting `AccountDetail`."""

from __future__ import annotations

from typing import Any

from graph.queries.counts import load_counts
from graph.rows import CountsRow
from project.kernel.clock import now
from project.kernel.errors import NotFound
from project.kernel.viewer import Viewer
from social.hydration import AccountCard
from social.models import Account, AccountState, Profile
from social.presenters import present_relationship
from social.registries import account_facts
from social.services.verification import pending_email
from social.visibility import SELF, Owner, Relation, may_list, relation_to


def read_detail(account_id: int, viewer: Viewer, relation: Relation | None = None) -> dict[str, Any]:
    """`AccountDetail` of an active account for a viewer who may know of it: four SQL queries at most (five for
    the owner and staff) and one graph query (two without `relation`). Raises NotFound, GraphUnavailable."""
    account = (
        Account.objects.select_related("profile").filter(pk=account_id, state=AccountState.ACTIVE).first()
    )
    if account is None:
        raise NotFound
    if relation is None:
        relation = relation_to(viewer, account_id)
    if relation.blocks_fully and not viewer.is_staff:
        return _emptied(account, relation)
    avatar = account.profile.avatar_media_id
    relations = {account_id: relation}
    posts = account_facts.load("posts_count", [account_id], viewer, relations)
    stories = account_facts.load("has_story", [account_id], viewer, relations)
    return _present(
        account,
        viewer,
        relation,
        avatar_url=account_facts.avatars([avatar]).get(avatar) if avatar is not None else None,
        posts_count=posts.get(account_id, 0),
        has_story=stories.get(account_id, False),
        edges=load_counts([account_id])[account_id],
        waiting_email=pending_email(account_id) if relation.is_self or viewer.is_staff else None,
    )


def _present(
    account: Account,
    viewer: Viewer,
    relation: Relation,
    *,
    avatar_url: str | None,
    posts_count: int,
    has_story: bool,
    edges: CountsRow,
    waiting_email: str | None = None,
) -> dict[str, Any]:
    profile = account.profile
    detail: dict[str, Any] = {
        "id": account.pk,
        "username": account.username,
        "full_name": account.full_name,
        "avatar_url": avatar_url,
        "is_private": account.is_private,
        "bio": profile.bio,
        "website": profile.website,
        "gender": profile.gender,
        # R22 names what strangers see of a private account; a status is not among it.
        "status": _status(profile) if may_list(_owner(account), viewer, relation) else None,
        "show_followers": profile.show_followers,
        "show_following": profile.show_following,
        "posts_count": posts_count,
        "followers_count": edges.followers,
        "following_count": edges.following,
        "has_story": has_story,
        "relationship": (
            present_relationship(account.pk, relation) if viewer.signed_in and not relation.is_self else None
        ),
        "created_at": account.created_at,
    }
    if relation.is_self or viewer.is_staff:
        detail |= {
            "email": account.email,
            "email_verified": account.email_verified_at is not None,
            "mobile": account.mobile,
            "mobile_verified": account.mobile_verified_at is not None,
            "last_activity_at": account.last_activity_at,
            "pending_email": waiting_email,
        }
    return detail


def _owner(account: Account) -> Owner:
    """The facts that visibility needs."""
    return Owner(account.pk, account.is_active, account.is_private)


def _status(profile: Profile) -> dict[str, Any] | None:
    """`StatusOut`; None where there is none or its time is over, judged now: nothing needs to clear it."""
    ends = profile.status_expires_at
    if not (profile.status_text or profile.status_emoji) or (ends is not None and ends <= now()):
        return None
    return {"text": profile.status_text, "emoji": profile.status_emoji, "expires_at": ends}


def _emptied(account: Account, relation: Relation) -> dict[str, Any]:
    """What the blocker sees of whom they block: who it is, and that they block them (R32)."""
    return {
        "id": account.pk,
        "username": account.username,
        "full_name": "",
        "avatar_url": None,
        "is_private": account.is_private,
        "bio": "",
        "website": "",
        "gender": "unspecified",
        "status": None,
        "show_followers": False,
        "show_following": False,
        "posts_count": 0,
        "followers_count": 0,
        "following_count": 0,
        "has_story": False,
        "relationship": present_relationship(account.pk, relation),
        "created_at": account.created_at,
    }


def own_detail(account_id: int, viewer: Viewer) -> dict[str, Any]:
    """The account's own view of itself."""
    return read_detail(account_id, viewer, SELF)


def fresh_detail(account: Account, viewer: Viewer) -> dict[str, Any]:
    """A new account's view of itself. Nobody can follow it yet, so the graph is not asked: signing up works while it
    is away (R03)."""
    return _present(account, viewer, SELF, avatar_url=None, posts_count=0, has_story=False, edges=CountsRow())


def brief_of_card(card: AccountCard) -> dict[str, Any]:
    """`AccountBrief` of an account for itself; one query where it has an avatar."""
    avatar = card.avatar_media_id
    return {
        "id": card.id,
        "username": card.username,
        "full_name": card.full_name,
        "avatar_url": account_facts.avatars([avatar]).get(avatar) if avatar is not None else None,
        "is_private": card.is_private,
    }
