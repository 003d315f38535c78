"""Liking posts, and who likes them. Mounted below `/posts`."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from content.access import access_post
from content.feed.likes import count_likes, read_likers, read_own_like
from content.schemas.likes import LikeOut, Liker
from content.services import likes
from project.kernel.inputs import PathId
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import CountedPage, Problem
from project.kernel.viewer import ViewerRequest
from social.auth import maybe_signed_in, signed_in

router = Router(tags=["likes"])


@router.put(
    "/{post_id}/like/",
    operation_id="posts_like",
    summary="Like a post",
    auth=signed_in,
    response={200: LikeOut, 201: LikeOut, 409: Problem, 503: Problem},
)
def like_post(request: ViewerRequest, post_id: PathId) -> Status[dict[str, Any]]:
    """Like a post: 201 the first time, 200 when it is liked already. 409 `post-not-published` for a draft."""
    liked = likes.like_post(actor=request.auth, post_id=post_id)
    return Status(201 if liked.created else 200, read_own_like(post_id, request.auth))


@router.delete(
    "/{post_id}/like/",
    operation_id="posts_unlike",
    summary="Take a like back",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def unlike_post(request: ViewerRequest, post_id: PathId) -> Status[None]:
    """Take one's like back. 204 also when there was none."""
    likes.unlike_post(actor=request.auth, post_id=post_id)
    return Status(204, None)


@router.get(
    "/{post_id}/likes/",
    operation_id="posts_likes_list",
    summary="Who likes a post",
    auth=maybe_signed_in,
    response={200: CountedPage[Liker], 503: Problem},
)
def list_likers(
    request: ViewerRequest, response: HttpResponse, post_id: PathId, page: Query[PageQuery]
) -> dict[str, Any]:
    """The accounts that like a post, newest like first, with the viewer's relation to each. `count` is the
    same for every viewer, whoever of them is hidden here."""
    access_post(request.auth, post_id)
    result = read_likers(
        post_id,
        request.auth,
        scope=scope_of("posts_likes_list", [post_id]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, result)
    return result.as_dict(count=count_likes(post_id))
