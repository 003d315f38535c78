"""Roles and their members."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from ninja import Query, Router, Status

from project.kernel.errors import NotFound
from project.kernel.idempotency import Done, once
from project.kernel.inputs import PathId
from project.kernel.paging import Entry, PageQuery, Position, add_links, read_page, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.api.permissions import read_assignment
from social.auth import staff_signed_in
from social.models import Role
from social.schemas.permissions import AssignmentOut, RoleIn, RoleOut, RolePatch
from social.services import roles as service

router = Router(tags=["rbac"])


def _roles() -> QuerySet[Role, Any]:
    return Role.objects.annotate(member_count=Count("memberships"))


def _present(role: Any) -> dict[str, Any]:
    return {
        "id": role.pk,
        "name": role.name,
        "description": role.description,
        "member_count": role.member_count,
        "created_by": role.created_by_id,
        "created_at": role.created_at,
    }


def _read(role_id: int) -> dict[str, Any]:
    role = _roles().filter(pk=role_id).first()
    if role is None:
        raise NotFound
    return _present(role)


def _skeleton(position: Position | None, n: int) -> Sequence[Entry[Role]]:
    rows = _roles().order_by("id")
    if position is not None and position.backwards:
        rows = rows.filter(pk__lt=position.key[0]).order_by("-id")
    elif position is not None:
        rows = rows.filter(pk__gt=position.key[0])
    return [((row.pk,), row) for row in rows[:n]]


@router.get(
    "/",
    operation_id="roles_list",
    summary="Roles",
    auth=staff_signed_in,
    response=Page[RoleOut],
)
def list_roles(request: ViewerRequest, response: HttpResponse, query: Query[PageQuery]) -> dict[str, Any]:
    """Every role with the number of its members, oldest first."""
    page = read_page(
        _skeleton,
        lambda rows: [_present(row) for row in rows],
        scope=scope_of("roles_list"),
        cursor=query.cursor,
        limit=query.limit,
    )
    add_links(request, response, page)
    return page.as_dict()


@router.post(
    "/",
    operation_id="roles_create",
    summary="Make a role",
    auth=staff_signed_in,
    response={201: RoleOut, 409: Problem},
)
def create_role(request: ViewerRequest, payload: RoleIn) -> Status[dict[str, Any]]:
    """Make a role. It changes nothing until switches are set for it and accounts are in it.

    409 `role-name-taken`, whatever the case of the letters."""

    def act() -> Done:
        found = service.create_role(actor=request.auth, name=payload.name, description=payload.description)
        return Done(201, found)

    return once(
        request,
        account_id=request.auth.id,
        operation="roles_create",
        body=payload.model_dump_json(),
        act=act,
        render=_read,
    )


@router.patch(
    "/{id}/",
    operation_id="roles_update",
    summary="Change a role",
    auth=staff_signed_in,
    response={200: RoleOut, 409: Problem},
)
def update_role(request: ViewerRequest, id: PathId, payload: RolePatch) -> dict[str, Any]:
    """Change a role's name or description. 409 `role-name-taken`."""
    service.update_role(actor=request.auth, role_id=id, changes=payload.changes())
    return _read(id)


@router.delete(
    "/{id}/",
    operation_id="roles_delete",
    summary="Delete a role",
    auth=staff_signed_in,
    response={204: None},
)
def delete_role(request: ViewerRequest, id: PathId) -> Status[None]:
    """Delete a role with its switches and memberships. 403 `cannot-grant` where that would lift a refusal that holds
    for the caller too."""
    service.delete_role(actor=request.auth, role_id=id)
    return Status(204, None)


@router.put(
    "/{id}/members/{user}/",
    operation_id="roles_member_add",
    summary="Give an account a role",
    auth=staff_signed_in,
    response={200: AssignmentOut, 201: AssignmentOut},
)
def add_member(request: ViewerRequest, id: PathId, user: str) -> Status[dict[str, Any]]:
    """Make an account a member of a role: 201 the first time, 200 where it is one. 403 `cannot-grant` where the role
    opens an operation that is off for the caller."""
    found, created = service.add_role_member(actor=request.auth, role_id=id, ref=user)
    return Status(201 if created else 200, read_assignment(found))


@router.delete(
    "/{id}/members/{user}/",
    operation_id="roles_member_remove",
    summary="Take a role from an account",
    auth=staff_signed_in,
    response={204: None},
)
def remove_member(request: ViewerRequest, id: PathId, user: str) -> Status[None]:
    """End a membership. 204 also where there was none. 403 `cannot-grant` where that would lift a refusal that holds
    for the caller too."""
    service.remove_role_member(actor=request.auth, role_id=id, ref=user)
    return Status(204, None)
