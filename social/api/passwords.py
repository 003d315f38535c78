"""Changing a password, and getting a new one by mail."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from kombu.exceptions import OperationalError
from ninja import Router, Status

from project.kernel.errors import Unavailable
from project.kernel.schemas import Problem
from project.kernel.throttling import ScopeThrottle
from project.kernel.viewer import ViewerRequest
from social.auth import signed_in
from social.errors import InvalidToken
from social.refresh_cookie import clear_refresh
from social.schemas.passwords import PasswordChangeIn, PasswordResetIn, RecoveryIn
from social.services import passwords
from social.tasks import send_recovery

router = Router(tags=["auth"])


@router.post(
    "/token/recovery/",
    operation_id="auth_token_recovery",
    summary="Ask for a new password",
    auth=None,
    throttle=ScopeThrottle("recovery"),
    response={202: None, 503: Problem},
)
def recover(request: HttpRequest, payload: RecoveryIn) -> Status[None]:
    """Mail a token that works once, for an hour, and can do nothing but set a new password.

    202 whether or not an account has this address. Nothing ends before the password is set."""
    try:
        send_recovery.delay(payload.email, get_language() or settings.LANGUAGE_CODE)
    except OperationalError:
        raise Unavailable from None
    return Status(202, None)


@router.post(
    "/password/reset/",
    operation_id="auth_password_reset",
    summary="Set a new password with a mailed token",
    auth=None,
    throttle=ScopeThrottle("login-address"),
    response={204: None, 401: Problem, 410: Problem},
)
def reset(request: HttpRequest, response: HttpResponse, payload: PasswordResetIn) -> Status[None]:
    """Set a new password and log out everywhere. The mailed token is in the body, or in `Authorization: Bearer`.

    401 `invalid-token` for an unknown token, 410 `link-expired` for one that was used or is past its time; a password
    that is too weak (422) does not use it up."""
    token = payload.token or _bearer(request)
    if token is None:
        raise InvalidToken
    passwords.reset_password(token=token, new_password=payload.new_password)
    clear_refresh(request, response)
    return Status(204, None)


@router.post(
    "/password/change/",
    operation_id="auth_password_change",
    summary="Change the password",
    auth=signed_in,
    response={204: None},
)
def change(request: ViewerRequest, response: HttpResponse, payload: PasswordChangeIn) -> Status[None]:
    """Set a new password and log out everywhere, on this device too.

    403 `wrong-password` where `old_password` is wrong, which counts as a failed log-in; 429 `locked-out` after too
    many."""
    passwords.change_password(
        request, actor=request.auth, old_password=payload.old_password, new_password=payload.new_password
    )
    clear_refresh(request, response)
    return Status(204, None)


def _bearer(request: HttpRequest) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
