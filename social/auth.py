"""Access tokens and who is signed in. The only module that knows `ninja_jwt`.

An access token is a short JWT (5 minutes) that names the account, its session and its token version. Each request
compares the claims with one cached value, the session's facts, so that a revoked session ends at once (R12)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from ninja.security.base import SecuritySchema
from ninja.security.http import HttpAuthBase
from ninja_jwt.exceptions import TokenError
from ninja_jwt.tokens import AccessToken

from project.kernel.errors import Forbidden, Unauthenticated
from project.kernel.redis import RedisError, get_redis, key
from project.kernel.viewer import ANONYMOUS, Viewer
from social.activity import note_activity
from social.errors import InvalidToken
from social.models import Account, AccountState, Session

# How long a session's facts may be cached. Revocation overwrites them; this bounds what a lost write could cost.
FACTS_TTL = 30
REVOKED = b"-"


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What a request needs to know of its session."""

    account_id: int
    token_version: int
    is_staff: bool
    is_superuser: bool


def mint_access(account: Account, session_id: int) -> str:
    """A signed access token of `account` for one session."""
    token = AccessToken()
    token["sub"] = str(account.pk)
    token["sid"] = session_id
    token["tv"] = account.token_version
    return str(token)


def access_lifetime() -> int:
    """Seconds an access token lives."""
    return int(cast(timedelta, settings.NINJA_JWT["ACCESS_TOKEN_LIFETIME"]).total_seconds())


def viewer_of_token(raw: str) -> Viewer:
    """The viewer an access token stands for. Raises InvalidToken."""
    try:
        token = AccessToken(raw)
        account_id, session_id, version = int(token["sub"]), int(token["sid"]), int(token["tv"])
    except (TokenError, KeyError, ValueError, TypeError):
        raise InvalidToken from None
    facts = session_facts(session_id)
    if facts is None or facts.account_id != account_id or facts.token_version != version:
        raise InvalidToken
    return Viewer(account_id, facts.is_staff, facts.is_superuser, session_id)


def session_facts(session_id: int) -> SessionFacts | None:
    """The facts of a live session of an active account; None once it is revoked. One Redis read; the database where
    Redis has nothing or is away."""
    name = key("session", session_id)
    try:
        cached = get_redis().get(name)
    except RedisError:
        return load_facts(session_id)
    if cached == REVOKED:
        return None
    if isinstance(cached, bytes):
        return SessionFacts(*orjson.loads(cached))
    facts = load_facts(session_id)
    if facts is not None:
        value = orjson.dumps([facts.account_id, facts.token_version, facts.is_staff, facts.is_superuser])
        with suppress(RedisError):
            # NX: a revocation that came between our read and this write must win.
            get_redis().set(name, value, ex=FACTS_TTL, nx=True)
    return facts


def load_facts(session_id: int) -> SessionFacts | None:
    """The same facts straight from PostgreSQL."""
    row = (
        Session.objects.filter(pk=session_id, revoked_at=None, account__state=AccountState.ACTIVE)
        .values_list("account_id", "account__token_version", "account__is_staff", "account__is_superuser")
        .first()
    )
    return SessionFacts(*row) if row else None


def forget_sessions(session_ids: list[int]) -> None:
    """Make revocations count at once. Call it after the commit that revoked them."""
    if not session_ids:
        return
    try:
        with get_redis().pipeline(transaction=False) as pipe:
            for session_id in session_ids:
                pipe.set(key("session", session_id), REVOKED, ex=access_lifetime() + FACTS_TTL)
            pipe.execute()
    except RedisError:
        # Facts cached before the outage end within FACTS_TTL; without Redis the database is asked.
        return


class BearerAuth(HttpAuthBase):
    """`Authorization: Bearer`, or a Django session with its CSRF token. Where signing in is `optional`, a request
    without either is anonymous; a bad token is 401 all the same."""

    openapi_scheme = "bearer"

    def __init__(self, *, optional: bool = False) -> None:
        self.optional = optional
        super().__init__()
        self.openapi_security_schema = SecuritySchema(type="http", scheme="bearer", bearerFormat="JWT")

    def __call__(self, request: HttpRequest) -> Any:
        header = request.headers.get("Authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                raise InvalidToken
            viewer = viewer_of_token(token.strip())
            note_activity(viewer.id)
            return viewer
        user = getattr(request, "user", None)
        if isinstance(user, Account) and user.is_active:
            _check_csrf(request)
            note_activity(user.pk)
            return Viewer(user.pk, user.is_staff, user.is_superuser)
        if self.optional and settings.PUBLIC_READ:
            return ANONYMOUS
        raise Unauthenticated


def is_signed_in(request: HttpRequest) -> bool:
    """Whether the request carries a valid access token or session, for operations that are open to all."""
    try:
        viewer: Viewer = maybe_signed_in(request)
    except (Unauthenticated, Forbidden):
        return False
    return viewer.signed_in


def _check_csrf(request: HttpRequest) -> None:
    # ninja exempts its views from CSRF; a cookie alone must not be able to act.
    refused = CsrfViewMiddleware(lambda r: None).process_view(request, _csrf_checked, (), {})  # type: ignore[arg-type]
    if refused is not None:
        raise Forbidden("A session needs its CSRF token.")


def _csrf_checked() -> None:
    """Stands for the view in the CSRF check: it is not exempt."""


class StaffAuth(BearerAuth):
    """Signing in for operations of staff. Others are let through here and refused with 403 by the check in front of
    every operation, after the one whether it is on at all."""

    staff_only = True


signed_in = BearerAuth()
maybe_signed_in = BearerAuth(optional=True)
staff_signed_in = StaffAuth()
