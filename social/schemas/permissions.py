"""Page permissions and roles."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from project.kernel.inputs import Bool, Id, IdOut, In, Line, Out, Patch, Small
from project.kernel.paging import PageQuery

MethodName = Literal["GET", "PUT", "POST", "PATCH", "DELETE"]


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


def _ref(value: Any) -> Any:
    # An id may be sent as the number that it is.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


OperationName = Annotated[Line, Field(min_length=1, max_length=100, examples=["posts_create"])]
Method = Annotated[MethodName, BeforeValidator(_upper)]
UserRef = Annotated[
    Line,
    Field(min_length=1, max_length=30, description="an account's id or username"),
    BeforeValidator(_ref),
]
RoleName = Annotated[Line, Field(min_length=1, max_length=60)]
RoleText = Annotated[Line, Field(max_length=300)]


class AssignmentIn(In):
    """Either an operation (`operation_id`, `method`, `effect`) or a `role`."""

    user: UserRef
    operation_id: OperationName | None = None
    method: Method | None = None
    effect: Literal["allow", "deny"] | None = None
    role: Id | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        operation = (self.operation_id, self.method, self.effect)
        if self.role is not None:
            if any(part is not None for part in operation):
                raise ValueError("send either a role or an operation, not both")
        elif any(part is None for part in operation):
            raise ValueError("send operation_id, method and effect, or a role")
        return self


class AssignmentOut(Out):
    """What was assigned to an account: a role, or an operation with its effect."""

    id: IdOut
    account_id: IdOut
    operation_id: str | None
    method: str | None
    effect: Literal["allow", "deny"] | None
    role: IdOut | None
    created_by: IdOut | None
    created_at: datetime


class PagePermissionIn(In):
    """The switch of an operation: for everyone, or for a role."""

    operation_id: OperationName
    method: Method
    role: Id | None = None
    enabled: Bool


class PagePermissionPatch(Patch):
    """A change of a switch."""

    enabled: Bool = True


class PagePermissionOut(Out):
    """A switch. `role` is null where it is for everyone."""

    id: IdOut
    operation_id: str
    method: str
    role: IdOut | None
    enabled: bool
    created_by: IdOut | None
    created_at: datetime
    updated_at: datetime


class OperationPermissionOut(Out):
    """An operation of the document and its switches. `id` is that of the switch for everyone, null where there is
    none; `enabled` is what holds without roles and assignments."""

    id: IdOut | None
    operation_id: str
    method: str
    path: str
    tag: str
    summary: str
    switchable: bool
    staff_only: bool
    enabled: bool
    roles: list[PagePermissionOut]


class PagePermissionQuery(PageQuery):
    """Which operations to list."""

    search: str | None = Field(None, max_length=100, description="part of an operation's id, path or summary")
    switched: bool | None = Field(None, description="true: only operations with a switch; false: only others")


class RoleIn(In):
    """A new role."""

    name: RoleName
    description: RoleText = ""


class RolePatch(Patch):
    """A change of a role."""

    name: RoleName = ""
    description: RoleText = ""


class RoleOut(Out):
    """A role that switches can be set for and accounts can be given."""

    id: IdOut
    name: str
    description: str
    member_count: Small
    created_by: IdOut | None
    created_at: datetime
