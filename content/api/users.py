"""What accounts have published, below `/users`. The accounts themselves are in `social.api`."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from content.feed.reader import read_posts, read_shown
from content.feed.skeletons import author_skeleton, reposts_skeleton, tagged_skeleton
from content.schemas.posts import PostOut
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.access import access_lists
from social.auth import signed_in
from social.visibility import Surface

router = Router(tags=["users"])


class GridQuery(PageQuery):
    """Which posts: the account's own, what it reposted, or those on which it is tagged."""

    tab: Literal["posts", "reposts", "tagged"] = Field(
        "posts",
        description="`posts`: what the account published itself; `reposts`: what it reposted; `tagged`: posts on "
        "which it is tagged",
    )


@router.get(
    "/{user}/posts/",
    operation_id="users_posts_list",
    summary="Posts of an account",
    auth=signed_in,
    response={200: Page[PostOut], 503: Problem},
)
def list_user_posts(
    request: ViewerRequest, response: HttpResponse, user: str, query: Query[GridQuery]
) -> dict[str, Any]:
    """The profile grid: what the viewer may see of it. Own posts and those where the account is tagged are newest
    first by time of publication, reposts by time of the repost.

    403 `private-account` for a private account that the viewer does not follow."""
    seen = access_lists(request.auth, user)
    where: dict[str, Any] = {
        "scope": scope_of("users_posts_list", [seen.id, query.tab]),
        "cursor": query.cursor,
        "limit": query.limit,
    }
    if query.tab == "reposts":
        page = read_shown(reposts_skeleton(seen.id), request.auth, Surface.PROFILE, **where)
    else:
        skeleton = author_skeleton(seen.id) if query.tab == "posts" else tagged_skeleton(seen.id)
        page = read_posts(skeleton, request.auth, Surface.PROFILE, **where)
    add_links(request, response, page)
    return page.as_dict()
