"""`Idempotency-Key` on operations that create (R82).

The key row commits together with the effect. A repeat with the same body gets the same status and the same thing,
rendered afresh through visibility; another body is 422; a call still under way is 409."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Status

from project.kernel.clock import now
from project.kernel.errors import BadRequest, Conflict, Unprocessable
from project.kernel.models import IdempotencyKey

KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")
Reference = Any


class IdempotencyKeyReused(Unprocessable):
    code = "idempotency-key-reused"
    title = _("Idempotency key reused")
    detail = _("This Idempotency-Key was used with another body.")


class StillRunning(Conflict):
    code = "idempotency-key-in-use"
    title = _("Still running")
    detail = _("A request with this Idempotency-Key is still being processed.")


class InvalidIdempotencyKey(BadRequest):
    code = "invalid-idempotency-key"
    title = _("Invalid Idempotency-Key")
    detail = _("Send 1 to 255 visible ASCII characters.")


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation did: the status it answers with and a JSON reference to find the thing again."""

    status: int
    reference: Reference


def header_of(request: HttpRequest) -> str | None:
    """The key of the request. Raises InvalidIdempotencyKey."""
    value = request.headers.get("Idempotency-Key")
    if value is not None and not KEY.match(value):
        raise InvalidIdempotencyKey
    return value


def fingerprint_of(request: HttpRequest, body: bytes | str) -> str:
    """Identifies the request: its path, query and body."""
    text = body.encode() if isinstance(body, str) else body
    return hashlib.sha256(request.get_full_path().encode() + b"\0" + text).hexdigest()


def once(
    request: HttpRequest,
    *,
    account_id: int,
    operation: str,
    body: bytes | str,
    act: Callable[[], Done],
    render: Callable[[Reference], Any],
) -> Status[Any]:
    """Run `act` at most once for the request's key, and answer `render(reference)` with the status of the first run.

    `act` and the key row share one transaction. Errors raised by `act` roll both back, so a failed call may be
    repeated with the same key."""
    key = header_of(request)
    if key is None:
        done = act()
        return Status(done.status, render(done.reference))
    fingerprint = fingerprint_of(request, body)
    with transaction.atomic():
        _lock(account_id, operation, key)
        row = IdempotencyKey.objects.filter(
            account_id=account_id,
            operation=operation,
            key=key,
            created_at__gt=now() - settings.IDEMPOTENCY_TTL,
        ).first()
        if row is None:
            IdempotencyKey.objects.filter(account_id=account_id, operation=operation, key=key).delete()
            done = act()
            _row(account_id, operation, key, fingerprint, done)
        else:
            done = _replay(row, fingerprint)
    return Status(done.status, render(done.reference))


class Claim:
    """The key of a relationship write, which ends in another store than its key row.

    `start` runs inside the transaction of the outbox mark; `finish` after the graph has answered. A claim left
    running by a crash is taken over after `lease`: the statement behind it is idempotent."""

    def __init__(
        self, request: HttpRequest, *, account_id: int, operation: str, body: bytes | str = b""
    ) -> None:
        self.key = header_of(request)
        self.account_id = account_id
        self.operation = operation
        self.fingerprint = fingerprint_of(request, body) if self.key is not None else ""
        self.lease: timedelta = settings.RELATIONSHIP_MARK_LEASE

    def replay(self) -> Done | None:
        """What an earlier call with this key did; None where there was none or it never finished."""
        if self.key is None:
            return None
        row = self._rows().first()
        if row is None:
            return None
        if row.status is None and row.started_at < now() - self.lease:
            if row.fingerprint != self.fingerprint:
                raise IdempotencyKeyReused
            return None
        return _replay(row, self.fingerprint)

    def start(self) -> None:
        """Record the call as running. Raises StillRunning where another call has the key."""
        if self.key is None:
            return
        _lock(self.account_id, self.operation, self.key)
        row = self._rows().first()
        if row is not None and (row.status is not None or row.started_at >= now() - self.lease):
            raise StillRunning
        IdempotencyKey.objects.filter(
            account_id=self.account_id, operation=self.operation, key=self.key
        ).delete()
        _row(self.account_id, self.operation, self.key, self.fingerprint, None)

    def finish(self, done: Done) -> None:
        """Record the outcome."""
        if self.key is not None:
            self._rows().update(status=done.status, reference=done.reference)

    def abandon(self) -> None:
        """Forget the call: it was refused and did nothing."""
        if self.key is not None:
            self._rows().filter(status=None).delete()

    def _rows(self) -> Any:
        return IdempotencyKey.objects.filter(
            account_id=self.account_id,
            operation=self.operation,
            key=self.key,
            created_at__gt=now() - settings.IDEMPOTENCY_TTL,
        )


def _lock(account_id: int, operation: str, key: str) -> None:
    digest = hashlib.sha256(f"{account_id}\0{operation}\0{key}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], "big", signed=True)]
        )
        row = cursor.fetchone()
    if not row or not row[0]:
        raise StillRunning


def _row(account_id: int, operation: str, key: str, fingerprint: str, done: Done | None) -> None:
    moment = now()
    IdempotencyKey.objects.create(
        account_id=account_id,
        operation=operation,
        key=key,
        fingerprint=fingerprint,
        status=done.status if done else None,
        reference=done.reference if done else None,
        created_at=moment,
        started_at=moment,
    )


def _replay(row: IdempotencyKey, fingerprint: str) -> Done:
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if row.status is None:
        raise StillRunning
    return Done(row.status, row.reference)
