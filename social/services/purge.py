"""Purging deleted accounts from every store once their grace time is over (R16, R17).

A purge is a list of steps, each in small transactions of its own and each removing what it still finds, so
that it can die anywhere and be run again; the account's row goes last and holds the place until then. Files
and search documents follow by the outbox, whose rows commit with the deletions. Apps above add their steps
to `social.registries.purge_steps`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session as AdminSession
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from graph.writes.accounts import delete_account
from project.kernel.clock import now
from project.kernel.models import IdempotencyKey
from project.kernel.redis import RedisError, get_redis, key
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.models import Account, AccountState, OneTimeToken, RefreshToken, Session
from social.registries import PurgeStep, purge_steps, state_hooks

log = logging.getLogger(__name__)
BATCH = 1000
# "PX" and the account's id, as two integers.
LOCK = "SELECT pg_try_advisory_lock(20568, (%s::bigint %% 2147483648)::int)"
UNLOCK = "SELECT pg_advisory_unlock(20568, (%s::bigint %% 2147483648)::int)"

# Called after each piece of work with the step's name and how much it removed.
Progress = Callable[[str, int], None]


@dataclass
class PurgeReport:
    """What one run removed of an account, by step. `complete`: nothing of it is left in Postgres and the
    graph."""

    account_id: int
    removed: dict[str, int] = field(default_factory=dict)
    complete: bool = False
    error: str = ""
    seconds: float = 0.0


def due_accounts() -> QuerySet[Account]:
    """Deleted accounts whose grace time is over, and those whose purge has begun; oldest first."""
    cutoff = now() - settings.ACCOUNT_DELETION_GRACE
    return Account.objects.filter(
        Q(purge_started_at__isnull=False) | Q(state_changed_at__lte=cutoff), state=AccountState.DELETED
    ).order_by("state_changed_at", "pk")


def purge_due(*, deadline: float | None = None, progress: Progress | None = None) -> list[PurgeReport]:
    """Purge all that are due, until `time.monotonic()` passes `deadline`. A failure stays with its account
    and is in its report; the next run takes it up again."""
    reports = []
    for account_id in list(due_accounts().values_list("pk", flat=True)):
        if deadline is not None and time.monotonic() > deadline:
            break
        report = purge_account(account_id, deadline=deadline, progress=progress)
        if report is not None:
            reports.append(report)
    return reports


def purge_account(
    account_id: int, *, deadline: float | None = None, progress: Progress | None = None
) -> PurgeReport | None:
    """Purge one account, or go on with it; None where it is not due, or another worker is at it."""
    with _alone_with(account_id) as alone:
        if not alone or not _begin(account_id):
            return None
        report = PurgeReport(account_id)
        started = time.perf_counter()
        try:
            report.complete = _run_steps(report, deadline, progress)
        except Exception as error:
            # A store that is away must not keep the next account from being purged.
            log.exception("the purge of account %s stopped; it will be resumed", account_id)
            report.error = repr(error)[:300]
        report.seconds = round(time.perf_counter() - started, 3)
        log.info("purge of account %s: %s", account_id, report)
        return report


def _begin(account_id: int) -> bool:
    """Mark the purge as begun: from here on the account cannot be restored."""
    with transaction.atomic():
        row = due_accounts().select_for_update().filter(pk=account_id).values_list("purge_started_at").first()
        if row is None:
            return False
        if row[0] is None:
            Account.objects.filter(pk=account_id).update(purge_started_at=now())
        # What is removed below must be in no count, also where rows were written past the services.
        state_hooks.run(account_id)
    return True


def _run_steps(report: PurgeReport, deadline: float | None, progress: Progress | None) -> bool:
    for name, step in (*purge_steps.steps.items(), *OWN_STEPS.items()):
        report.removed.setdefault(name, 0)
        while count := step(report.account_id):
            report.removed[name] += count
            if progress is not None:
                progress(name, count)
            if deadline is not None and time.monotonic() > deadline:
                return name == LAST_STEP
    return True


def _remove_refresh_tokens(account_id: int) -> int:
    some = RefreshToken.objects.filter(session__account_id=account_id).values_list("pk", flat=True)[:BATCH]
    return RefreshToken.objects.filter(pk__in=list(some)).delete()[0]


def _remove_sessions(account_id: int) -> int:
    ids = list(Session.objects.filter(account_id=account_id).values_list("pk", flat=True)[:BATCH])
    _forget_keys([key("session", id_) for id_ in ids])
    return Session.objects.filter(pk__in=ids).delete()[0]


def _remove_admin_sessions(account_id: int) -> int:
    if not Account.objects.filter(pk=account_id, is_staff=True).exists():
        return 0
    mine = [
        session.pk
        for session in AdminSession.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.get_decoded().get("_auth_user_id") == str(account_id)
    ]
    return AdminSession.objects.filter(pk__in=mine).delete()[0]


def _remove_tokens(account_id: int) -> int:
    return OneTimeToken.objects.filter(account_id=account_id).delete()[0]


def _remove_idempotency_keys(account_id: int) -> int:
    return IdempotencyKey.objects.filter(account_id=account_id).delete()[0]


def _remove_login_attempts(account_id: int) -> int:
    username = Account.objects.filter(pk=account_id).values_list("username", flat=True).first()
    if username is None:
        return 0
    logs = (AccessAttempt, AccessFailureLog, AccessLog)
    return sum(model.objects.filter(username__iexact=username).delete()[0] for model in logs)


def _remove_node(account_id: int) -> int:
    # Not counted: the graph answers nothing about what it deletes, and running it again is cheap.
    delete_account(account_id)
    return 0


def _remove_caches(account_id: int) -> int:
    scopes = [key("limit", scope, f"a{account_id}") for scope in settings.RATE_LIMITS]
    _forget_keys([key("activity", account_id), *scopes])
    return 0


def _remove_account(account_id: int) -> int:
    with transaction.atomic():
        account = Account.objects.select_for_update().filter(pk=account_id).first()
        if account is None:
            return 0
        account.delete()
        # The projections find no row: node and documents go, should anything have brought them back.
        emit(Topic.ACCOUNT, account_id)
    return 1


LAST_STEP = "account"
OWN_STEPS: dict[str, PurgeStep] = {
    "refresh-tokens": _remove_refresh_tokens,
    "sessions": _remove_sessions,
    "admin-sessions": _remove_admin_sessions,
    "one-time-tokens": _remove_tokens,
    "idempotency-keys": _remove_idempotency_keys,
    "log-in-attempts": _remove_login_attempts,
    "graph": _remove_node,
    "caches": _remove_caches,
    LAST_STEP: _remove_account,
}


def _forget_keys(names: list[str]) -> None:
    if not names:
        return
    try:
        get_redis().delete(*names)
    except RedisError:
        # They end by themselves within minutes.
        return


@contextmanager
def _alone_with(account_id: int) -> Iterator[bool]:
    """Whether no other worker is purging the account; for as long as the block runs."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [account_id])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute(UNLOCK, [account_id])
