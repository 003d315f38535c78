"""The view behind media links where the storage does not serve by itself. Who may see a file was decided when
its link was made; here only the link is checked, so no query runs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import IO

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from content.media.files import EXTENSIONS, SERVED
from content.media.links import remaining

CONTENT_TYPES = {extension: content_type for content_type, extension in EXTENSIONS.items()}
# One range, as players ask for; whoever asks for several gets the whole file, as the standard allows.
RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})\Z")
CHUNK = 1 << 16


@require_safe
def serve_file(request: HttpRequest, key: str) -> HttpResponseBase:
    """The file of a signed link, or the part of it that the `Range` header asks for; one and the same 404 for
    whatever is wrong with the link."""
    left = remaining(key, request.GET.get("e", ""), request.GET.get("s", ""))
    content_type = CONTENT_TYPES.get(posixpath.splitext(key)[1].lstrip("."))
    # Originals hold what the camera wrote; no signature makes them public.
    if not left or content_type is None or not key.startswith(f"{SERVED}/"):
        return _gone()
    try:
        file = default_storage.open(key)
        size = file.size
    except FileNotFoundError:
        return _gone()
    response = _whole_or_part(request, file, size, content_type)
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = f'inline; filename="{posixpath.basename(key)}"'
    response["Cache-Control"] = f"private, max-age={int(left)}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # The link is the permission: frontends on other origins show these pictures.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _whole_or_part(request: HttpRequest, file: IO[bytes], size: int, content_type: str) -> HttpResponseBase:
    asked = RANGE.match(request.headers.get("Range", ""))
    # A file behind a link never changes, so that If-Range needs no look.
    if asked is None or asked.groups() == ("", ""):
        return FileResponse(file, content_type=content_type)
    first, last = asked.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    response: HttpResponse | StreamingHttpResponse
    if start > end:
        file.close()
        response = HttpResponse(status=416, content_type="text/plain; charset=utf-8")
        response["Content-Range"] = f"bytes */{size}"
        return response
    part = _part(file, start, end - start + 1)
    response = StreamingHttpResponse(part, status=206, content_type=content_type)
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Content-Length"] = str(end - start + 1)
    return response


def _part(file: IO[bytes], start: int, length: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk


def _gone() -> HttpResponse:
    response = HttpResponse("Not found\n", status=404, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
