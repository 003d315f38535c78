"""Whether an operation is on for a viewer (R70): account deny, account allow, role deny, role allow, default.

Every process holds the switches compiled, under a *mark* in Redis that each change replaces after its commit: one
small read a request tells whether the copy is current. What a lost mark could cost ends within
`PERMISSIONS_MAX_AGE`, when the copy is compared with the revision in PostgreSQL; with Redis away it is compared on
every request. Changing permissions is in `services.permissions` and `services.roles`."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest

from project.kernel.errors import Forbidden, Unauthenticated
from project.kernel.operations import OperationFacts, OperationKey
from project.kernel.redis import RedisError, get_redis, key
from project.kernel.viewer import ANONYMOUS, Viewer
from social.auth import maybe_signed_in
from social.errors import FeatureDisabled
from social.models import Assignment, Effect, PagePermission, PermissionRevision

log = logging.getLogger(__name__)
# Without these nobody could get in or out, or take back a deletion.
NOT_SWITCHABLE = frozenset(
    {
        "auth_login",
        "auth_cookie_login",
        "auth_logout",
        "auth_logout_all",
        "auth_token_refresh",
        "account_delete_request",
        "account_delete_confirm",
    }
)
# Accounts whose assignments a process keeps; beyond it begins anew.
MAX_ACCOUNTS = 20_000
REVISION_ROW = 1


@dataclass(frozen=True, slots=True)
class AccountRules:
    """What was assigned to one account."""

    denied: Collection[OperationKey] = frozenset()
    allowed: Collection[OperationKey] = frozenset()
    roles: Collection[int] = frozenset()


NO_RULES = AccountRules()


@dataclass(frozen=True, slots=True)
class Rules:
    """All switches, compiled. `personal` are the operations that any account has an assignment for."""

    revision: uuid.UUID | None = None
    everyone: Mapping[OperationKey, bool] = field(default_factory=dict)
    by_role: Mapping[OperationKey, Mapping[int, bool]] = field(default_factory=dict)
    personal: Collection[OperationKey] = frozenset()
    accounts: dict[int, AccountRules] = field(default_factory=dict)

    def concern(self, operation: OperationKey) -> bool:
        """Whether anything at all was said about the operation."""
        return operation in self.everyone or operation in self.by_role or operation in self.personal

    def of_account(self, account_id: int | None) -> AccountRules:
        """What was assigned to an account; one query the first time."""
        if account_id is None:
            return NO_RULES
        known = self.accounts.get(account_id)
        if known is None:
            if len(self.accounts) >= MAX_ACCOUNTS:
                self.accounts.clear()
            known = self.accounts[account_id] = load_account_rules(account_id)
        return known

    def verdict(self, operation: OperationKey, mine: AccountRules) -> bool | None:
        """What account and roles say; None where neither says anything."""
        if operation in mine.denied:
            return False
        if operation in mine.allowed:
            return True
        switches = self.by_role.get(operation)
        said = {switches[role] for role in mine.roles if role in switches} if switches else None
        return False not in said if said else None

    def allow(self, operation: OperationKey, mine: AccountRules) -> bool:
        """Whether the operation is on for an account with these assignments."""
        said = self.verdict(operation, mine)
        return self.everyone.get(operation, True) if said is None else said


@dataclass(frozen=True, slots=True)
class Held:
    """The copy of this process, the mark it was read under, and when it was last compared with PostgreSQL."""

    mark: bytes | None
    compared_at: float
    rules: Rules


# Replaced whole, so that threads need no lock.
_held: Held | None = None


def guard(request: HttpRequest, operation: OperationFacts, viewer: Viewer | None) -> None:
    """Raises FeatureDisabled where the operation is off for the viewer. Superusers pass; who is not signed in is
    under the switch for everyone alone."""
    rules = current_rules()
    if not rules.concern(operation.key) or operation.operation_id in NOT_SWITCHABLE:
        return
    who = viewer if viewer is not None else _viewer_of(request)
    if not who.is_superuser and not rules.allow(operation.key, rules.of_account(who.account_id)):
        raise FeatureDisabled


def permitted(viewer: Viewer, operations: Iterable[OperationFacts]) -> dict[str, bool]:
    """operationId → whether it is on for the viewer; what is for staff only is off for others."""
    rules = current_rules()
    mine = rules.of_account(viewer.account_id)
    staff = viewer.is_staff or viewer.is_superuser

    def on(operation: OperationFacts) -> bool:
        if operation.staff_only and not staff:
            return False
        if viewer.is_superuser or operation.operation_id in NOT_SWITCHABLE:
            return True
        return rules.allow(operation.key, mine)

    return {operation.operation_id: on(operation) for operation in operations}


def current_rules() -> Rules:
    """The switches as of now.

    With PostgreSQL away the last known ones stand; where none are known nothing is off, for then no operation works
    but the health checks."""
    global _held
    held, moment = _held, time.monotonic()
    try:
        # The mark is read before the tables: a change in between shows as another mark at the next request.
        mark = _read_mark()
    except RedisError:
        mark = None
    fresh = held is not None and moment - held.compared_at < settings.PERMISSIONS_MAX_AGE
    if held is not None and fresh and mark is not None and mark == held.mark:
        return held.rules
    try:
        revision = _revision()
        if held is None or held.rules.revision != revision:
            rules = load_rules(revision)
            if held is not None and mark is not None and mark == held.mark:
                # The change's own mark was lost: the other processes are told now.
                publish()
        else:
            rules = held.rules
    except (DatabaseError, InterfaceError):
        log.warning("permissions not compared: database unavailable", exc_info=True)
        return held.rules if held is not None else Rules()
    _held = Held(mark, moment, rules)
    return rules


def load_rules(revision: uuid.UUID | None = None) -> Rules:
    """Compile the tables: two queries, whatever the number of accounts."""
    everyone: dict[OperationKey, bool] = {}
    by_role: dict[OperationKey, dict[int, bool]] = {}
    switches: Iterable[tuple[str, str, int | None, bool]] = PagePermission.objects.values_list(
        "operation_id", "method", "role_id", "enabled"
    )
    for operation_id, method, role_id, enabled in switches:
        if role_id is None:
            everyone[operation_id, method] = enabled
        else:
            by_role.setdefault((operation_id, method), {})[role_id] = enabled
    assigned = (
        Assignment.objects.filter(role=None).order_by().values_list("operation_id", "method").distinct()
    )
    return Rules(revision, everyone, by_role, frozenset(assigned))


def load_account_rules(account_id: int) -> AccountRules:
    """What was assigned to an account, in one query."""
    rows = list(
        Assignment.objects.filter(account_id=account_id).values_list(
            "role_id", "operation_id", "method", "effect"
        )
    )
    return AccountRules(
        denied=frozenset((op, method) for _, op, method, effect in rows if effect == Effect.DENY),
        allowed=frozenset((op, method) for _, op, method, effect in rows if effect == Effect.ALLOW),
        roles=frozenset(role for role, *_ in rows if role is not None),
    )


def touch() -> None:
    """Make a change of permissions count from the next request of every process on. Called first inside the
    transaction of the change: its row lock puts changes in a row, and the commit publishes it."""
    row = PermissionRevision(pk=REVISION_ROW, revision=uuid.uuid4())
    PermissionRevision.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=["revision"]
    )
    transaction.on_commit(publish)


def publish() -> None:
    """Give Redis a new mark; without Redis every process compares with PostgreSQL anyway."""
    try:
        get_redis().set(_mark_key(), _new_mark())
    except RedisError:
        log.warning("permissions not published: redis unavailable")


def _read_mark() -> bytes | None:
    redis = get_redis()
    mark = redis.get(_mark_key())
    if mark is None:
        # Flushed, or never set. NX: a change that is published meanwhile must win.
        redis.set(_mark_key(), _new_mark(), nx=True)
        mark = redis.get(_mark_key())
    return mark if isinstance(mark, bytes) else None


def _mark_key() -> str:
    return key("permissions")


def _new_mark() -> str:
    # Never one that was used before: a counter would begin anew after a flush.
    return uuid.uuid4().hex


def _revision() -> uuid.UUID | None:
    return PermissionRevision.objects.filter(pk=REVISION_ROW).values_list("revision", flat=True).first()


def _viewer_of(request: HttpRequest) -> Viewer:
    # Only for an operation without authentication that something was said about.
    try:
        viewer: Viewer = maybe_signed_in(request)
    except (Unauthenticated, Forbidden):
        return ANONYMOUS
    return viewer
