"""Signed addresses of files. Each ends within five minutes, on the edge of a window, so that all who ask
within one window get the same address and caches help (R55).

With S3 the storage signs; its addresses end on the same edges but carry the moment of signing, so they are
kept for the window in each process. Both are pure computations: no query, no request."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b, sha256

from django.conf import settings
from django.core.files.storage import default_storage

# Where project.urls mounts `serving.serve_file`.
FILES_PATH = "/files/"
SIGNATURE_BYTES = 18


def window_end(moment: float) -> int:
    """When links made at `moment` (Unix seconds) end: one to two windows later, at most 300 s with the
    default."""
    seconds = int(settings.MEDIA_LINK_WINDOW.total_seconds())
    return (int(moment) // seconds + 2) * seconds


def file_url(key: str, *, moment: float | None = None) -> str:
    """The absolute signed address of the file `key`, as of `moment` (Unix seconds, default now)."""
    expires = window_end(time.time() if moment is None else moment)
    if settings.STORAGES["default"].get("OPTIONS", {}).get("querystring_auth"):
        return _storage_url(key, expires)
    signature = _signature(settings.SECRET_KEY, key, expires)
    return f"{settings.PUBLIC_URL}{FILES_PATH}{key}?e={expires}&s={signature}"


def remaining(key: str, expires: str, signature: str, *, moment: float | None = None) -> float:
    """Seconds that a link still lives; 0.0 where it is expired, forged or malformed.

    Keys in SECRET_KEY_FALLBACKS still verify, so that changing the key breaks no page that is open."""
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        return 0.0
    end = int(expires)
    given = signature.encode("utf-8", "replace")
    genuine = False
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        genuine |= hmac.compare_digest(_signature(secret, key, end).encode(), given)
    left = end - (time.time() if moment is None else moment)
    return max(0.0, left) if genuine else 0.0


@lru_cache(maxsize=8)
def _link_key(secret: str) -> bytes:
    return sha256(b"photogram.media.links\0" + secret.encode()).digest()


def _signature(secret: str, key: str, expires: int) -> str:
    # BLAKE2b with a key is a MAC by design, at a third of the cost of HMAC; a page signs hundreds.
    text = f"{expires}:{key}".encode("utf-8", "replace")
    return urlsafe_b64encode(
        blake2b(text, key=_link_key(secret), digest_size=SIGNATURE_BYTES).digest()
    ).decode()


@lru_cache(maxsize=50_000)
def _storage_url(key: str, expires: int) -> str:
    return default_storage.url(key, expire=max(1, expires - int(time.time())))  # type: ignore[call-arg]
