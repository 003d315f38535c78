"""What every request passes: a request id, the API's path conventions, problem+json for all that goes wrong."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from project.kernel import problems
from project.kernel.aliases import resolve_alias
from project.kernel.errors import BadRequest

GetResponse = Callable[[HttpRequest], HttpResponseBase]
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")
VERSIONED = re.compile(r"/api/v\d+(/|\Z)")
API = "/api/"
CURRENT = "/api/v1/"


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


class RequestIdMiddleware:
    """Takes a well-formed X-Request-ID from the client or makes one; logs and the answer carry it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.id = given if REQUEST_ID.match(given) else uuid.uuid4().hex  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response


class ApiPathMiddleware:
    """`/api/…` means the current version, aliases mean their operation, and a missing final slash is served, not
    redirected: a redirected POST would lose its body."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path == "/api" or path.startswith(API):
            if not VERSIONED.match(path):
                path = CURRENT + path.removeprefix("/api").lstrip("/")
            if not path.endswith("/") and not path.endswith(".json"):
                path += "/"
            request.method, path = resolve_alias(request.method or "GET", path)
            if path != request.path_info:
                prefix = request.path.removesuffix(request.path_info)
                request.path_info = path
                request.path = prefix + path
        return self.get_response(request)


class ProblemMiddleware:
    """Every error under /api/ leaves as problem+json, and nothing that depends on the viewer is stored by caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api(request):
            return self.get_response(request)
        response: HttpResponseBase
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            response = problems.render_error(request, BadRequest(_("The URL contains a NUL character.")))
        elif not (request.META.get("CONTENT_LENGTH") or "0").isdecimal():
            response = problems.render_error(request, BadRequest(_("Content-Length is not a number.")))
        else:
            response = self.get_response(request)
            is_json = response.get("Content-Type", "").endswith("json")
            if response.status_code >= 400 and not is_json and isinstance(response, HttpResponse):
                response = problems.of_status(request, response)
        response.setdefault("Cache-Control", "private, no-store")
        response.setdefault("X-Content-Type-Options", "nosniff")
        limit = getattr(request, "rate_limit", None)
        if limit is not None:
            for name, value in limit.headers().items():
                response.setdefault(name, value)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return problems.answer(request, error) if is_api(request) else None
