"""Page permissions: what is switched off, for whom, and what the caller may do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from project.kernel.errors import NotFound
from project.kernel.idempotency import Done, once
from project.kernel.inputs import PathId
from project.kernel.operations import OperationFacts, catalogue
from project.kernel.paging import Entry, Position, add_links, read_page, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.auth import signed_in, staff_signed_in
from social.models import Assignment, PagePermission
from social.permissions import NOT_SWITCHABLE, permitted
from social.schemas.permissions import (
    AssignmentIn,
    AssignmentOut,
    OperationPermissionOut,
    PagePermissionIn,
    PagePermissionOut,
    PagePermissionPatch,
    PagePermissionQuery,
)
from social.services import permissions as service

TAG = ["rbac"]
assign = Router(tags=TAG)
mine = Router(tags=TAG)
switches = Router(tags=TAG)


def present_assignment(row: Assignment) -> dict[str, Any]:
    """`AssignmentOut` of a row."""
    return {
        "id": row.pk,
        "account_id": row.account_id,
        "operation_id": row.operation_id or None,
        "method": row.method or None,
        "effect": row.effect or None,
        "role": row.role_id,
        "created_by": row.created_by_id,
        "created_at": row.created_at,
    }


def present_switch(row: PagePermission) -> dict[str, Any]:
    """`PagePermissionOut` of a row."""
    return {
        "id": row.pk,
        "operation_id": row.operation_id,
        "method": row.method,
        "role": row.role_id,
        "enabled": row.enabled,
        "created_by": row.created_by_id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _present_operation(facts: OperationFacts, rows: Sequence[PagePermission]) -> dict[str, Any]:
    common = next((row for row in rows if row.role_id is None), None)
    return {
        "id": common.pk if common else None,
        "operation_id": facts.operation_id,
        "method": facts.method,
        "path": facts.path,
        "tag": facts.tag,
        "summary": facts.summary,
        "switchable": facts.operation_id not in NOT_SWITCHABLE,
        "staff_only": facts.staff_only,
        "enabled": common.enabled if common else True,
        "roles": [present_switch(row) for row in rows if row.role_id is not None],
    }


def read_assignment(assignment_id: int) -> dict[str, Any]:
    """`AssignmentOut` by id. Raises NotFound."""
    row = Assignment.objects.filter(pk=assignment_id).first()
    if row is None:
        raise NotFound
    return present_assignment(row)


def _read_switch(switch_id: int) -> dict[str, Any]:
    row = PagePermission.objects.filter(pk=switch_id).first()
    if row is None:
        raise NotFound
    return present_switch(row)


@assign.post(
    "/",
    operation_id="permissions_assign",
    summary="Assign an operation or a role to an account",
    auth=staff_signed_in,
    response={200: AssignmentOut, 201: AssignmentOut, 409: Problem},
)
def assign_permission(request: ViewerRequest, payload: AssignmentIn) -> Status[dict[str, Any]]:
    """Allow or deny one operation to an account, or give it a role. 201 the first time, 200 where it is so already.

    A deny to the account wins over an allow to it, that over its roles (deny before allow), those over the switch for
    everyone. It counts from the account's next request on. 403 `cannot-grant` for an operation that is off for the
    caller; 422 `not-switchable` for log-in, log-out, refresh and deletion by link."""

    def act() -> Done:
        if payload.role is not None:
            found, created = service.assign_role(actor=request.auth, user=payload.user, role=payload.role)
        else:
            found, created = service.assign_operation(
                actor=request.auth,
                user=payload.user,
                operation_id=payload.operation_id or "",
                method=payload.method or "",
                effect=payload.effect or "",
            )
        return Done(201 if created else 200, found)

    return once(
        request,
        account_id=request.auth.id,
        operation="permissions_assign",
        body=payload.model_dump_json(),
        act=act,
        render=read_assignment,
    )


@assign.delete(
    "/{id}/",
    operation_id="permissions_revoke",
    summary="Take back an assignment",
    auth=staff_signed_in,
    response={204: None},
)
def revoke_permission(request: ViewerRequest, id: PathId) -> Status[None]:
    """Take back an operation or a role that was assigned to an account.

    403 `cannot-grant` where that would lift a refusal that holds for the caller too."""
    service.revoke(actor=request.auth, assignment_id=id)
    return Status(204, None)


@mine.get(
    "/me/",
    operation_id="permissions_me",
    summary="What I may do",
    auth=signed_in,
    response={200: dict[str, bool]},
)
def my_permissions(request: ViewerRequest) -> dict[str, bool]:
    """operationId → whether the operation is on for the caller, for clients that grey out what is not. Whether it
    succeeds on a given object is another question."""
    return permitted(request.auth, catalogue().values())


@switches.get(
    "/",
    operation_id="page_permissions_list",
    summary="Every operation with its switch",
    auth=staff_signed_in,
    response=Page[OperationPermissionOut],
)
def list_switches(
    request: ViewerRequest, response: HttpResponse, query: Query[PagePermissionQuery]
) -> dict[str, Any]:
    """Every operation of this API by its id, with the switch for everyone and those for roles."""
    needle = (query.search or "").strip().lower()
    rows = service.load_switches(catalogue())

    def wanted(facts: OperationFacts) -> bool:
        if query.switched is not None and (facts.key in rows) != query.switched:
            return False
        return needle in f"{facts.operation_id} {facts.path} {facts.summary}".lower()

    found = [facts for facts in catalogue().values() if wanted(facts)]

    def skeleton(position: Position | None, n: int) -> Sequence[Entry[OperationFacts]]:
        walk = found
        if position is not None and position.backwards:
            walk = [facts for facts in reversed(found) if facts.operation_id < position.key[0]]
        elif position is not None:
            walk = [facts for facts in found if facts.operation_id > position.key[0]]
        return [((facts.operation_id,), facts) for facts in walk[:n]]

    page = read_page(
        skeleton,
        lambda batch: [_present_operation(facts, rows.get(facts.key, [])) for facts in batch],
        scope=scope_of("page_permissions_list", [needle, query.switched]),
        cursor=query.cursor,
        limit=query.limit,
    )
    add_links(request, response, page)
    return page.as_dict()


@switches.post(
    "/",
    operation_id="page_permissions_create",
    summary="Switch an operation",
    auth=staff_signed_in,
    response={200: PagePermissionOut, 201: PagePermissionOut, 409: Problem},
)
def create_switch(request: ViewerRequest, payload: PagePermissionIn) -> Status[dict[str, Any]]:
    """Switch an operation on or off, for everyone or for a role. 201 with a new switch; 200 where there was one, which
    is set. It counts from the next request on; an operation that is off answers 403 `feature-disabled`, superusers
    pass.

    422 for what the document does not have, and `not-switchable` for log-in, log-out, refresh and deletion by link;
    403 `cannot-grant` for opening what is off for the caller."""

    def act() -> Done:
        found, created = service.set_switch(
            actor=request.auth,
            operation_id=payload.operation_id,
            method=payload.method,
            role=payload.role,
            enabled=payload.enabled,
        )
        return Done(201 if created else 200, found)

    return once(
        request,
        account_id=request.auth.id,
        operation="page_permissions_create",
        body=payload.model_dump_json(),
        act=act,
        render=_read_switch,
    )


@switches.patch(
    "/{id}/",
    operation_id="page_permissions_update",
    summary="Turn a switch",
    auth=staff_signed_in,
    response=PagePermissionOut,
)
def update_switch(request: ViewerRequest, id: PathId, payload: PagePermissionPatch) -> dict[str, Any]:
    """Turn a switch on or off. 403 `cannot-grant` for opening what is off for the caller."""
    service.update_switch(actor=request.auth, switch_id=id, enabled=payload.changes().get("enabled"))
    return _read_switch(id)


@switches.delete(
    "/{id}/",
    operation_id="page_permissions_delete",
    summary="Take a switch away",
    auth=staff_signed_in,
    response={204: None},
)
def delete_switch(request: ViewerRequest, id: PathId) -> Status[None]:
    """Take a switch away: what stands below it holds again, in the end that the operation is on.

    403 `cannot-grant` where that would lift a refusal that holds for the caller too."""
    service.delete_switch(actor=request.auth, switch_id=id)
    return Status(204, None)
