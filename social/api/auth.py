"""Registration, log-in, refresh, log-out."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from project.kernel.schemas import Problem
from project.kernel.throttling import ScopeThrottle
from project.kernel.viewer import Viewer, ViewerRequest
from social.auth import is_signed_in, signed_in
from social.details import brief_of_card, fresh_detail
from social.errors import AlreadySignedIn
from social.hydration import load_cards
from social.schemas.accounts import RegisteredAccount
from social.schemas.auth import LoginIn, LogoutBody, RefreshBody, RegisterIn, Tokens
from social.services import accounts, sessions

router = Router(tags=["auth"])


def present_tokens(tokens: sessions.Tokens) -> dict[str, Any]:
    """`Tokens` of a session."""
    card = load_cards([tokens.account_id])[tokens.account_id]
    return {
        "access": tokens.access,
        "refresh": tokens.refresh,
        "expires_in": tokens.expires_in,
        "account": brief_of_card(card),
    }


@router.post(
    "/register/",
    operation_id="auth_register",
    summary="Register",
    auth=None,
    throttle=ScopeThrottle("register"),
    response={201: RegisteredAccount, 403: Problem, 409: Problem},
    exclude_unset=True,
)
def register(request: HttpRequest, payload: RegisterIn, login: bool = Query(False)) -> Status[dict[str, Any]]:
    """Create an account. `?login=true` signs in at once and adds `access`, `refresh` and `expires_in`.

    409 `username-taken` or `email-taken`; 403 for a caller who is signed in."""
    if is_signed_in(request):
        raise AlreadySignedIn
    account = accounts.register(
        accounts.Registration(
            username=payload.username,
            email=payload.email,
            password=payload.password,
            full_name=payload.full_name,
            mobile=payload.mobile,
        )
    )
    detail = fresh_detail(account, Viewer(account.pk))
    if login:
        tokens = sessions.open_session(request, account)
        detail |= {"access": tokens.access, "refresh": tokens.refresh, "expires_in": tokens.expires_in}
    return Status(201, detail)


@router.post(
    "/login/",
    operation_id="auth_login",
    summary="Log in",
    auth=None,
    throttle=ScopeThrottle("login"),
    response={200: Tokens, 401: Problem},
    exclude_unset=True,
)
def login(request: HttpRequest, payload: LoginIn) -> dict[str, Any]:
    """Open a session by username, e-mail address or mobile number.

    401 `invalid-credentials` whether the account is unknown or the password wrong; 429 `locked-out` after too many
    failures."""
    return present_tokens(sessions.log_in(request, identifier=payload.identifier, password=payload.password))


@router.post(
    "/token/refresh/",
    operation_id="auth_token_refresh",
    summary="Rotate the refresh token",
    auth=None,
    throttle=ScopeThrottle("refresh"),
    response={200: Tokens, 401: Problem},
    exclude_unset=True,
)
def refresh(request: HttpRequest, payload: RefreshBody) -> dict[str, Any]:
    """Exchange a refresh token for a new pair. The old one is spent: using it again later ends the session, a
    device's retry within ten seconds gets the same successor again."""
    return present_tokens(sessions.refresh_session(payload.refresh))


@router.post(
    "/logout/",
    operation_id="auth_logout",
    summary="Log out",
    auth=signed_in,
    response={204: None},
)
def logout(request: ViewerRequest, payload: LogoutBody | None = None) -> Status[None]:
    """End the session of this access token, and that of `refresh` where it is another one of the same account."""
    sessions.log_out(
        session_id=request.auth.session_id,
        account_id=request.auth.id,
        refresh=payload.refresh if payload else None,
    )
    return Status(204, None)
