"""What the tests of presigned uploads share: announcing, putting and completing one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from content.tests import pictures

Drain = Callable[[], int]
PHOTO = pictures.photo()


def announce(member: Any, data: bytes = PHOTO, content_type: str = "image/jpeg", **changes: Any) -> Any:
    body = {
        "kind": content_type.split("/")[0],
        "content_type": content_type,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    headers = changes.pop("headers", {})
    return member.api.post("/media/uploads/", {**body, **changes}, headers=headers)


def put(ticket: dict[str, Any], data: bytes = PHOTO, **changes: Any) -> Any:
    """The request that the answer of `media_upload_create` describes, without any token."""
    parts = urlsplit(changes.pop("url", ticket["url"]))
    file = SimpleUploadedFile("IMG_0001.JPG", data, changes.pop("type", "application/octet-stream"))
    form = {**ticket["fields"], "file": file, **changes}
    return Client(raise_request_exception=False).post(f"{parts.path}?{parts.query}", form)


def complete(member: Any, ticket: dict[str, Any]) -> Any:
    return member.api.post(f"/media/uploads/{ticket['id']}/complete/")


def mismatches(response: Any) -> list[str]:
    assert (response.status_code, response.json()["code"]) == (422, "upload-mismatch"), response.content
    return [error["pointer"] for error in response.json()["errors"]]


def on_disk(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def with_query(url: str, **changes: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{urlencode({**dict(parse_qsl(parts.query)), **changes})}"
