"""Rendering of errors as `application/problem+json`, and the mapping of everything that can go wrong to it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import (
    BadRequest as DjangoBadRequest,
)
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DataError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _

from project.kernel.errors import (
    AppError,
    BadRequest,
    ContentTooLarge,
    Forbidden,
    NotFound,
    Unavailable,
    Unprocessable,
)

log = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"


def render(
    request: HttpRequest,
    status: int,
    code: str,
    title: Any,
    detail: Any,
    *,
    hint: Any = None,
    errors: Iterable[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The problem document with these members."""
    body = {
        "type": f"urn:photogram:problem:{code}",
        "title": str(title),
        "status": status,
        "code": code,
        "detail": str(detail),
        "hint": None if hint is None else str(hint),
        "request_id": getattr(request, "id", ""),
        "errors": list(errors),
    }
    response = HttpResponse(orjson.dumps(body), status=status, content_type=CONTENT_TYPE)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def render_error(request: HttpRequest, error: AppError) -> HttpResponse:
    """The problem document of an AppError."""
    headers = dict(error.headers)
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, int(error.retry_after)))
    return render(
        request,
        error.status,
        error.code,
        error.title,
        error.text,
        hint=error.hint,
        errors=[{"pointer": e.pointer, "code": e.code, "message": e.message} for e in error.errors],
        headers=headers,
    )


def translate(error: BaseException) -> AppError | None:
    """The AppError that an exception of Django or of the database amounts to; None for a bug of ours."""
    match error:
        case AppError():
            return error
        case Http404():
            return NotFound()
        case PermissionDenied():
            return Forbidden()
        case RequestDataTooBig():
            return ContentTooLarge()
        case TooManyFieldsSent() | TooManyFilesSent():
            return BadRequest(_("The form has too many parts."))
        case MultiPartParserError() | UnreadablePostError():
            return BadRequest(_("The form could not be read."))
        case DjangoBadRequest() | SuspiciousOperation():
            return BadRequest()
        case DataError():
            # Inputs are bounded before they reach SQL; this is the net below them.
            log.warning("value refused by the database", exc_info=error)
            return Unprocessable(_("A value cannot be stored."))
        case OperationalError():
            log.error("database unavailable", exc_info=error)
            return Unavailable()
        case UnicodeError():
            return BadRequest(_("The request is not valid UTF-8."))
    return None


def unexpected(request: HttpRequest, error: BaseException) -> HttpResponse:
    """A 500 that tells nothing but the request id; the log has the rest."""
    log.error("unexpected error", exc_info=error, extra={"request_id": getattr(request, "id", "")})
    return render(
        request,
        500,
        "internal-error",
        _("Internal error"),
        _("Something went wrong on our side. The request id helps to find it."),
    )


def answer(request: HttpRequest, error: Exception) -> HttpResponse:
    """The response for any exception."""
    known = translate(error)
    return render_error(request, known) if known else unexpected(request, error)


def of_status(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The problem document for a bare error response (405, an unmatched path's 404, Django's own 400)."""
    status = response.status_code
    if status == 404:
        return render_error(request, NotFound())
    try:
        phrase = HTTPStatus(status)
    except ValueError:
        phrase = HTTPStatus.BAD_REQUEST
    code = {500: "internal-error"}.get(status, phrase.name.lower().replace("_", "-"))
    problem = render(request, status, code, phrase.phrase, phrase.description or phrase.phrase)
    for header in ("Allow", "Retry-After", "WWW-Authenticate"):
        if header in response:
            problem[header] = response[header]
    return problem
