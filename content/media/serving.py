"""The view behind media links where the storage does not serve by itself. Who may see a file was decided when
its link was made; here only the link is checked, so no query runs."""

from __future__ import annotations

import posixpath

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from content.media.files import EXTENSIONS, SERVED
from content.media.links import remaining

CONTENT_TYPES = {extension: content_type for content_type, extension in EXTENSIONS.items()}


@require_safe
def serve_file(request: HttpRequest, key: str) -> HttpResponseBase:
    """The file of a signed link; one and the same 404 for whatever is wrong with it."""
    left = remaining(key, request.GET.get("e", ""), request.GET.get("s", ""))
    content_type = CONTENT_TYPES.get(posixpath.splitext(key)[1].lstrip("."))
    # Originals hold what the camera wrote; no signature makes them public.
    if not left or content_type is None or not key.startswith(f"{SERVED}/"):
        return _gone()
    try:
        file = default_storage.open(key)
    except FileNotFoundError:
        return _gone()
    response = FileResponse(file, content_type=content_type, filename=posixpath.basename(key))
    response["Cache-Control"] = f"private, max-age={int(left)}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # The link is the permission: frontends on other origins show these pictures.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _gone() -> HttpResponse:
    response = HttpResponse("Not found\n", status=404, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response
