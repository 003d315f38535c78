"""Changing which operations are on, for whom (R70): switches, and what is assigned to accounts.

Only staff come here. Superusers pass every switch, so that nothing done here can lock them out. Staff who are not
superusers cannot grant what they do not have: to open an operation to an account or a role, directly, by a role's
membership or by taking a refusal away, it must be on for themselves; otherwise whoever is refused something could
undo that, or ask a colleague's account to be let in instead. The switch for everyone is different: it is the common
default and closes nothing for one person alone, so that who switched it off may switch it on again; only an own
refusal, by account or role, stands in the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction

from project.kernel.clock import now
from project.kernel.errors import NotFound, Unprocessable
from project.kernel.operations import OperationKey, catalogue
from project.kernel.viewer import Viewer
from social.access import find_card
from social.errors import CannotGrant, NotSwitchable
from social.models import Assignment, Effect, PagePermission, Role
from social.permissions import NOT_SWITCHABLE, load_account_rules, load_rules, touch


def switchable(operation_id: str, method: str) -> OperationKey:
    """The operation by its id and method. Raises Unprocessable where the document has none such, NotSwitchable."""
    facts = catalogue().get(operation_id)
    if facts is None:
        raise Unprocessable.field("/operation_id", "unknown_operation", "no operation has this operationId")
    if facts.method != method:
        raise Unprocessable.field(
            "/method", "unknown_method", f"the method of {operation_id} is {facts.method}"
        )
    if operation_id in NOT_SWITCHABLE:
        raise NotSwitchable
    return facts.key


def check_grant(actor: Viewer, operations: Collection[OperationKey], *, to_everyone: bool = False) -> None:
    """Raises CannotGrant where one of the operations is not the actor's to open. Asks the tables themselves."""
    if actor.is_superuser or not operations:
        return
    rules, mine = load_rules(), load_account_rules(actor.id)
    for operation in operations:
        mine_to_open = (
            rules.verdict(operation, mine) is not False if to_everyone else rules.allow(operation, mine)
        )
        if not mine_to_open:
            raise CannotGrant


def _role_switches(role_id: int, *, enabled: bool) -> list[OperationKey]:
    rows = PagePermission.objects.filter(role_id=role_id, enabled=enabled)
    return list(rows.values_list("operation_id", "method"))


def _account_id(ref: str) -> int:
    card = find_card(ref)
    if card is None or not card.active:
        raise Unprocessable.field("/user", "unknown_account", "there is no such account")
    return card.id


def _role(role_id: int) -> Role:
    role = Role.objects.filter(pk=role_id).first()
    if role is None:
        raise Unprocessable.field("/role", "unknown_role", "there is no such role")
    return role


def assign_operation(
    *, actor: Viewer, user: str, operation_id: str, method: str, effect: str
) -> tuple[int, bool]:
    """Allow or deny one operation to an account, above roles and switches; returns the assignment's id and whether
    it is new. An allow does not lift a deny: revoke that.

    Raises Unprocessable, NotSwitchable, CannotGrant."""
    operation = switchable(operation_id, method)
    with transaction.atomic():
        touch()
        account_id = _account_id(user)
        if effect == Effect.ALLOW:
            check_grant(actor, [operation])
        row, created = Assignment.objects.get_or_create(
            account_id=account_id,
            role=None,
            operation_id=operation_id,
            method=method,
            effect=effect,
            defaults={"created_by_id": actor.id, "created_at": now()},
        )
    return row.pk, created


def assign_role(*, actor: Viewer, user: str, role: int) -> tuple[int, bool]:
    """Make an account a member of a role; returns the assignment's id and whether it is new.

    Raises Unprocessable, CannotGrant."""
    with transaction.atomic():
        touch()
        return add_member(actor, _role(role).pk, _account_id(user))


def add_member(actor: Viewer, role_id: int, account_id: int) -> tuple[int, bool]:
    """Inside a transaction that has touched: the membership's id and whether it is new. Raises CannotGrant."""
    check_grant(actor, _role_switches(role_id, enabled=True))
    row, created = Assignment.objects.get_or_create(
        account_id=account_id,
        role_id=role_id,
        defaults={"created_by_id": actor.id, "created_at": now()},
    )
    return row.pk, created


def revoke(*, actor: Viewer, assignment_id: int) -> None:
    """Take back what was assigned. Raises NotFound, CannotGrant where that lifts a refusal that holds for the actor
    too."""
    with transaction.atomic():
        touch()
        row = Assignment.objects.filter(pk=assignment_id).first()
        if row is None:
            raise NotFound
        remove_assignment(actor, row)


def remove_assignment(actor: Viewer, row: Assignment) -> None:
    """Inside a transaction that has touched. Raises CannotGrant."""
    if row.role_id is not None:
        check_grant(actor, _role_switches(row.role_id, enabled=False))
    elif row.effect == Effect.DENY:
        check_grant(actor, [(row.operation_id, row.method)])
    row.delete()


def set_switch(
    *, actor: Viewer, operation_id: str, method: str, role: int | None, enabled: bool
) -> tuple[int, bool]:
    """Switch an operation for everyone or for a role; returns the switch's id and whether it is new. Where there is
    one already it is set.

    Raises Unprocessable, NotSwitchable, CannotGrant."""
    operation = switchable(operation_id, method)
    with transaction.atomic():
        touch()
        target = None if role is None else _role(role)
        if enabled:
            check_grant(actor, [operation], to_everyone=target is None)
        moment = now()
        row, created = PagePermission.objects.get_or_create(
            operation_id=operation_id,
            method=method,
            role=target,
            defaults={
                "enabled": enabled,
                "created_by_id": actor.id,
                "created_at": moment,
                "updated_at": moment,
            },
        )
        if not created:
            _set(row, enabled)
    return row.pk, created


def update_switch(*, actor: Viewer, switch_id: int, enabled: bool | None) -> None:
    """Turn a switch. Raises NotFound, CannotGrant."""
    with transaction.atomic():
        touch()
        row = _switch(switch_id)
        if enabled is None:
            return
        if enabled:
            check_grant(actor, [(row.operation_id, row.method)], to_everyone=row.role_id is None)
        _set(row, enabled)


def delete_switch(*, actor: Viewer, switch_id: int) -> None:
    """Take a switch away: what stands below it holds again. Raises NotFound, CannotGrant."""
    with transaction.atomic():
        touch()
        row = _switch(switch_id)
        if not row.enabled:
            check_grant(actor, [(row.operation_id, row.method)], to_everyone=row.role_id is None)
        row.delete()


def _switch(switch_id: int) -> PagePermission:
    row = PagePermission.objects.filter(pk=switch_id).first()
    if row is None:
        raise NotFound
    return row


def _set(row: PagePermission, enabled: bool) -> None:
    if row.enabled != enabled:
        row.enabled, row.updated_at = enabled, now()
        row.save(update_fields=["enabled", "updated_at"])


def load_switches(operations: Iterable[str]) -> dict[OperationKey, list[PagePermission]]:
    """operation → its switches, the one for everyone first; one query."""
    found: dict[OperationKey, list[PagePermission]] = {}
    rows = PagePermission.objects.filter(operation_id__in=list(operations))
    for row in sorted(rows, key=lambda row: row.role_id or 0):
        found.setdefault((row.operation_id, row.method), []).append(row)
    return found
