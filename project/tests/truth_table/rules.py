"""The rules, said once more and plainly: who sees what of whom, as functions over names alone.

Written from the rules' text. Nothing of the product is imported here, so that a mistake in `social.visibility` is not
repeated by what is expected of it."""

from __future__ import annotations

from enum import StrEnum


class Viewer(StrEnum):
    """What a viewer is to the owner of what is looked at."""

    SIGNED_OUT = "signed out"
    SELF = "self"
    STRANGER = "stranger"
    FOLLOWER = "follower"
    PENDING = "pending"
    BLOCKED = "blocked"
    BLOCKER = "blocker"
    POSTS_BLOCKED = "blocked from posts"
    STORIES_BLOCKED = "blocked from stories"
    MUTER = "muter"
    CLOSE_FRIEND = "close friend"
    LISTED = "close friend who does not follow"
    STAFF = "staff"
    DEACTIVATED = "deactivated"


class Owner(StrEnum):
    """What the owner is."""

    PUBLIC = "public"
    PRIVATE = "private"
    DEACTIVATED = "deactivated"


class Audience(StrEnum):
    """For whom an item is."""

    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    CLOSE_FRIENDS = "close friends"
    DRAFT = "draft"


class Item(StrEnum):
    """What has an audience. Scoped blocks and mutes tell them apart."""

    POST = "post"
    STORY = "story"


class Surface(StrEnum):
    """Where an item would stand."""

    DIRECT = "by its id"
    DRAFTS = "the drafts"
    PROFILE = "a profile"
    LIST = "a general list"
    HASHTAG = "a hashtag"
    HOME = "home"
    EXPLORE = "explore"
    SEARCH = "search"
    TRAY = "the tray"
    WHOLE_TRAY = "the tray with what is muted"
    BROUGHT_HOME = "home, by a repost or a hashtag"
    POPULAR = "what is popular"
    TRENDS = "what trends"


class Standing(StrEnum):
    """What a profile answers."""

    FULL = "all of it"
    EMPTIED = "the name and nothing else"
    SIGN_IN = "401"
    HIDDEN = "404"


class Door(StrEnum):
    """What the lists of an account answer: its posts, followers, followed."""

    OPEN = "200"
    CLOSED = "403"
    HIDDEN = "404"


# Muting is one-sided and a scoped block severs nothing: these all follow.
FOLLOWING = {
    Viewer.FOLLOWER,
    Viewer.POSTS_BLOCKED,
    Viewer.STORIES_BLOCKED,
    Viewer.MUTER,
    Viewer.CLOSE_FRIEND,
}
# Whom the owner hides posts from is on the list of close friends all the same: the block goes before it.
ON_THE_LIST = {Viewer.CLOSE_FRIEND, Viewer.LISTED, Viewer.POSTS_BLOCKED}
SEVERED = {Viewer.BLOCKED, Viewer.BLOCKER}
AT_THEIR_OWN_PLACE = {Surface.DIRECT, Surface.DRAFTS}
# R34: what is muted leaves these. R59 and the tray: the second are of those whom one follows.
WITHOUT_THE_MUTED = {
    Surface.HOME,
    Surface.BROUGHT_HOME,
    Surface.EXPLORE,
    Surface.POPULAR,
    Surface.TRENDS,
    Surface.TRAY,
}
OF_THE_FOLLOWED = {Surface.HOME, Surface.TRAY, Surface.WHOLE_TRAY}


def follows(viewer: Viewer, owner: Owner) -> bool:
    """R20: who has asked waits. R21: going public has accepted them; the one who left was public."""
    return viewer in FOLLOWING or (viewer is Viewer.PENDING and owner is not Owner.PRIVATE)


def there(viewer: Viewer, owner: Owner) -> bool:
    """R17: who is gone sees nothing and is seen by nobody."""
    return viewer is not Viewer.DEACTIVATED and owner is not Owner.DEACTIVATED


def finds(viewer: Viewer, owner: Owner) -> bool:
    """Whether the owner may stand in a list, a thread, beside an item, among hits: R17, R32. R22: a private account
    is no secret."""
    return there(viewer, owner) and viewer not in SEVERED


def profile(viewer: Viewer, owner: Owner) -> Standing:
    """R22, R32, and that signed out one reads public accounts only."""
    if not there(viewer, owner) or viewer is Viewer.BLOCKED:
        return Standing.HIDDEN
    if viewer is Viewer.BLOCKER:
        return Standing.EMPTIED
    if viewer is Viewer.SIGNED_OUT and owner is Owner.PRIVATE:
        return Standing.SIGN_IN
    return Standing.FULL


def lists(viewer: Viewer, owner: Owner) -> Door:
    """R22: 403 for a private account's lists, but to its followers, itself and staff. R32: none across a block."""
    if not finds(viewer, owner):
        return Door.HIDDEN
    if owner is Owner.PRIVATE and not follows(viewer, owner) and viewer not in {Viewer.SELF, Viewer.STAFF}:
        return Door.CLOSED
    return Door.OPEN


def sees(viewer: Viewer, owner: Owner, audience: Audience, surface: Surface, what: Item = Item.POST) -> bool:
    """Whether an item of the owner stands on that surface for the viewer."""
    if not there(viewer, owner):
        return False
    if what is Item.STORY and viewer is Viewer.SIGNED_OUT:
        # R56: the contract has no stories for who is signed out.
        return False
    if surface is Surface.DRAFTS:
        return viewer is Viewer.SELF and audience is Audience.DRAFT
    if viewer is Viewer.SELF:
        # R50: one's own drafts are not between what is published; R59: one's own posts are on one's home.
        return (audience is not Audience.DRAFT or surface in AT_THEIR_OWN_PLACE) and (
            surface is not Surface.EXPLORE
        )
    if viewer is Viewer.STAFF and surface is Surface.DIRECT:
        # R50: by its id, to moderate. In lists staff are like anybody.
        return True
    if audience is Audience.DRAFT or viewer in SEVERED:
        return False
    if viewer is (Viewer.POSTS_BLOCKED if what is Item.POST else Viewer.STORIES_BLOCKED):
        return False
    if viewer is Viewer.MUTER and surface in WITHOUT_THE_MUTED:
        return False
    if surface in OF_THE_FOLLOWED and not follows(viewer, owner):
        return False
    # Explore is of those whom one does not follow.
    if surface is Surface.EXPLORE and follows(viewer, owner):
        return False
    # R20, R35: a private owner must be followed, whatever the audience.
    if owner is Owner.PRIVATE and not follows(viewer, owner):
        return False
    if audience is Audience.FOLLOWERS:
        return follows(viewer, owner)
    if audience is Audience.CLOSE_FRIENDS:
        return viewer in ON_THE_LIST
    return True


def public(owner: Owner, audience: Audience) -> bool:
    """What is for everyone, by public accounts: what search promises to find (more it may find, but only for those who
    may see it), what a hashtag counts and trends by (R57), what may be reposted (R53), what a followed hashtag brings
    home (R59)."""
    return owner is Owner.PUBLIC and audience is Audience.EVERYONE


def counts_close_friends(viewer: Viewer, owner: Owner) -> bool:
    """R35: to those who may not see what is for close friends it leaves no trace, in counts neither."""
    return viewer is Viewer.SELF or (
        viewer in ON_THE_LIST and sees(viewer, owner, Audience.CLOSE_FRIENDS, Surface.PROFILE)
    )
