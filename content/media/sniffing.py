"""What an upload is, decided by its bytes: neither its name nor the type it claims is believed (R54).

Runs in the request, so it reads magic bytes and the header only. Whether the rest can be decoded shows in the
worker."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from content.errors import UnsupportedMedia, UploadTooLarge
from content.media.formats import TooManyPixels, open_picture
from project.kernel.errors import Unprocessable

# Brands of a HEIF file whose pictures are HEVC; `mif1` alone may be anything, AVIF included.
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}
FILE_POINTER = "/file"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may become a picture. `width` and `height` are the header's, before orientation."""

    data: bytes
    content_type: str
    width: int
    height: int
    sha256: str


def sniff(head: bytes) -> str | None:
    """The content type that the first bytes (64 are enough) prove; None where it is none that is accepted."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        end = min(int.from_bytes(head[:4], "big"), len(head))
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))}
        return "image/heic" if brands & HEIC_BRANDS else None
    return None


def inspect_picture(file: IO[bytes], *, size: int) -> Upload:
    """Read and check an uploaded picture of `size` bytes.

    Raises UploadTooLarge (413), UnsupportedMedia (415), and Unprocessable (422) for an empty file, an
    unreadable header or more pixels than MEDIA_IMAGE_MAX_PIXELS."""
    limit: int = settings.MEDIA_IMAGE_MAX_BYTES
    if size > limit:
        raise UploadTooLarge(limit)
    data = file.read(limit + 1)
    if len(data) > limit:
        raise UploadTooLarge(limit)
    if not data:
        raise Unprocessable.field(FILE_POINTER, "empty", _("The file is empty."))
    content_type = sniff(data[:64])
    if content_type is None:
        raise UnsupportedMedia
    try:
        width, height = open_picture(data, content_type, max_pixels=settings.MEDIA_IMAGE_MAX_PIXELS).size
    except TooManyPixels:
        raise Unprocessable.field(
            FILE_POINTER, "too-many-pixels", _("The picture has too many pixels.")
        ) from None
    except Exception as error:
        # Pillow's readers raise what they like on a hostile header: struct.error, IndexError, SyntaxError, …
        raise Unprocessable.field(FILE_POINTER, "unreadable", _("The picture cannot be read.")) from error
    return Upload(data, content_type, width, height, hashlib.sha256(data).hexdigest())
