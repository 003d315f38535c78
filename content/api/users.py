"""What accounts have published, below `/users`. The accounts themselves are in `social.api`."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from content.feed.reader import read_posts
from content.feed.skeletons import author_skeleton
from content.schemas.posts import PostOut
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.access import access_lists
from social.auth import signed_in
from social.visibility import Surface

router = Router(tags=["users"])


class GridQuery(PageQuery):
    """Which posts of the account: `posts` are its own."""

    tab: Literal["posts"] = Field("posts", description="`posts`: what the account published itself")


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
    """The profile grid, newest first by time of publication: what the viewer may see of it.

    403 `private-account` for a private account that the viewer does not follow."""
    seen = access_lists(request.auth, user)
    page = read_posts(
        author_skeleton(seen.id),
        request.auth,
        Surface.PROFILE,
        scope=scope_of("users_posts_list", [seen.id, query.tab]),
        cursor=query.cursor,
        limit=query.limit,
    )
    add_links(request, response, page)
    return page.as_dict()
