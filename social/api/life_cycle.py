"""Leaving and coming back: deactivation, deletion by a mailed link, restoring."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from project.kernel.operations import acts
from project.kernel.schemas import Problem
from project.kernel.throttling import ScopeThrottle
from project.kernel.viewer import ViewerRequest
from social.api.auth import present_tokens
from social.auth import signed_in
from social.models import AccountState
from social.schemas.auth import Tokens
from social.schemas.life_cycle import DeletionOut, DeletionQuery, DeletionRequestIn, RestoreIn
from social.services import account_deletion, restoring
from social.services.account_state import leave
from social.tasks import purge_soon

TAG = ["account deletion"]
deletion = Router(tags=TAG)
deactivation = Router(tags=TAG)
restoration = Router(tags=TAG)


@deletion.post(
    "/request/",
    operation_id="account_delete_request",
    summary="Ask to delete my account",
    auth=signed_in,
    response={202: None},
)
def request_deletion(request: ViewerRequest, payload: DeletionRequestIn) -> Status[None]:
    """Mail a link that deletes the account, valid for 24 hours and as long as the password stays the same.
    An older link is void. 403 `wrong-password`."""
    account_deletion.request_deletion(request, actor=request.auth, password=payload.password)
    return Status(202, None)


@deletion.get(
    "/",
    operation_id="account_delete_confirm",
    summary="Delete an account by its mailed link",
    auth=None,
    throttle=ScopeThrottle("login-address"),
    response={200: DeletionOut, 410: Problem},
)
@acts
def confirm_deletion(request: HttpRequest, query: Query[DeletionQuery]) -> dict[str, Any]:
    """Delete the account that the link was mailed for: it is gone for everyone at once, signed out
    everywhere, and its data are purged after the grace time.

    404 for a forged, used or replaced link, 410 `link-expired` after 24 hours."""
    deleted = account_deletion.delete_by_link(query.token)
    purge_soon()
    return {"state": "deleted", "restorable_until": deleted.restorable_until}


@deactivation.post(
    "/",
    operation_id="account_deactivate",
    summary="Deactivate my account",
    auth=signed_in,
    response={204: None},
)
def deactivate(request: ViewerRequest) -> Status[None]:
    """Hide the account from everyone at once and sign it out everywhere. Nothing is deleted:
    `account_restore` brings it back at any time."""
    leave(request.auth.id, AccountState.DEACTIVATED)
    return Status(204, None)


@restoration.post(
    "/",
    operation_id="account_restore",
    summary="Bring my account back",
    auth=None,
    throttle=ScopeThrottle("login-address"),
    response={200: Tokens, 401: Problem, 503: Problem},
    exclude_unset=True,
)
def restore(request: HttpRequest, payload: RestoreIn) -> dict[str, Any]:
    """Bring a deactivated account back at any time, a deleted one within its grace time, complete with
    followers, likes and comments, and log in. For an account that is active it is a log-in.

    401 `invalid-credentials` for everything else: unknown, wrong password, suspended, too late."""
    return present_tokens(
        restoring.restore(request, identifier=payload.identifier, password=payload.password)
    )
