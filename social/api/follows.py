"""Following an account, and ending it."""

from __future__ import annotations

from typing import Any

from ninja import Router, Status

from project.kernel.errors import NotFound
from project.kernel.idempotency import Claim, Done
from project.kernel.schemas import Problem
from project.kernel.viewer import ViewerRequest
from social.access import access_account
from social.auth import signed_in
from social.schemas.relationships import FollowOut
from social.services import relationships as service

router = Router(tags=["relationships"])


@router.post(
    "/{user}/",
    operation_id="follow_create",
    summary="Follow",
    auth=signed_in,
    response={200: FollowOut, 201: FollowOut, 409: Problem, 503: Problem},
)
def create_follow(request: ViewerRequest, user: str) -> Status[dict[str, Any]]:
    """Follow an account, or ask to where it is private. 201 the first time, 200 when it is so already.

    409 `blocking` where the viewer blocks the account; 422 `self-relationship` for oneself."""
    claim = Claim(request, account_id=request.auth.id, operation="follow_create")
    done = claim.replay()
    if done is None:
        followed = service.follow_account(actor=request.auth, ref=user, claim=claim)
        body = {"state": followed.state, "request_id": followed.request_id}
        claim.finish(Done(201 if followed.created else 200, followed.account_id))
        return Status(201 if followed.created else 200, body)
    # A repeat tells what is so now, or that there is nothing any more.
    relation = access_account(request.auth, str(done.reference)).relation
    if not relation.following and relation.requested is None:
        raise NotFound
    state = "following" if relation.following else "requested"
    return Status(
        done.status, {"state": state, "request_id": None if relation.following else relation.requested}
    )


@router.delete(
    "/{user}/",
    operation_id="follow_delete",
    summary="Unfollow, or cancel the request",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_follow(request: ViewerRequest, user: str) -> Status[None]:
    """Stop following, or take a pending request back. 204 also when there was neither."""
    service.unfollow_account(actor=request.auth, ref=user)
    return Status(204, None)
