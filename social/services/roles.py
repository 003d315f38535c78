"""Roles and their members (R70). What a role may do is set by switches, in `services.permissions`, where it also says
who may grant what."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from project.kernel.clock import now
from project.kernel.errors import NotFound
from project.kernel.viewer import Viewer
from social.access import AccountRef, access_card, find_card
from social.errors import RoleNameTaken
from social.models import Assignment, PagePermission, Role
from social.permissions import touch
from social.services.permissions import add_member, check_grant, remove_assignment


def create_role(*, actor: Viewer, name: str, description: str = "") -> int:
    """A new role without switches and members; returns its id. Raises RoleNameTaken."""
    try:
        with transaction.atomic():
            role = Role.objects.create(
                name=name, description=description, created_by_id=actor.id, created_at=now()
            )
    except IntegrityError as error:
        raise _taken(error) from None
    return role.pk


def update_role(*, actor: Viewer, role_id: int, changes: Mapping[str, str]) -> None:
    """Change a role's name or description, which changes no permission. Raises NotFound, RoleNameTaken."""
    try:
        with transaction.atomic():
            role = _role(role_id)
            for name, value in changes.items():
                setattr(role, name, value)
            role.save(update_fields=list(changes))
    except IntegrityError as error:
        raise _taken(error) from None


def delete_role(*, actor: Viewer, role_id: int) -> None:
    """Delete a role with its switches and memberships. Raises NotFound, CannotGrant where that would lift a refusal
    that holds for the actor too."""
    with transaction.atomic():
        touch()
        role = _role(role_id)
        refused = PagePermission.objects.filter(role=role, enabled=False)
        check_grant(actor, list(refused.values_list("operation_id", "method")))
        role.delete()


def add_role_member(*, actor: Viewer, role_id: int, ref: AccountRef) -> tuple[int, bool]:
    """Make an account a member; returns the assignment's id and whether it is new. Raises NotFound, CannotGrant."""
    with transaction.atomic():
        touch()
        role = _role(role_id)
        return add_member(actor, role.pk, access_card(ref).id)


def remove_role_member(*, actor: Viewer, role_id: int, ref: AccountRef) -> None:
    """End a membership; nothing where there is none. Raises NotFound, CannotGrant."""
    with transaction.atomic():
        touch()
        role, card = _role(role_id), find_card(ref)
        if card is None:
            raise NotFound
        row = Assignment.objects.filter(role=role, account_id=card.id).first()
        if row is not None:
            remove_assignment(actor, row)


def _role(role_id: int) -> Role:
    role = Role.objects.select_for_update().filter(pk=role_id).first()
    if role is None:
        raise NotFound
    return role


def _taken(error: IntegrityError) -> Exception:
    return RoleNameTaken() if "social_role_name_unique" in str(error) else error
