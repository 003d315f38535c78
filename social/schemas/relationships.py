"""Follows, blocks, mutes, suggestions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from project.kernel.inputs import Bool, DateTimeIn, IdOut, In, Out, Small
from social.schemas.accounts import AccountBrief, BlockScopes, MuteSwitches


class FollowOut(Out):
    """What became of a follow: done, or asked for where the account is private."""

    state: Literal["following", "requested"]
    request_id: IdOut | None


class BlockIn(In):
    """What to block. Scopes add up; `all` takes them up."""

    scope: Literal["all", "posts", "stories"] = "all"


class BlockOut(Out):
    """A blocked account and what the block covers."""

    account: AccountBrief
    blocking: BlockScopes
    since: datetime


class MuteIn(In):
    """What to mute, and until when. Without any switch all three are on; else those that are not sent are off."""

    posts: Bool | None = None
    stories: Bool | None = None
    notifications: Bool | None = None
    expires_at: DateTimeIn | None = None

    def switches(self) -> tuple[bool, bool, bool]:
        """Posts, stories, notifications."""
        sent = (self.posts, self.stories, self.notifications)
        if all(switch is None for switch in sent):
            return True, True, True
        return bool(self.posts), bool(self.stories), bool(self.notifications)


class MuteOut(Out):
    """A muted account, by which switches and until when."""

    account: AccountBrief
    muting: MuteSwitches
    since: datetime


class Suggestion(Out):
    """An account worth following. `mutual_count` accounts that I follow follow it; `mutuals` are some of them."""

    account: AccountBrief
    mutual_count: Small
    mutuals: list[AccountBrief]
    reason: Annotated[
        Literal["mutual_follows", "shared_interests", "popular"],
        Field(
            description="`mutual_follows`: people I follow follow it; `shared_interests`: it posts with hashtags that I"
            " use or like; `popular`: many follow it"
        ),
    ]


class FollowRequestOut(Out):
    """A pending follow request. `account` is the other one: who asks (incoming) or whom I ask (outgoing)."""

    id: IdOut
    account: AccountBrief
    direction: Literal["incoming", "outgoing"]
    created_at: datetime
