"""Issuing, looking at and spending one-time tokens. They are opaque (256 bits); the database holds their SHA-256.

What a token allows is the caller's affair: spend it in the same transaction as its effect, so that both happen or
neither does."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from project.kernel.clock import now
from project.kernel.errors import NotFound
from social.errors import LinkExpired
from social.models import Account, OneTimeToken, TokenPurpose

# How long a token is remembered after its end: until then a late visitor is told "expired" and not "unknown".
REMEMBERED = timedelta(days=30)
SPEND = """
UPDATE social_onetimetoken SET used_at = %(now)s
WHERE digest = %(digest)s AND purpose = %(purpose)s AND used_at IS NULL AND expires_at > %(now)s
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a valid token says: whose it is, what for, and what its issuer put there."""

    account_id: int
    purpose: TokenPurpose
    payload: Mapping[str, Any]


def issue(
    *,
    account_id: int,
    purpose: TokenPurpose,
    lifetime: timedelta,
    payload: Mapping[str, Any] | None = None,
    replace: bool = True,
) -> str:
    """A new token; older ones of the account and purpose are void from now on, unless `replace` is off: what
    anybody may ask for must not take a token away from its owner. `payload` is plain JSON."""
    token = secrets.token_urlsafe(32)
    moment = now()
    with transaction.atomic():
        # One at a time for an account: two that voided each other's predecessor would both stay open.
        Account.objects.select_for_update(no_key=True).filter(pk=account_id).values_list("pk").first()
        if replace:
            void(account_id, purpose)
        OneTimeToken.objects.create(
            account_id=account_id,
            purpose=purpose,
            digest=_digest(token),
            payload=dict(payload or {}),
            created_at=moment,
            expires_at=moment + lifetime,
        )
    return token


def peek(token: str, *purposes: TokenPurpose) -> Grant:
    """What a token that is still good says, without spending it. Raises LinkExpired (also for one used or voided),
    NotFound for one never issued for these purposes."""
    row = OneTimeToken.objects.filter(digest=_digest(token), purpose__in=purposes).first()
    if row is None:
        raise NotFound
    if row.used_at is not None or row.expires_at <= now():
        raise LinkExpired
    return Grant(row.account_id, TokenPurpose(row.purpose), row.payload)


def is_open(token: str, purpose: TokenPurpose) -> bool:
    """Whether a token was issued and neither used nor voided; its time may be over."""
    return OneTimeToken.objects.filter(digest=_digest(token), purpose=purpose, used_at=None).exists()


def spend(token: str, purpose: TokenPurpose) -> Grant:
    """Use a token up. However many try at once, one succeeds. Raises LinkExpired, NotFound as `peek` does."""
    digest = _digest(token)
    with connection.cursor() as cursor:
        cursor.execute(SPEND, {"digest": digest, "purpose": purpose.value, "now": now()})
        found = cursor.fetchone()
    if found is None:
        peek(token, purpose)
        raise LinkExpired
    row = OneTimeToken.objects.get(pk=found[0])
    return Grant(row.account_id, TokenPurpose(row.purpose), row.payload)


def pending(account_id: int, purpose: TokenPurpose) -> Mapping[str, Any] | None:
    """The payload of the account's open token of a purpose; None where there is none."""
    return (
        OneTimeToken.objects.filter(
            account_id=account_id, purpose=purpose, used_at=None, expires_at__gt=now()
        )
        .order_by("-id")
        .values_list("payload", flat=True)
        .first()
    )


def void(account_id: int, *purposes: TokenPurpose) -> int:
    """End the account's open tokens of these purposes, of every purpose where none is named; returns how many."""
    rows = OneTimeToken.objects.filter(account_id=account_id, used_at=None)
    if purposes:
        rows = rows.filter(purpose__in=purposes)
    return rows.update(used_at=now())


def forget_expired() -> int:
    """Delete tokens long past their end; returns how many."""
    deleted, _ = OneTimeToken.objects.filter(expires_at__lt=now() - REMEMBERED).delete()
    return deleted


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
