"""The NinjaAPI class: strict bodies, orjson, errors as problems, the document normalised. `project.api` makes the
one instance."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, cast

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from ninja.router import BoundRouter

from project.kernel import openapi, operations, problems
from project.kernel.errors import (
    AppError,
    BadRequest,
    FieldProblem,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unprocessable,
    UnsupportedMediaType,
)

log = logging.getLogger(__name__)


class MalformedJson(BadRequest):
    code = "malformed-json"
    title = _lazy("Malformed JSON")
    detail = _lazy("The body is not valid JSON.")


class StrictParser(Parser):
    """Bodies are JSON objects in UTF-8, sent as application/json; nothing is guessed."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise UnsupportedMediaType("Send application/json.")
        try:
            data = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise MalformedJson from None
        except RecursionError:
            raise MalformedJson from None
        if not isinstance(data, dict):
            raise Unprocessable.field("", "object_expected", "The body must be a JSON object.")
        return data


class OrjsonRenderer(BaseRenderer):
    """Answers in JSON, times as RFC 3339 in UTC with `Z`."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> Any:
        return dump(data)


def dump(data: Any) -> bytes:
    """JSON bytes of plain data."""
    return orjson.dumps(data, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class Api(NinjaAPI):
    """NinjaAPI with the conventions of the contract."""

    _document: Any = None

    def __init__(self, **options: Any) -> None:
        super().__init__(parser=StrictParser(), renderer=OrjsonRenderer(), **options)
        self.add_exception_handler(
            AuthenticationError, lambda r, e: problems.render_error(r, Unauthenticated())
        )
        self.add_exception_handler(ValidationError, self._invalid)
        self.add_exception_handler(Throttled, lambda r, e: problems.render_error(r, TooManyRequests()))
        self.add_exception_handler(HttpError, self._http)
        self.add_exception_handler(AppError, lambda r, e: problems.answer(r, cast(AppError, e)))

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        if isinstance(exc, (AppError, ValidationError, HttpError, AuthenticationError, Throttled)):
            return super().on_exception(request, exc)
        return problems.answer(request, exc)

    def _http(self, request: HttpRequest, error: Any) -> HttpResponse:
        # ninja wraps whatever its parser raised.
        cause = error.__cause__
        if isinstance(cause, Exception) and (known := problems.translate(cause)) is not None:
            return problems.render_error(request, known)
        if error.status_code == 400:
            return problems.render_error(request, BadRequest(_("The body could not be read.")))
        return problems.of_status(request, HttpResponse(status=error.status_code))

    def _invalid(self, request: HttpRequest, error: Any) -> HttpResponse:
        if all(e.get("loc", ("",))[0] == "path" for e in error.errors):
            # What cannot be an id names nothing.
            return problems.render_error(request, NotFound())
        found = [field_problem(e) for e in error.errors]
        return problems.render_error(request, Unprocessable(errors=found))

    def _get_bound_routers(self) -> list[BoundRouter]:
        fresh = self._bound_routers_cache is None
        routers = super()._get_bound_routers()
        if fresh:
            operations.bind(routers)
        return routers

    def get_openapi_schema(self, **options: Any) -> Any:
        """The published document, made once a process."""
        if self._document is None:
            self._document = openapi.normalise(self, super().get_openapi_schema(**options))
        return self._document


def field_problem(error: Mapping[str, Any]) -> FieldProblem:
    """A pydantic error as a FieldProblem, pointing into the body or naming the parameter."""
    loc = [str(part) for part in error.get("loc", ())]
    source, rest = (loc[0], loc[1:]) if loc else ("body", [])
    if source in ("body", "form", "file"):
        # ninja nests the body under the parameter's own name.
        rest = rest[1:] if source == "body" else rest
        pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in rest)
    else:
        pointer = "/".join([source, rest[-1]] if rest else [source])
    code = str(error.get("type", "invalid"))
    message = str(error.get("msg", "invalid")).removeprefix("Value error, ")
    limits = error.get("ctx", {})
    if code in ("too_short", "too_long") and limits.get("field_type") == "Value":
        # pydantic speaks of items where a text was cleaned before it was measured.
        bound = "min_length" if code == "too_short" else "max_length"
        message = f"must have at {'least' if code == 'too_short' else 'most'} {limits.get(bound)} characters"
        code = f"string_{code}"
    return FieldProblem(pointer, code, message)
