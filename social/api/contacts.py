"""Changing username, e-mail address and mobile number, and proving the latter two."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from project.kernel.operations import acts
from project.kernel.schemas import Problem
from project.kernel.throttling import ScopeThrottle
from project.kernel.viewer import ViewerRequest
from social.auth import signed_in
from social.schemas.contacts import (
    EmailChangeIn,
    EmailPendingOut,
    EmailVerifiedOut,
    EmailVerifyIn,
    EmailVerifyQuery,
    MobileChangeIn,
    MobilePendingOut,
    MobileVerifiedOut,
    MobileVerifyIn,
    UsernameChangeIn,
    UsernameOut,
)
from social.services import contacts, usernames, verification

router = Router(tags=["auth"])


@router.post(
    "/username/change/",
    operation_id="auth_username_change",
    summary="Change the username",
    auth=signed_in,
    response={200: UsernameOut, 409: Problem},
)
def change_username(request: ViewerRequest, payload: UsernameChangeIn) -> dict[str, Any]:
    """Take another username, at most once in 30 days (409 `username-cooldown`, `Retry-After` says when).

    For 30 days the old one is kept for its owner and leads to the account: reading by it answers 301 to the same
    address below the new name. Devices stay signed in. 403 `wrong-password`, 409 `username-taken`."""
    renamed = usernames.change_username(
        request, actor=request.auth, password=payload.password, new_username=payload.new_username
    )
    return {"username": renamed.username, "next_change_at": renamed.next_change_at}


@router.post(
    "/email/change/",
    operation_id="auth_email_change",
    summary="Change the e-mail address",
    auth=signed_in,
    throttle=ScopeThrottle("mail"),
    response={202: EmailPendingOut, 409: Problem},
)
def change_email(request: ViewerRequest, payload: EmailChangeIn) -> Status[dict[str, Any]]:
    """Mail a link to the new address, and a note to the present one.

    The link works once, for 24 hours; until it is opened the present address stays, and the new one is shown as
    `pending_email`. Asking again voids the older link. 403 `wrong-password`, 409 `email-taken`."""
    sent = contacts.change_email(
        request, actor=request.auth, password=payload.password, new_email=payload.new_email
    )
    return Status(202, {"email": sent.to, "expires_at": sent.expires_at})


@router.post(
    "/email/verify/",
    operation_id="auth_email_verify",
    summary="Prove an e-mail address",
    auth=None,
    throttle=ScopeThrottle("link"),
    response={200: EmailVerifiedOut, 404: Problem, 409: Problem, 410: Problem},
)
def verify_email(request: HttpRequest, payload: EmailVerifyIn) -> dict[str, Any]:
    """Prove the address that the token was mailed to: that of sign-up, or a new one, which then becomes the account's.

    404 for an unknown token; 410 `link-expired` for one that was used, replaced or is past its 24 hours; 409
    `email-taken` where another account has got the address meanwhile."""
    return {"email": verification.verify_email(payload.token), "email_verified": True}


@router.get(
    "/email/verify/",
    operation_id="auth_email_verify_link",
    summary="Prove an e-mail address by opening the link",
    auth=None,
    throttle=ScopeThrottle("link"),
    response={200: EmailVerifiedOut, 404: Problem, 409: Problem, 410: Problem},
)
@acts
def verify_email_link(request: HttpRequest, query: Query[EmailVerifyQuery]) -> dict[str, Any]:
    """The same as the POST, for the link in the mail. A HEAD does nothing (405)."""
    return {"email": verification.verify_email(query.token), "email_verified": True}


@router.post(
    "/email/resend/",
    operation_id="auth_email_resend",
    summary="Mail the link again",
    auth=signed_in,
    throttle=ScopeThrottle("mail"),
    response={202: EmailPendingOut, 409: Problem},
)
def resend_email(request: ViewerRequest) -> Status[dict[str, Any]]:
    """Mail a new link: to the address that waits for its proof, else to the present one. The older link is void.

    409 `email-already-verified` where there is nothing to prove."""
    sent = contacts.resend_email(request, actor=request.auth)
    return Status(202, {"email": sent.to, "expires_at": sent.expires_at})


@router.post(
    "/mobile/change/",
    operation_id="auth_mobile_change",
    summary="Change the mobile number",
    auth=signed_in,
    throttle=ScopeThrottle("sms"),
    response={202: MobilePendingOut, 409: Problem},
)
def change_mobile(request: ViewerRequest, payload: MobileChangeIn) -> Status[dict[str, Any]]:
    """Send a code of six digits to the number. It works for ten minutes and five tries; the present number stays
    until then. 403 `wrong-password`, 409 `mobile-taken`."""
    sent = contacts.change_mobile(
        request, actor=request.auth, password=payload.password, mobile=payload.mobile
    )
    return Status(202, {"mobile": sent.to, "expires_at": sent.expires_at})


@router.post(
    "/mobile/verify/",
    operation_id="auth_mobile_verify",
    summary="Prove the mobile number",
    auth=signed_in,
    throttle=ScopeThrottle("code"),
    response={200: MobileVerifiedOut, 409: Problem, 410: Problem},
)
def verify_mobile(request: ViewerRequest, payload: MobileVerifyIn) -> dict[str, Any]:
    """Tell the code: the number is the account's from now on, and can be used to log in.

    422 `wrong-code`; 410 `code-expired` where no code is open: its time is over, or it was tried too often; 409
    `mobile-taken` where another account has proved the number meanwhile."""
    return {"mobile": contacts.verify_mobile(actor=request.auth, code=payload.code), "mobile_verified": True}
