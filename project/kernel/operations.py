"""What every operation of the API passes after authentication and limits, and before it reads its input: the guard,
the staff check, HEAD. Also the catalogue of the operations, for code that names them.

The guard decides whether an operation is on for a viewer (R70). The kit knows no app: one registers it. Aliases are
rewritten before routing, so that they pass here as the operation that they mean."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import get_resolver
from ninja.operation import Operation, PathView
from ninja.router import BoundRouter
from ninja.utils import normalize_path

from project.kernel.errors import Forbidden
from project.kernel.viewer import ANONYMOUS, Viewer

View = TypeVar("View", bound=Callable[..., Any])
OperationKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """One operation as the OpenAPI document has it. `path` is its template below the API's root."""

    operation_id: str
    method: str
    path: str
    summary: str
    tag: str
    staff_only: bool
    acts_on_get: bool

    @property
    def key(self) -> OperationKey:
        return (self.operation_id, self.method)


class Guard(Protocol):
    """Raises an AppError where `operation` is off for `viewer`, who is None where the operation asks for no
    authentication."""

    def __call__(self, request: HttpRequest, operation: OperationFacts, viewer: Viewer | None) -> None: ...


_guards: list[Guard] = []
_catalogue: dict[str, OperationFacts] = {}


def register_guard(guard: Guard) -> None:
    """Let `guard` decide on every request. Called in `AppConfig.ready()`."""
    _guards.append(guard)


def catalogue() -> Mapping[str, OperationFacts]:
    """operationId → facts of every operation, in the order of the ids."""
    if not _catalogue:
        # Operations are bound when the addresses are read; a command may come here first.
        _ = get_resolver().url_patterns
    return _catalogue


def acts(view: View) -> View:
    """Marks a GET operation that changes something (a mailed link): a HEAD is 405 and does not run it (R16). Stands
    below the router's decorator."""
    view.acts_on_get = True  # type: ignore[attr-defined]
    return view


def bind(routers: Iterable[BoundRouter]) -> None:
    """Put the checks in front of every operation of an API and note it in the catalogue."""
    found: dict[str, OperationFacts] = {}
    for router in routers:
        for path, view in router.path_operations.items():
            template = normalize_path(f"/{router.prefix}/{path}")
            for operation in view.operations:
                facts = _facts(operation, template)
                if operation.include_in_schema:
                    found[facts.operation_id] = facts
                _check_before(operation, facts)
            _serve_head(view)
    _catalogue.update(sorted(found.items()))


def _facts(operation: Operation, path: str) -> OperationFacts:
    return OperationFacts(
        operation_id=operation.operation_id or operation.view_func.__name__,
        method=operation.methods[0],
        path=path,
        summary=operation.summary,
        tag=(operation.tags or [""])[0],
        staff_only=any(getattr(auth, "staff_only", False) for auth in operation.auth_callbacks),
        acts_on_get=getattr(operation.view_func, "acts_on_get", False),
    )


def _pass_or_raise(request: HttpRequest, facts: OperationFacts) -> HttpResponseBase | None:
    viewer = getattr(request, "auth", None)
    known = viewer if isinstance(viewer, Viewer) else None
    for guard in _guards:
        guard(request, facts, known)
    if facts.staff_only:
        # After the guard: what is off is off for everyone in the same words.
        who = known or ANONYMOUS
        if not (who.is_staff or who.is_superuser):
            raise Forbidden
    if request.method == "HEAD" and facts.acts_on_get:
        return HttpResponseNotAllowed(["GET"])
    return None


def _check_before(operation: Operation, facts: OperationFacts) -> None:
    # ninja has no seam between authentication and input: its own checks are the only step there.
    checks = operation._run_checks

    def run_checks(request: HttpRequest) -> HttpResponseBase | None:
        refused = checks(request)
        if refused is not None:
            return refused
        try:
            return _pass_or_raise(request, facts)
        except Exception as error:
            return operation.api.on_exception(request, error)

    async def run_checks_async(request: HttpRequest) -> HttpResponseBase | None:
        refused = await cast(Awaitable[HttpResponseBase | None], checks(request))
        if refused is not None:
            return refused
        try:
            return await sync_to_async(_pass_or_raise)(request, facts)
        except Exception as error:
            return operation.api.on_exception(request, error)

    operation._run_checks = run_checks_async if operation.is_async else run_checks  # type: ignore


def _serve_head(view: PathView) -> None:
    """HEAD is served by the GET operation; the server leaves the body out."""

    def find(request: HttpRequest) -> Operation | None:
        method = "GET" if request.method == "HEAD" else request.method
        return next((op for op in view.operations if method in op.methods), None)

    view._find_operation = find  # type: ignore[method-assign]
