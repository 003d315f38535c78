"""Where a name leads that its account has given up: reading by it is answered with a redirect to the new name, every
other operation simply means the account (R15).

The redirect is decided where access is, so that it tells of an account only to whom it is no secret. Access knows
nothing of requests; what is being read is noted here by the check in front of every operation."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path, iri_to_uri
from django.utils.translation import gettext_lazy as _

from project.kernel.clock import now
from project.kernel.errors import AppError
from project.kernel.operations import OperationFacts
from project.kernel.viewer import Viewer
from social.models import FormerUsername

USER = "{user}"


class Moved(AppError):
    """The account has another name by now."""

    code = "moved"
    status = 301
    title = _("Moved")
    detail = _("The account has another username now.")

    def __init__(self, location: str) -> None:
        super().__init__()
        self.location = location
        # Of this answer alone: the class's are shared.
        self.headers = {"Location": location}  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Reading:
    """A read below `{user}`: the name that was asked for, and the address around it."""

    ref: str
    before: str
    after: str

    def under(self, username: str) -> str:
        """The same address with another name."""
        return f"{self.before}{username}{self.after}"


_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


def note_reading(request: HttpRequest, operation: OperationFacts, viewer: Viewer | None) -> None:
    """Remember what this request reads; runs before every operation."""
    _reading.set(_reading_of(request, operation) if request.method in ("GET", "HEAD") else None)


def redirect_reading(ref: str, username: str) -> None:
    """Raise Moved where the request reads below `ref` in its path; the account is called `username` now."""
    reading = _reading.get()
    if reading is not None and reading.ref == ref:
        raise Moved(reading.under(username))


def account_of_former(username: str) -> int | None:
    """The id of the account that left this name lately; None where nobody did."""
    rows = FormerUsername.objects.filter(
        name=username.lower(), left_at__gt=now() - settings.USERNAME_RESERVATION
    )
    return rows.values_list("account_id", flat=True).first()


def _reading_of(request: HttpRequest, operation: OperationFacts) -> Reading | None:
    if USER not in operation.path:
        return None
    match = request.resolver_match
    ref = match.kwargs.get("user") if match is not None else None
    if ref is None:
        return None
    # The name stands as many segments from the end as in the template.
    steps = operation.path.split("/")[::-1].index(USER)
    parts = request.path.rsplit("/", steps + 1)
    before, after = parts[0] + "/", "/" + "/".join(parts[2:])
    query = request.META.get("QUERY_STRING", "")
    return Reading(
        str(ref), escape_uri_path(before), escape_uri_path(after) + iri_to_uri(f"?{query}" if query else "")
    )
