"""Registration, log-in, refresh, log-out. Passwords are in `passwords`, the list of devices in `devices`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from project.kernel.client import client_ip
from project.kernel.schemas import Problem
from project.kernel.throttling import ScopeThrottle
from project.kernel.viewer import Viewer, ViewerRequest
from social.auth import is_signed_in, signed_in, viewer_of_token
from social.details import brief_of_card, fresh_detail
from social.errors import AlreadySignedIn, InvalidToken
from social.hydration import load_cards
from social.refresh_cookie import clear_refresh, refresh_of, set_refresh
from social.schemas.accounts import RegisteredAccount
from social.schemas.auth import LoginIn, LogoutBody, RefreshBody, RegisterIn, Tokens, Verified, VerifyIn
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


def _without_refresh(tokens: sessions.Tokens) -> dict[str, Any]:
    # What the cookie holds, no script shall read.
    return {name: value for name, value in present_tokens(tokens).items() if name != "refresh"}


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
    throttle=ScopeThrottle("login-address"),
    response={200: Tokens, 401: Problem},
    exclude_unset=True,
)
def login(request: HttpRequest, payload: LoginIn) -> dict[str, Any]:
    """Open a session by username, e-mail address or mobile number.

    401 `invalid-credentials` whether the account is unknown or the password wrong; 429 `locked-out` after too many
    failures."""
    return present_tokens(sessions.log_in(request, identifier=payload.identifier, password=payload.password))


@router.post(
    "/login/cookie/",
    operation_id="auth_cookie_login",
    summary="Log in with a refresh cookie",
    auth=None,
    throttle=ScopeThrottle("login-address"),
    response={200: Tokens, 401: Problem},
    exclude_unset=True,
)
def cookie_login(request: HttpRequest, response: HttpResponse, payload: LoginIn) -> dict[str, Any]:
    """Log in from a browser: the access token is in the body, the refresh token in an HttpOnly, SameSite=Strict
    cookie that scripts cannot read. Refresh and log-out then need no body, but the `Origin` of this service or of
    an allowed client."""
    tokens = sessions.log_in(request, identifier=payload.identifier, password=payload.password)
    set_refresh(response, tokens.refresh)
    return _without_refresh(tokens)


@router.post(
    "/token/refresh/",
    operation_id="auth_token_refresh",
    summary="Rotate the refresh token",
    auth=None,
    throttle=ScopeThrottle("refresh"),
    response={200: Tokens, 401: Problem, 403: Problem},
    exclude_unset=True,
)
def refresh(
    request: HttpRequest, response: HttpResponse, payload: RefreshBody | None = None
) -> dict[str, Any]:
    """Exchange a refresh token, from the body or else the cookie, for a new pair. The old one is spent: using it
    again later ends the session, a device's retry within ten seconds gets the same successor again.

    A token from the cookie is answered with a new cookie, and without `refresh` in the body; 403 `foreign-origin`
    where the call does not name an allowed `Origin`."""
    token = payload.refresh if payload else None
    if token:
        return present_tokens(sessions.refresh_session(token, ip=client_ip(request)))
    token = refresh_of(request)
    if token is None:
        raise InvalidToken(_("Send the refresh token in the body or as the cookie."))
    tokens = sessions.refresh_session(token, ip=client_ip(request))
    set_refresh(response, tokens.refresh)
    return _without_refresh(tokens)


@router.post(
    "/token/verify/",
    operation_id="auth_token_verify",
    summary="Is this token valid?",
    auth=None,
    response={200: Verified, 401: Problem},
)
def verify(request: HttpRequest, payload: VerifyIn) -> dict[str, Any]:
    """200 for an access token that counts or a refresh token that can be rotated, else 401 `invalid-token`. Asking
    does not spend it."""
    if not sessions.is_usable(payload.token):
        viewer_of_token(payload.token)
    return {}


@router.post(
    "/logout/",
    operation_id="auth_logout",
    summary="Log out",
    auth=signed_in,
    response={204: None},
)
def logout(request: ViewerRequest, response: HttpResponse, payload: LogoutBody | None = None) -> Status[None]:
    """End the session of this access token, and that of `refresh` (or else of the cookie) where it is another one of
    the same account. The cookie is cleared; 403 `foreign-origin` where one is sent, but no allowed `Origin`."""
    named = payload.refresh if payload else None
    sessions.log_out(
        session_id=request.auth.session_id,
        account_id=request.auth.id,
        refresh=named or refresh_of(request),
    )
    clear_refresh(request, response)
    return Status(204, None)


@router.post(
    "/logout-all/",
    operation_id="auth_logout_all",
    summary="Log out everywhere",
    auth=signed_in,
    response={204: None},
)
def logout_all(request: ViewerRequest, response: HttpResponse) -> Status[None]:
    """End every session of the account, this one too. Access tokens end at once."""
    sessions.end_all(account_id=request.auth.id)
    clear_refresh(request, response)
    return Status(204, None)
