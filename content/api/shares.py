"""Reposting posts and sending them on. Mounted below `/posts`."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from content.access import access_post
from content.feed.shares import read_own_repost, read_reposters, read_share
from content.schemas.shares import Reposter, RepostOut, ShareIn, ShareOut
from content.services import shares
from project.kernel.idempotency import Done, once
from project.kernel.inputs import PathId
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.auth import maybe_signed_in, signed_in

router = Router(tags=["saves & shares"])


@router.put(
    "/{post_id}/repost/",
    operation_id="posts_repost",
    summary="Repost a post",
    auth=signed_in,
    response={200: RepostOut, 201: RepostOut, 503: Problem},
)
def repost_post(request: ViewerRequest, post_id: PathId) -> Status[dict[str, Any]]:
    """Share a post with one's followers: 201 the first time, 200 when it is reposted already. One's own posts
    may be reposted too. 403 `not-public` for what not everybody may see."""
    created = shares.repost_post(actor=request.auth, post_id=post_id)
    return Status(201 if created else 200, read_own_repost(post_id, request.auth))


@router.delete(
    "/{post_id}/repost/",
    operation_id="posts_unrepost",
    summary="Take a repost back",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def unrepost_post(request: ViewerRequest, post_id: PathId) -> Status[None]:
    """Take one's repost back. 204 also when there was none."""
    shares.unrepost_post(actor=request.auth, post_id=post_id)
    return Status(204, None)


@router.get(
    "/{post_id}/reposts/",
    operation_id="posts_reposts_list",
    summary="Who reposted a post",
    auth=maybe_signed_in,
    response={200: Page[Reposter], 503: Problem},
)
def list_reposters(
    request: ViewerRequest, response: HttpResponse, post_id: PathId, page: Query[PageQuery]
) -> dict[str, Any]:
    """The accounts that have reposted a post, newest repost first, with the viewer's relation to each. A private
    account reposts to its followers, so only they find it here; while the post is not public, nobody is."""
    result = read_reposters(
        access_post(request.auth, post_id),
        request.auth,
        scope=scope_of("posts_reposts_list", [post_id]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, result)
    return result.as_dict()


@router.post(
    "/{post_id}/share/",
    operation_id="posts_share",
    summary="Send a post on",
    auth=signed_in,
    response={201: ShareOut, 409: Problem, 503: Problem},
)
def share_post(
    request: ViewerRequest, post_id: PathId, payload: ShareIn | None = None
) -> Status[dict[str, Any]]:
    """Send a post into conversations and to people, or, where none are named, as a link to pass on. It is in
    the share count once for each account, whichever way and however often.

    409 `post-not-published` for a draft, 422 `sending-unavailable` where this installation has no
    conversations. `Idempotency-Key` is honoured."""
    viewer, sent = request.auth, payload or ShareIn()

    def act() -> Done:
        shares.share_post(actor=viewer, post_id=post_id, conversations=sent.conversations, users=sent.users)
        return Done(201, post_id)

    return once(
        request,
        account_id=viewer.id,
        operation="posts_share",
        body=sent.model_dump_json(),
        act=act,
        render=lambda reference: read_share(reference, viewer),
    )
