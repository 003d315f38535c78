"""One account with what it has published and liked. Routed here because it can include posts."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum
from ninja import Query, Router
from pydantic import BaseModel, Field

from content.feed.likes import read_likes_of
from content.feed.reader import read_posts
from content.feed.skeletons import author_skeleton
from content.models import PostAudience, PostCounters, PostState
from content.schemas.accounts import UserOut
from project.kernel.errors import FieldProblem, Unprocessable
from project.kernel.paging import scope_of
from project.kernel.schemas import Problem
from project.kernel.viewer import Viewer, ViewerRequest
from social.access import SeenAccount, access_account
from social.auth import signed_in
from social.details import read_detail
from social.visibility import Surface, may_know_of_close_friends, may_list

router = Router(tags=["users"])
INCLUDED = ("posts", "likes")
# What is included is a first look; the lists themselves are paged.
INCLUDED_LIMIT = 20


class UserQuery(BaseModel):
    """What to put beside the account."""

    include: str = Field("", max_length=40, description="`posts`, `likes` or both, separated by commas")


def _included(text: str) -> set[str]:
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    if unknown := wanted - set(INCLUDED):
        message = f"only {' and '.join(INCLUDED)}, not {', '.join(sorted(unknown))}"
        raise Unprocessable(errors=[FieldProblem("query/include", "unknown_include", message)])
    return wanted


def _stats(seen: SeenAccount, detail: dict[str, Any]) -> dict[str, int]:
    """The account's numbers: the same for every viewer, but that posts for close friends leave no trace to others
    (R35)."""
    counters = PostCounters.objects.filter(post__author_id=seen.id, post__state=PostState.PUBLISHED)
    if not may_know_of_close_friends(seen.relation):
        counters = counters.exclude(post__audience=PostAudience.CLOSE_FRIENDS)
    received = counters.aggregate(likes=Sum("like_count"), comments=Sum("comment_count"))
    return {
        "posts": detail["posts_count"],
        "followers": detail["followers_count"],
        "following": detail["following_count"],
        "likes_received": received["likes"] or 0,
        "comments_received": received["comments"] or 0,
    }


def _links(account_id: int) -> dict[str, str]:
    base = "/api/v1"
    return {
        "account": f"{base}/users/{account_id}/",
        "profile": f"{base}/profiles/{account_id}/",
        "posts": f"{base}/users/{account_id}/posts/",
        "followers": f"{base}/followers/{account_id}/",
        "following": f"{base}/following/{account_id}/",
    }


def _posts(seen: SeenAccount, viewer: Viewer) -> list[dict[str, Any]]:
    return read_posts(
        author_skeleton(seen.id),
        viewer,
        Surface.PROFILE,
        scope=scope_of("users_get", [seen.id]),
        cursor=None,
        limit=INCLUDED_LIMIT,
    ).results


def _likes(seen: SeenAccount, viewer: Viewer) -> list[dict[str, Any]]:
    return read_likes_of(
        seen.id, viewer, scope=scope_of("users_get", [seen.id]), cursor=None, limit=INCLUDED_LIMIT
    ).results


@router.get(
    "/{user}/",
    operation_id="users_get",
    summary="An account",
    auth=signed_in,
    response={200: UserOut, 503: Problem},
    exclude_unset=True,
)
def get_user(request: ViewerRequest, user: str, query: Query[UserQuery]) -> dict[str, Any]:
    """An account by id or username, with its numbers and links. `?include=posts,likes` adds the newest twenty of
    each that the viewer may see. Contact fields are for the owner and staff."""
    wanted = _included(query.include)
    viewer = request.auth
    seen = access_account(viewer, user)
    answer = read_detail(seen.id, viewer, seen.relation)
    emptied = seen.relation.blocks_fully and not viewer.is_staff
    numbers = ("posts", "followers", "following", "likes_received", "comments_received")
    answer["stats"] = dict.fromkeys(numbers, 0) if emptied else _stats(seen, answer)
    answer["links"] = _links(seen.id)
    open_to_viewer = not emptied and may_list(seen.owner, viewer, seen.relation)
    if "posts" in wanted:
        answer["posts"] = _posts(seen, viewer) if open_to_viewer else []
    if "likes" in wanted:
        answer["likes"] = _likes(seen, viewer) if open_to_viewer else []
    return answer
