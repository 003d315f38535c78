"""Likes in answers."""

from __future__ import annotations

from datetime import datetime

from content.schemas.posts import PostOut
from project.kernel.inputs import IdOut, Out
from social.schemas.accounts import AccountBrief, Relationship


class LikeOut(Out):
    """One account's like of one post."""

    id: IdOut
    post: PostOut
    account: AccountBrief
    created_at: datetime


class Liker(AccountBrief):
    """An account that likes the post, since when, and the viewer's relation to it."""

    liked_at: datetime
    relationship: Relationship | None
