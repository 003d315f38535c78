"""Signing in, staying signed in, signing out.

Refresh tokens are opaque (256 bits) and stored as SHA-256. Each is spent once; its successor is derived from it by
HMAC under a key of the server, so that a device's retry within the grace time gets the very same successor without
anything secret being stored, and however many race, one successor exists (R12)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import connection, transaction
from django.db.models import Q
from django.http import HttpRequest

from project.kernel.client import client_ip
from project.kernel.clock import now
from social.auth import access_lifetime, forget_sessions, mint_access
from social.errors import InvalidCredentials, InvalidToken, LockedOut
from social.models import Account, AccountState, RefreshToken, Session
from social.services.accounts import resolve_identifier

SPEND = """
UPDATE social_refreshtoken SET used_at = %(now)s
WHERE digest = %(digest)s AND used_at IS NULL AND expires_at > %(now)s
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a device gets. `expires_in` is the access token's life in seconds."""

    access: str
    refresh: str
    expires_in: int
    account_id: int
    session_id: int


def log_in(request: HttpRequest, *, identifier: str, password: str) -> Tokens:
    """Open a session for whom username, e-mail or mobile and password name.

    Raises InvalidCredentials (one answer and one cost for unknown, wrong and gone), LockedOut."""
    account = resolve_identifier(identifier.strip())
    # Failures count by the account, so that three identifiers are not three budgets; unknown ones count alike.
    counted_as = account.username if account is not None else identifier.strip().lower()[:200]
    credentials = {"username": counted_as, "password": password}
    if not AxesProxyHandler.is_allowed(request, credentials):
        raise LockedOut(retry_after=int(settings.AXES_COOLOFF_TIME.total_seconds()))
    user = authenticate(request, **credentials)
    if not isinstance(user, Account) or account is None:
        if not AxesProxyHandler.is_allowed(request, credentials):
            raise LockedOut(retry_after=int(settings.AXES_COOLOFF_TIME.total_seconds()))
        raise InvalidCredentials
    return open_session(request, user)


def open_session(request: HttpRequest, account: Account) -> Tokens:
    """A new session of `account` on the device behind `request`."""
    moment = now()
    refresh = _fresh_token()
    with transaction.atomic():
        session = Session.objects.create(
            account=account,
            device=request.headers.get("User-Agent", "").replace("\x00", "")[:200],
            ip=client_ip(request),
            created_at=moment,
            last_used_at=moment,
        )
        _issue(session.pk, refresh, moment)
        Account.objects.filter(pk=account.pk).update(last_activity_at=moment)
    return Tokens(mint_access(account, session.pk), refresh, access_lifetime(), account.pk, session.pk)


def refresh_session(token: str) -> Tokens:
    """Rotate a refresh token.

    A spent one within the grace time gets the same successor again; later it revokes the whole session. Raises
    InvalidToken."""
    digest = _digest(token)
    moment = now()
    with transaction.atomic():
        row = _token_row(digest)
        if row is None:
            raise InvalidToken
        account = row.session.account
        alive = row.session.revoked_at is None and account.state == AccountState.ACTIVE
        if not alive or row.expires_at <= moment:
            raise InvalidToken
        with connection.cursor() as cursor:
            cursor.execute(SPEND, {"digest": digest, "now": moment})
            won = cursor.fetchone() is not None
        successor = _successor(token)
        if won:
            _issue(row.session_id, successor, moment)
            Session.objects.filter(pk=row.session_id).update(last_used_at=moment)
            Account.objects.filter(pk=account.pk).update(last_activity_at=moment)
        else:
            row.refresh_from_db(fields=["used_at"])
        reused = not won and (row.used_at is None or moment - row.used_at > settings.REFRESH_RETRY_GRACE)
    if reused:
        # Outside the transaction above: the refusal must not roll the revocation back.
        revoke_sessions(Session.objects.filter(pk=row.session_id).values_list("pk", flat=True))
        raise InvalidToken
    return Tokens(
        mint_access(account, row.session_id), successor, access_lifetime(), account.pk, row.session_id
    )


def log_out(*, session_id: int | None, account_id: int, refresh: str | None) -> None:
    """End the session of the caller, and that of `refresh` where it is another one of the same account."""
    wanted = Q(pk=session_id) if session_id is not None else Q(pk=None)
    if refresh:
        wanted |= Q(refresh_tokens__digest=_digest(refresh))
    ids = Session.objects.filter(wanted, account_id=account_id).values_list("pk", flat=True)
    revoke_sessions(list(ids))


def revoke_sessions(ids: Iterable[int]) -> int:
    """Revoke these sessions at once; returns how many were live."""
    wanted = list(ids)
    count = Session.objects.filter(pk__in=wanted, revoked_at=None).update(revoked_at=now())
    transaction.on_commit(lambda: forget_sessions(wanted))
    return count


def _fresh_token() -> str:
    return secrets.token_urlsafe(32)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _successor(token: str) -> str:
    key = hashlib.sha256(b"refresh-successor:" + settings.SECRET_KEY.encode()).digest()
    derived = hmac.new(key, token.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(derived).rstrip(b"=").decode()


def _token_row(digest: bytes) -> RefreshToken | None:
    return RefreshToken.objects.select_related("session__account").filter(digest=digest).first()


def _issue(session_id: int, token: str, moment: datetime) -> None:
    RefreshToken.objects.create(
        session_id=session_id,
        digest=_digest(token),
        issued_at=moment,
        expires_at=moment + settings.REFRESH_TOKEN_LIFETIME,
    )
