"""Liking posts, and who likes them: below `/posts` (`on_posts`) and by themselves (`router`)."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from content.access import access_post
from content.errors import IdsExpected
from content.feed.likes import (
    count_likes,
    read_batch,
    read_like,
    read_likers,
    read_likes,
    read_own_like,
    total_likes,
)
from content.schemas.likes import LikeOut, Liker, LikesPage, LikesQuery, LikeState, LikeToggleIn
from content.services import likes
from project.kernel.errors import InvalidCursor, NotFound
from project.kernel.idempotency import Done, once
from project.kernel.inputs import INT64, PathId
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import CountedPage, Problem
from project.kernel.viewer import Viewer, ViewerRequest
from social.access import access_account, access_lists
from social.auth import maybe_signed_in, signed_in
from social.visibility import Surface

TAG = ["likes"]
on_posts = Router(tags=TAG)
router = Router(tags=TAG)
MAX_BATCH = 100


@on_posts.put(
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


@on_posts.delete(
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


@on_posts.get(
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


@router.get(
    "/",
    operation_id="likes_list",
    summary="Likes",
    auth=maybe_signed_in,
    response={200: LikesPage, 403: Problem, 404: Problem, 503: Problem},
)
def list_likes(request: ViewerRequest, response: HttpResponse, query: Query[LikesQuery]) -> dict[str, Any]:
    """Likes of an account (`user`), of a post (`post`) or, with both, whether that account likes that post. With
    neither there is only `total_likes`, of everything public.

    403 `private-account` for all likes of a private account that the viewer does not follow; 404 for a post or an
    account that is not there or hidden."""
    viewer = request.auth
    if query.user is None and query.post is None:
        if query.cursor is not None:
            raise InvalidCursor
        return {"results": [], "next": None, "previous": None, "total_likes": total_likes(), "liked": None}
    of = _narrowed(query, viewer)
    page = read_likes(
        viewer,
        scope=scope_of("likes_list", sorted(of.items())),
        cursor=query.cursor,
        limit=query.limit,
        # A post that is named is judged as if it were opened.
        surface=Surface.LIST if query.post is None else Surface.DIRECT,
        **of,
    )
    add_links(request, response, page)
    liked = bool(page.results) if len(of) == 2 and query.cursor is None else None
    return page.as_dict(total_likes=None, liked=liked)


def _narrowed(query: LikesQuery, viewer: Viewer) -> dict[str, int]:
    """What the likes are of. Raises NotFound, PrivateAccount, GraphUnavailable."""
    of: dict[str, int] = {}
    if query.post is not None:
        of["post_id"] = access_post(viewer, query.post).id
    if query.user is not None:
        # Who likes a post is told to whoever sees the post; all that somebody likes is a list of theirs.
        seen = access_lists(viewer, query.user) if query.post is None else access_account(viewer, query.user)
        if seen.relation.blocks_fully:
            raise NotFound
        of["account_id"] = seen.id
    return of


@router.post(
    "/toggle/",
    operation_id="likes_toggle",
    summary="Like a post, or not any more",
    auth=signed_in,
    response={201: LikeOut, 204: None, 404: Problem, 409: Problem, 503: Problem},
)
def toggle_like(request: ViewerRequest, payload: LikeToggleIn) -> Status[Any]:
    """Like a post that one does not like: 201 with the like. Take the like back where one does: 204. A retry
    needs an `Idempotency-Key`, or it undoes what it repeats. 409 `post-not-published` for a draft."""
    viewer = request.auth

    def act() -> Done:
        liked = likes.toggle_like(actor=viewer, post_id=payload.post)
        return Done(201, payload.post) if liked else Done(204, None)

    return once(
        request,
        account_id=viewer.id,
        operation="likes_toggle",
        body=payload.model_dump_json(),
        act=act,
        render=lambda post_id: None if post_id is None else read_own_like(post_id, viewer),
    )


@router.get(
    "/batch/",
    operation_id="likes_batch",
    summary="Likes of many posts",
    auth=maybe_signed_in,
    response={200: dict[str, LikeState], 503: Problem},
)
def batch_likes(
    request: ViewerRequest,
    ids: Annotated[
        str,
        Field(max_length=2100, examples=["2,3,5"]),
        Query("", description="up to 100 post ids, separated by commas"),
    ],
) -> dict[str, Any]:
    """The likes of each post, by its id; unknown and hidden posts are left out. 400 `ids-expected` for what are
    not ids."""
    return read_batch(parse_ids(ids), request.auth)


def parse_ids(text: str) -> list[int]:
    """The ids in `1,2,3`, each once, in their order. Raises IdsExpected."""
    if not text:
        return []
    parts = text.split(",")
    if len(parts) > MAX_BATCH or any(
        not part.isascii() or not part.isdigit() or not 0 < int(part) <= INT64 for part in parts
    ):
        raise IdsExpected(f"Send 1 to {MAX_BATCH} post ids, separated by commas.")
    return list(dict.fromkeys(int(part) for part in parts))


@router.get(
    "/{like_id}/",
    operation_id="likes_get",
    summary="A like",
    auth=maybe_signed_in,
    response={200: LikeOut, 503: Problem},
)
def get_like(request: ViewerRequest, like_id: PathId) -> dict[str, Any]:
    """One like, of a post that the viewer may see, by an account that the viewer may find."""
    return read_like(like_id, request.auth)
