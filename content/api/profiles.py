"""What a profile shows of this app: the avatar, and numbers. Profiles themselves are in `social.api`."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Router, Status

from content.accounts import read_stats
from content.schemas.accounts import AvatarIn, UserStats
from content.services import avatars
from project.kernel.etags import match_version
from project.kernel.schemas import Problem
from project.kernel.viewer import ViewerRequest
from social.access import access_account
from social.api.profiles import etag_of, own_account, require_answerable
from social.auth import signed_in
from social.details import own_detail
from social.schemas.accounts import AccountDetail

router = Router(tags=["profiles"])


@router.put(
    "/{user}/avatar/",
    operation_id="profiles_avatar_set",
    summary="Choose an avatar",
    auth=signed_in,
    response={200: AccountDetail, 409: Problem, 412: Problem, 503: Problem},
    exclude_unset=True,
)
def set_avatar(
    request: ViewerRequest, response: HttpResponse, user: str, payload: AvatarIn
) -> dict[str, Any]:
    """Make a picture that one has uploaded one's avatar. The one before is deleted.

    409 `media-not-ready` while it is being processed, `media-attached` where a post shows it; 422 for what
    is no picture of one's own."""
    seen = own_account(request.auth, user)
    require_answerable(seen.id)
    avatars.set_avatar(actor=request.auth, media_id=payload.media, if_version=match_version(request))
    detail = own_detail(seen.id, request.auth)
    response["ETag"] = etag_of(seen.id, detail)
    return detail


@router.delete(
    "/{user}/avatar/",
    operation_id="profiles_avatar_clear",
    summary="Remove the avatar",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def clear_avatar(request: ViewerRequest, user: str) -> Status[None]:
    """Show no avatar any more; the picture is deleted. 204 also when there was none."""
    own_account(request.auth, user)
    avatars.clear_avatar(actor=request.auth)
    return Status(204, None)


@router.get(
    "/{user}/stats/",
    operation_id="profiles_stats",
    summary="Numbers of a profile",
    auth=signed_in,
    response={200: UserStats, 503: Problem},
)
def get_stats(request: ViewerRequest, user: str) -> dict[str, int]:
    """How many posts, followers and followed accounts, and how many likes and comments the posts received.
    The same for every viewer, but that posts for close friends leave no trace to others."""
    return read_stats(access_account(request.auth, user), request.auth)
