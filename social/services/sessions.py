"""Signing in, staying signed in, signing out.

Every change locks in one order, refresh token, account, session, so that no two of them wait for each other.

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
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest

from project.kernel.client import client_ip
from project.kernel.clock import now
from project.kernel.errors import NotFound
from project.kernel.viewer import Viewer
from social.activity import activity, remember
from social.auth import access_lifetime, forget_sessions, mint_access
from social.errors import InvalidCredentials, InvalidToken
from social.models import Account, AccountState, RefreshToken, Session
from social.services.credentials import account_of_credentials

# A session without tokens is one that ended; an hour keeps clear of those just being made.
FORGET_AFTER = timedelta(hours=1)
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
    account = account_of_credentials(
        request, identifier=identifier, password=password, states=(AccountState.ACTIVE,)
    )
    return open_session(request, account)


def open_session(request: HttpRequest, account: Account) -> Tokens:
    """A new session of `account` on the device behind `request`.

    Raises InvalidCredentials where the account has changed its password or is gone since `account` was read."""
    moment = now()
    refresh = _fresh_token()
    with transaction.atomic():
        # The row lock orders this against whatever ends all sessions: a log-in with a password that is being
        # changed must not leave a session behind.
        still = Account.objects.filter(
            pk=account.pk, state=AccountState.ACTIVE, token_version=account.token_version
        )
        if not still.update(last_activity_at=activity(moment)):
            raise InvalidCredentials
        remember(account.pk, moment)
        session = Session.objects.create(
            account=account,
            device=request.headers.get("User-Agent", "").replace("\x00", "")[:200],
            ip=client_ip(request),
            created_at=moment,
            last_used_at=moment,
        )
        _issue(session.pk, refresh, moment)
    return Tokens(mint_access(account, session.pk), refresh, access_lifetime(), account.pk, session.pk)


def refresh_session(token: str, *, ip: str | None = None) -> Tokens:
    """Rotate a refresh token; `ip` is where the device is now.

    A spent one within the grace time gets the same successor again; later it revokes the whole session. Raises
    InvalidToken."""
    digest = _digest(token)
    moment = now()
    with transaction.atomic():
        row = _token_row(digest)
        if row is None:
            raise InvalidToken
        account = row.session.account
        # However often it is renewed, a session ends one day and the password is asked for again.
        ended = (
            row.session.revoked_at is not None or row.session.created_at <= moment - settings.SESSION_LIFETIME
        )
        alive = not ended and account.state == AccountState.ACTIVE
        if not alive or row.expires_at <= moment:
            raise InvalidToken
        with connection.cursor() as cursor:
            cursor.execute(SPEND, {"digest": digest, "now": moment})
            won = cursor.fetchone() is not None
        successor = _successor(token)
        if won:
            _issue(row.session_id, successor, moment)
            _touch(row.session, account, moment, ip)
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


def end_all(*, account_id: int) -> None:
    """End every session and every access token of an account, once the transaction has committed; the caller's own
    among them. Call it in the transaction of what makes it necessary."""
    with transaction.atomic():
        Account.objects.filter(pk=account_id).update(token_version=F("token_version") + 1)
        revoke_sessions(
            Session.objects.filter(account_id=account_id, revoked_at=None).values_list("pk", flat=True)
        )


def revoke_session(*, actor: Viewer, session_id: int) -> None:
    """End one of the actor's own sessions; a second time changes nothing. Raises NotFound for another's."""
    if not Session.objects.filter(pk=session_id, account_id=actor.id).exists():
        raise NotFound
    revoke_sessions([session_id])


def is_usable(token: str) -> bool:
    """Whether a refresh token could be rotated now. Looking does not spend it."""
    return RefreshToken.objects.filter(
        digest=_digest(token),
        used_at=None,
        expires_at__gt=now(),
        session__revoked_at=None,
        session__account__state=AccountState.ACTIVE,
    ).exists()


def live_sessions(account_id: int) -> QuerySet[Session]:
    """The sessions of an account that can still be used: not revoked, and with a refresh token left."""
    usable = RefreshToken.objects.filter(session=OuterRef("pk"), used_at=None, expires_at__gt=now())
    return Session.objects.filter(Exists(usable), account_id=account_id, revoked_at=None)


def forget_ended() -> int:
    """Delete refresh tokens past their time and the sessions left without any; returns how many sessions.

    An expired token is refused whether it is known or not, so nothing is lost by forgetting it."""
    RefreshToken.objects.filter(expires_at__lt=now()).delete()
    empty = ~Exists(RefreshToken.objects.filter(session=OuterRef("pk")))
    deleted, _ = Session.objects.filter(empty, last_used_at__lt=now() - FORGET_AFTER).delete()
    return deleted


def revoke_sessions(ids: Iterable[int]) -> int:
    """Revoke these sessions at once; returns how many were live."""
    wanted = list(ids)
    count = Session.objects.filter(pk__in=wanted, revoked_at=None).update(revoked_at=now())
    transaction.on_commit(lambda: forget_sessions(wanted))
    return count


def _touch(session: Session, account: Account, moment: datetime, ip: str | None) -> None:
    """Record a use. Raises InvalidToken where the account or the session has ended since it was read."""
    active = Account.objects.filter(pk=account.pk, state=AccountState.ACTIVE)
    live = Session.objects.filter(pk=session.pk, revoked_at=None)
    if not active.update(last_activity_at=activity(moment)) or not live.update(
        last_used_at=moment, ip=ip or F("ip")
    ):
        raise InvalidToken


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
