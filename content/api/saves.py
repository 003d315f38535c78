"""Saving posts for oneself: below `/posts` (`on_posts`), and the list of what is saved (`router`)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from content.feed.reader import read_post, read_posts
from content.feed.skeletons import saved_skeleton
from content.schemas.posts import PostOut
from content.services import saves
from project.kernel.inputs import PathId
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.auth import signed_in
from social.visibility import Surface

TAG = ["saves & shares"]
on_posts = Router(tags=TAG)
router = Router(tags=TAG)


@on_posts.put(
    "/{post_id}/save/",
    operation_id="posts_save",
    summary="Save a post",
    auth=signed_in,
    response={200: PostOut, 201: PostOut, 409: Problem, 503: Problem},
)
def save_post(request: ViewerRequest, post_id: PathId) -> Status[dict[str, Any]]:
    """Save a post for oneself: 201 the first time, 200 when it is saved already. Nobody is told of it. 409
    `post-not-published` for a draft."""
    created = saves.save_post(actor=request.auth, post_id=post_id)
    return Status(201 if created else 200, read_post(post_id, request.auth))


@on_posts.delete(
    "/{post_id}/save/",
    operation_id="posts_unsave",
    summary="Take a save back",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def unsave_post(request: ViewerRequest, post_id: PathId) -> Status[None]:
    """Take a save back. 204 also when there was none."""
    saves.unsave_post(actor=request.auth, post_id=post_id)
    return Status(204, None)


@router.get(
    "/",
    operation_id="saved_list",
    summary="Saved posts",
    auth=signed_in,
    response={200: Page[PostOut], 503: Problem},
)
def list_saved(request: ViewerRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """What one has saved, last saved first. Posts that one may not see any more are left out for as long."""
    viewer = request.auth
    result = read_posts(
        saved_skeleton(viewer.id),
        viewer,
        Surface.LIST,
        scope=scope_of("saved_list", [viewer.id]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, result)
    return result.as_dict()
