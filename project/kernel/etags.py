"""ETags and conditional requests (RFC 9110).

An ETag is `"version.window"`: the version changes with the thing, the window with the signed media links inside the
answer. `If-None-Match` compares all of it, `If-Match` the version alone."""

from __future__ import annotations

import time

from django.conf import settings
from django.http import HttpRequest

from project.kernel.errors import PreconditionFailed


def make_etag(version: object, *facts: object) -> str:
    """The ETag of a representation; `facts` are further parts that change what is shown (counts, flags)."""
    window = int(time.time() // settings.MEDIA_LINK_WINDOW.total_seconds())
    rest = ".".join(str(fact) for fact in (window, *facts))
    return f'"{version}.{rest}"'


def _tags(header: str) -> list[str]:
    return [part.strip().removeprefix("W/") for part in header.split(",") if part.strip()]


def not_modified(request: HttpRequest, etag: str) -> bool:
    """Whether the client already holds exactly this representation."""
    tags = _tags(request.headers.get("If-None-Match", ""))
    return "*" in tags or etag in tags


def match_version(request: HttpRequest) -> int | None:
    """The version that `If-Match` asks for; None without the header or for `*`. Raises PreconditionFailed for a tag
    that names no version of ours. The service compares it under the row's lock."""
    header = request.headers.get("If-Match")
    tags = _tags(header) if header is not None else ["*"]
    if "*" in tags:
        return None
    versions = [tag.strip('"').split(".")[0] for tag in tags]
    if len(versions) != 1 or not versions[0].isdecimal() or len(versions[0]) > 10:
        raise PreconditionFailed
    return int(versions[0])
