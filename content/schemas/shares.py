"""Saves, reposts and sends in answers and bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from content.schemas.posts import PostOut
from project.kernel.inputs import Count, Id, IdOut, In, Out
from social.schemas.accounts import AccountBrief, Relationship

MAX_RECIPIENTS = 50


class RepostOut(Out):
    """One account's repost of one post."""

    id: IdOut
    post: PostOut
    account: AccountBrief
    created_at: datetime


class Reposter(AccountBrief):
    """An account that has reposted the post, since when, and the viewer's relation to it."""

    reposted_at: datetime
    relationship: Relationship | None


class ShareIn(In):
    """Where to send the post: conversations, people, or neither for a link alone."""

    conversations: Annotated[list[Id], Field(max_length=MAX_RECIPIENTS, description="conversation ids")] = []
    users: Annotated[list[Id], Field(max_length=MAX_RECIPIENTS, description="account ids")] = []


class ShareOut(Out):
    """A post that was sent on."""

    url: str = Field(description="the post's address; who may not see the post finds nothing there")
    share_count: Count


class InsightsOut(Out):
    """What has become of a post, for its owner. `views` are openings of the post by others, the signed-out
    included; `reach` is how many accounts did. Accounts that are gone count nowhere."""

    post_id: IdOut
    views: Count
    reach: Count
    likes: Count
    comments: Count
    saves: Count
    shares: Annotated[Count, Field(description="reposts and sends")]
    reposts: Count
