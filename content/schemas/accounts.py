"""An account with what it has published and liked."""

from __future__ import annotations

from pydantic import Field

from content.schemas.likes import LikeOut
from content.schemas.posts import PostOut
from project.kernel.inputs import Count, Out
from social.schemas.accounts import PRIVATE_FIELDS, AccountDetail, optional


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
