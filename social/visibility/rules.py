"""The rules, pure: facts in, verdict out. No I/O, no clock but the moment that is passed in, nothing stored.

Every operation that shows what a person made asks one of these functions, on every request (R01)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from project.kernel.viewer import Viewer
from social.visibility.relations import Relation


class Audience(StrEnum):
    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    CLOSE_FRIENDS = "close_friends"


class Surface(StrEnum):
    """Where an item would appear. Mutes and the privileges of staff depend on it."""

    DIRECT = "direct"  # by its id
    PROFILE = "profile"  # on its owner's profile or list
    LIST = "list"  # in a general list of posts, hashtag pages
    HOME = "home"
    EXPLORE = "explore"
    SEARCH = "search"
    TRAY = "tray"


class Kind(StrEnum):
    POST = "post"
    STORY = "story"


@dataclass(frozen=True, slots=True)
class Owner:
    """What visibility needs to know of an account, from PostgreSQL."""

    account_id: int
    active: bool
    private: bool


@dataclass(frozen=True, slots=True)
class Gated:
    """What visibility needs to know of a post or story."""

    owner: Owner
    audience: str = Audience.EVERYONE
    published: bool = True
    expires_at: datetime | None = None
    kind: Kind = Kind.POST


def may_see_account(owner: Owner, viewer: Viewer, relation: Relation) -> bool:
    """Whether the account may be known of at all: its name, avatar, counts (R17, R22, R32).

    True for one whom the viewer blocks: their profile answers, emptied."""
    if not owner.active:
        return False
    if relation.is_self or viewer.is_staff:
        return True
    return not (relation.blocked_by is not None and relation.blocked_by.all)


def may_see_trace(owner: Owner, viewer: Viewer, relation: Relation) -> bool:
    """Whether the account may appear in somebody else's thread, list, likers, tags or search (R17, R32)."""
    return owner.active and not relation.severed


def may_list(owner: Owner, viewer: Viewer, relation: Relation) -> bool:
    """Whether the viewer may open the lists of an account whose profile they may see (R22). False is a 403."""
    return relation.is_self or viewer.is_staff or not owner.private or relation.following


def may_contact(policy: str, relation: Relation) -> bool:
    """Whether an account with this policy accepts a mention or message from somebody with this relation to it,
    seen from the one who reaches out (R40)."""
    if relation.is_self:
        return True
    match policy:
        case "everyone":
            return True
        case "following":
            return relation.followed_by
        case "followers":
            return relation.following
    return False


def may_know_of_close_friends(owner: Owner, viewer: Viewer, relation: Relation) -> bool:
    """Whether posts that the owner shows to close friends may leave a trace for the viewer, in counts too (R35): to
    those who may see them where they stand on the profile."""
    return may_see(Gated(owner, audience=Audience.CLOSE_FRIENDS), viewer, relation, Surface.PROFILE)


def may_see(
    item: Gated, viewer: Viewer, relation: Relation, surface: Surface, *, moment: datetime | None = None
) -> bool:
    """Whether `viewer` may see `item` on `surface`.

    `moment` is needed where the item expires. What has expired is gone for everyone, its owner and staff too: there
    is no archive (R56). Stories are for people who are signed in. The order of the checks is the order of the rules:
    gone, own, staff, state, block, scope, mute, privacy, audience."""
    if not item.owner.active:
        return False
    if item.expires_at is not None and (moment is None or moment >= item.expires_at):
        return False
    if item.kind is Kind.STORY and not viewer.signed_in:
        return False
    if relation.is_self:
        # Own drafts are at their own places, never between published things.
        return item.published or surface is Surface.DIRECT
    if viewer.is_staff and surface is Surface.DIRECT:
        return True
    if not item.published or relation.severed:
        return False
    return (
        not _scoped_out(item.kind, relation)
        and not _muted_out(item.kind, relation, surface)
        and _in_audience(item, viewer, relation)
    )


def is_public(item: Gated) -> bool:
    """Whether anybody at all may see it, signed in or not, blocks apart: what may be reposted (R53)."""
    return (
        item.owner.active
        and not item.owner.private
        and item.published
        and item.expires_at is None
        and item.audience == Audience.EVERYONE
    )


def may_see_repost(
    item: Gated,
    viewer: Viewer,
    relation: Relation,
    reposter: Owner,
    reposter_relation: Relation,
    surface: Surface,
) -> bool:
    """Whether `viewer` may see there that `reposter` has reposted `item` (R53).

    A repost shows while the post is public, to who may see the post, and to who would see a post of the reposter's
    own: not to those from whom the reposter hides or who mute them, and to followers alone where the reposter is
    private. `relation` is to the post's owner."""
    return (
        is_public(item)
        and may_see(item, viewer, relation, surface)
        and may_see(Gated(reposter), viewer, reposter_relation, surface)
    )


def _scoped_out(kind: Kind, relation: Relation) -> bool:
    """R33: a block of posts or stories hides the blocker's from the blocked, and severs nothing else."""
    scopes = relation.blocked_by
    if scopes is None:
        return False
    return scopes.posts if kind is Kind.POST else scopes.stories


def _muted_out(kind: Kind, relation: Relation, surface: Surface) -> bool:
    """R34: muted posts leave feed and explore, muted stories the tray; everything else stays."""
    mute = relation.muting
    if mute is None:
        return False
    if kind is Kind.STORY:
        return mute.stories and surface is Surface.TRAY
    return mute.posts and surface in (Surface.HOME, Surface.EXPLORE)


def _in_audience(item: Gated, viewer: Viewer, relation: Relation) -> bool:
    """R20, R35: a private owner must be followed, whatever the audience; close friends must be on the list now."""
    if item.owner.private and not relation.following:
        return False
    match item.audience:
        case Audience.EVERYONE:
            return True
        case Audience.FOLLOWERS:
            return relation.following
        case Audience.CLOSE_FRIENDS:
            return viewer.signed_in and relation.close_friend_of
    return False
