"""An account with what it has published and liked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from content.schemas.likes import LikeOut
from content.schemas.posts import MAX_SEARCH, From, PostOut, To
from project.kernel.inputs import Count, Id, In, Line, Out
from project.kernel.paging import PageQuery
from social.schemas.accounts import PRIVATE_FIELDS, AccountBrief, AccountDetail, optional


class UserStats(Out):
    """Numbers of an account, the same for every viewer."""

    posts: Count
    followers: Count
    following: Count
    likes_received: Count
    comments_received: Count


class UserLinks(Out):
    """Where the rest of the account is."""

    account: str
    profile: str
    posts: str
    followers: str
    following: str


class UserOut(AccountDetail):
    """An account. `posts` and `likes` are there only where `?include=` asks for them."""

    model_config = optional(*PRIVATE_FIELDS, "posts", "likes")

    stats: UserStats
    links: UserLinks
    posts: list[PostOut] = Field([], description="the newest twenty that the viewer may see")
    likes: list[LikeOut] = Field([], description="the newest twenty whose posts the viewer may see")


class AvatarIn(In):
    """The id of an own picture that is ready."""

    media: Id


class AccountRow(AccountBrief):
    """An account in the list for staff. The numbers leave out posts for close friends."""

    email: str
    email_verified: bool
    mobile: str
    state: Literal["active", "deactivated", "suspended", "deleted"]
    is_staff: bool
    created_at: datetime
    last_activity_at: datetime | None
    posts_count: Count
    likes_received: Count


AccountOrdering = Literal[
    "id",
    "-id",
    "username",
    "-username",
    "full_name",
    "-full_name",
    "email",
    "-email",
    "mobile",
    "-mobile",
    "state",
    "-state",
    "is_private",
    "-is_private",
    "is_staff",
    "-is_staff",
    "created_at",
    "-created_at",
    "last_activity_at",
    "-last_activity_at",
    "posts_count",
    "-posts_count",
    "likes_received",
    "-likes_received",
]


class AccountQuery(PageQuery):
    """Filters of the list of accounts. A date stands for its whole day in UTC; all bounds are inclusive."""

    state: Literal["active", "deactivated", "suspended", "deleted", "all"] = Field(
        "active", description="who has left is in no list unless asked for"
    )
    is_private: bool | None = None
    is_staff: bool | None = None
    search: Annotated[Line, StringConstraints(min_length=1, max_length=MAX_SEARCH)] | None = Field(
        None, description="part of the username, full name or e-mail address"
    )
    created__gte: From | None = Field(None, description="date or date-time")
    created__lte: To | None = Field(None, description="date or date-time")
    last_activity__gte: From | None = Field(None, description="date or date-time")
    last_activity__lte: To | None = Field(None, description="date or date-time")
    ordering: AccountOrdering = Field("-last_activity_at", description="`-` for descending")
