"""Follows and blocks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from project.kernel.inputs import IdOut, In, Out, Small
from social.schemas.accounts import AccountBrief, BlockScopes


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


class Suggestion(Out):
    """An account worth following. `mutual_count` accounts that I follow follow it; `mutuals` are some of them."""

    account: AccountBrief
    mutual_count: Small
    mutuals: list[AccountBrief]
    reason: Annotated[
        Literal["mutual_follows", "popular"],
        Field(description="`mutual_follows`: people I follow follow it; `popular`: many do"),
    ]


class FollowRequestOut(Out):
    """A pending follow request. `account` is the other one: who asks (incoming) or whom I ask (outgoing)."""

    id: IdOut
    account: AccountBrief
    direction: Literal["incoming", "outgoing"]
    created_at: datetime
