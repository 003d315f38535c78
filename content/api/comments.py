"""Comments: below a post (`on_posts`, mounted below `/posts`) and by their own id (`router`)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from content.access import access_comment, access_post
from content.feed.comments import read_comment, read_comments, replies_skeleton, threads_skeleton
from content.schemas.comments import CommentAccepted, CommentIn, CommentOut, CommentPatch, CommentQuery
from content.services import comment_burst, comment_likes, comments
from project.kernel.idempotency import Done, once
from project.kernel.inputs import PathId
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.auth import maybe_signed_in, signed_in

TAG = ["comments"]
on_posts = Router(tags=TAG)
router = Router(tags=TAG)


@on_posts.get(
    "/{post_id}/comments/",
    operation_id="comments_list",
    summary="Comments on a post",
    auth=maybe_signed_in,
    response={200: Page[CommentOut], 503: Problem},
)
def list_comments(
    request: ViewerRequest, response: HttpResponse, post_id: PathId, query: Query[CommentQuery]
) -> dict[str, Any]:
    """Threads of a post: its top-level comments, each with the number of its replies. `ordering=new` is
    newest first, `top` is most likes first, then most replies."""
    access_post(request.auth, post_id)
    page = read_comments(
        threads_skeleton(post_id, query.ordering),
        request.auth,
        scope=scope_of("comments_list", [post_id, query.ordering]),
        cursor=query.cursor,
        limit=query.limit,
    )
    add_links(request, response, page)
    return page.as_dict()


@on_posts.post(
    "/{post_id}/comments/",
    operation_id="comments_create",
    summary="Comment on a post",
    auth=signed_in,
    response={201: CommentOut, 202: CommentAccepted, 409: Problem, 503: Problem},
)
def create_comment(request: ViewerRequest, post_id: PathId, payload: CommentIn) -> Status[dict[str, Any]]:
    """Comment on a post, or reply to a comment of it; a reply to a reply joins the thread of its parent.

    While very many comment on the post at once the answer is 202 with the id: the comment is safe in a queue and
    stands under that id within moments, unless its author may not comment there any more by then. Its author can
    withdraw it by DELETE meanwhile.

    403 `comments-restricted` where the author does not accept comments from this account. `Idempotency-Key`
    is honoured."""
    viewer = request.auth

    def act() -> Done:
        burst = comment_burst.is_burst(post_id)
        create = comment_burst.accept_comment if burst else comments.create_comment
        comment_id = create(actor=viewer, post_id=post_id, text=payload.text, reply_to=payload.reply_to)
        return Done(202 if burst else 201, [comment_id, burst])

    def show(reference: Any) -> dict[str, Any]:
        comment_id, queued = reference
        return {"id": comment_id} if queued else read_comment(comment_id, viewer)

    return once(
        request,
        account_id=viewer.id,
        operation="comments_create",
        body=payload.model_dump_json(),
        act=act,
        render=show,
    )


@router.get(
    "/{comment_id}/",
    operation_id="comments_get",
    summary="A comment",
    auth=maybe_signed_in,
    response={200: CommentOut, 503: Problem},
)
def get_comment(request: ViewerRequest, comment_id: PathId) -> dict[str, Any]:
    """One comment or reply, on a post that the viewer may see."""
    return read_comment(comment_id, request.auth)


@router.patch(
    "/{comment_id}/",
    operation_id="comments_update",
    summary="Change a comment",
    auth=signed_in,
    response={200: CommentOut, 503: Problem},
)
def update_comment(request: ViewerRequest, comment_id: PathId, payload: CommentPatch) -> dict[str, Any]:
    """Change the text of one's own comment; `edited_at` tells of it."""
    comments.update_comment(actor=request.auth, comment_id=comment_id, text=payload.text)
    return read_comment(comment_id, request.auth)


@router.delete(
    "/{comment_id}/",
    operation_id="comments_delete",
    summary="Delete a comment",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_comment(request: ViewerRequest, comment_id: PathId) -> Status[None]:
    """Delete a comment with its replies: one's own, any below one's own post, any as staff. One's own also where
    the post is hidden from one by now."""
    comments.delete_comment(actor=request.auth, comment_id=comment_id)
    return Status(204, None)


@router.get(
    "/{comment_id}/replies/",
    operation_id="comments_replies_list",
    summary="Replies to a comment",
    auth=maybe_signed_in,
    response={200: Page[CommentOut], 503: Problem},
)
def list_replies(
    request: ViewerRequest, response: HttpResponse, comment_id: PathId, page: Query[PageQuery]
) -> dict[str, Any]:
    """The replies of a thread, oldest first."""
    access_comment(request.auth, comment_id)
    result = read_comments(
        replies_skeleton(comment_id),
        request.auth,
        scope=scope_of("comments_replies_list", [comment_id]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, result)
    return result.as_dict()


@router.put(
    "/{comment_id}/like/",
    operation_id="comments_like",
    summary="Like a comment",
    auth=signed_in,
    response={200: CommentOut, 201: CommentOut, 409: Problem, 503: Problem},
)
def like_comment(request: ViewerRequest, comment_id: PathId) -> Status[dict[str, Any]]:
    """Like a comment or a reply: 201 the first time, 200 when it is liked already. 409 `post-not-published` below
    what is a draft again."""
    created = comment_likes.like_comment(actor=request.auth, comment_id=comment_id)
    return Status(201 if created else 200, read_comment(comment_id, request.auth))


@router.delete(
    "/{comment_id}/like/",
    operation_id="comments_unlike",
    summary="Take the like of a comment back",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def unlike_comment(request: ViewerRequest, comment_id: PathId) -> Status[None]:
    """Take one's like back. 204 also when there was none."""
    comment_likes.unlike_comment(actor=request.auth, comment_id=comment_id)
    return Status(204, None)
