"""Permission for a client to put one file into the storage without passing it through the API: one random key,
one size, one type, until a moment.

With S3 the storage itself checks the permission (a presigned POST). Elsewhere `receiving` takes the same form
at an address of this service, signed by it. Neither is believed: what came is checked again by
`content.services.media_uploads`. Pure computations: no query, no request."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.files.storage import default_storage

# Where project.urls mounts `receiving`.
UPLOADS_PATH = "/uploads/"
SIGNATURE_BYTES = 18
TYPE_FIELD = "Content-Type"


@dataclass(frozen=True, slots=True)
class Permit:
    """What may be put where. `expires` is in Unix seconds."""

    key: str
    size: int
    content_type: str
    expires: int


@dataclass(frozen=True, slots=True)
class Presigned:
    """The request that puts the file: a multipart form of `fields` and then the file as the part `file`."""

    url: str
    fields: Mapping[str, str]
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)


def presign(permit: Permit) -> Presigned:
    """The request by which a client uses the permit."""
    if storage_takes_uploads():
        return _storage_post(permit)
    query = {
        "e": permit.expires,
        "n": permit.size,
        "t": permit.content_type,
        "s": _signature(settings.SECRET_KEY, permit),
    }
    url = f"{settings.PUBLIC_URL}{UPLOADS_PATH}{permit.key}?{urlencode(query)}"
    return Presigned(url, {TYPE_FIELD: permit.content_type})


def storage_takes_uploads() -> bool:
    """Whether clients talk to the storage itself."""
    return bool(settings.STORAGES["default"].get("OPTIONS", {}).get("querystring_auth"))


def permit_of(key: str, query: Mapping[str, str], *, moment: float | None = None) -> Permit | None:
    """The permit that an address of `presign` carries; None where it is expired, forged or malformed."""
    expires, size = query.get("e", ""), query.get("n", "")
    if not all(part.isascii() and part.isdigit() and len(part) <= 15 for part in (expires, size)):
        return None
    permit = Permit(key, int(size), query.get("t", ""), int(expires))
    given = query.get("s", "").encode("utf-8", "replace")
    genuine = False
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        genuine |= hmac.compare_digest(_signature(secret, permit).encode(), given)
    alive = permit.expires > (time.time() if moment is None else moment)
    return permit if genuine and alive else None


def _storage_post(permit: Permit) -> Presigned:
    storage: Any = default_storage
    made = storage.bucket.meta.client.generate_presigned_post(
        Bucket=storage.bucket.name,
        Key=storage._normalize_name(permit.key),
        Fields={TYPE_FIELD: permit.content_type},
        Conditions=[
            {TYPE_FIELD: permit.content_type},
            ["content-length-range", permit.size, permit.size],
        ],
        ExpiresIn=max(1, permit.expires - int(time.time())),
    )
    return Presigned(made["url"], made["fields"])


@lru_cache(maxsize=8)
def _upload_key(secret: str) -> bytes:
    # Not the key of links: a permission to read must never be one to write.
    return sha256(b"photogram.media.uploads\0" + secret.encode()).digest()


def _signature(secret: str, permit: Permit) -> str:
    text = f"{permit.expires}:{permit.size}:{permit.content_type}:{permit.key}".encode("utf-8", "replace")
    return urlsafe_b64encode(
        blake2b(text, key=_upload_key(secret), digest_size=SIGNATURE_BYTES).digest()
    ).decode()
