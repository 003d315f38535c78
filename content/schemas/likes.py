"""Likes in answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from content.schemas.posts import PostOut
from project.kernel.inputs import INT64, Count, Id, IdOut, In, Line, Out
from project.kernel.paging import PageQuery
from project.kernel.schemas import Page
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


class LikesPage(Page[LikeOut]):
    """A page of likes. `total_likes` is set where nothing was asked for, `liked` where both an account and a
    post were."""

    total_likes: Annotated[Count, Field(description="on all public posts together")] | None
    liked: bool | None


class LikesQuery(PageQuery):
    """Whose likes, of what."""

    user: Annotated[Line, StringConstraints(min_length=1, max_length=30)] | None = Field(
        None, description="id or username of who likes"
    )
    post: Annotated[int, Field(ge=1, le=INT64, json_schema_extra={"format": "int64"})] | None = Field(
        None, description="id of what is liked"
    )


class LikeToggleIn(In):
    """Which post to like, or not any more."""

    post: Id


class LikeState(Out):
    """The likes of one of many posts."""

    count: Count
    liked: bool
