"""Errors as clients see them. An `AppError` is an answer: raised anywhere below the API, rendered in one place
(`project.kernel.problems`) as RFC 9457 problem+json. Each app's `errors.py` holds its own subclasses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field. `pointer` is a JSON Pointer into the body, or `query/NAME`, `path/NAME`."""

    pointer: str
    code: str
    message: str


class AppError(Exception):
    """An expected failure with a stable kebab-case `code`, an HTTP `status` and a human `title`.

    `detail` says what happened in this case, `hint` what to do about it, `retry_after` is in seconds."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[Text] = _("Bad request")
    detail: ClassVar[Text] = _("The request cannot be answered.")
    headers: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        detail: Text | None = None,
        *,
        hint: Text | None = None,
        errors: Sequence[FieldProblem] = (),
        retry_after: int | None = None,
    ) -> None:
        self.text = detail or self.detail
        self.hint = hint
        self.errors = tuple(errors)
        self.retry_after = retry_after
        super().__init__(str(self.text))


class BadRequest(AppError):
    code = "bad-request"


class InvalidCursor(AppError):
    code = "invalid-cursor"
    title = _("Invalid cursor")
    detail = _("This cursor does not belong to this list. Start again without it.")


class Unauthenticated(AppError):
    code = "unauthenticated"
    status = 401
    title = _("Not signed in")
    detail = _("Send a valid access token.")
    headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(AppError):
    code = "forbidden"
    status = 403
    title = _("Forbidden")
    detail = _("You may not do this.")


class NotFound(AppError):
    """Missing and hidden are one answer: nothing in it may depend on which of the two it was (R01)."""

    code = "not-found"
    status = 404
    title = _("Not found")
    detail = _("There is no such thing, or you may not see it.")

    def __init__(self) -> None:
        super().__init__()


class Conflict(AppError):
    code = "conflict"
    status = 409
    title = _("Conflict")
    detail = _("The request does not fit the present state.")


class PreconditionFailed(AppError):
    code = "precondition-failed"
    status = 412
    title = _("Precondition failed")
    detail = _("It has changed since you read it. Read it again and repeat the change.")


class ContentTooLarge(AppError):
    code = "content-too-large"
    status = 413
    title = _("Content too large")
    detail = _("The body is too large.")


class UnsupportedMediaType(AppError):
    code = "unsupported-media-type"
    status = 415
    title = _("Unsupported media type")
    detail = _("This content type is not accepted here.")


class Unprocessable(AppError):
    code = "validation-failed"
    status = 422
    title = _("Validation failed")
    detail = _("Some fields are not valid.")

    @classmethod
    def field(cls, pointer: str, code: str, message: Text) -> Unprocessable:
        """One invalid field."""
        return cls(errors=[FieldProblem(pointer, code, str(message))])


class TooManyRequests(AppError):
    code = "too-many-requests"
    status = 429
    title = _("Too many requests")
    detail = _("Slow down and try again later.")


class Unavailable(AppError):
    """A store that is needed cannot answer; nothing was done, or the same call may be repeated."""

    code = "unavailable"
    status = 503
    title = _("Temporarily unavailable")
    detail = _("A part of the service cannot answer right now.")

    def __init__(self, detail: Text | None = None, *, retry_after: int = 2) -> None:
        super().__init__(detail, retry_after=retry_after)
