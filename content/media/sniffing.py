"""What an upload is, decided by its bytes: neither its name nor the type it claims is believed (R54).

Runs in the request, so it reads magic bytes and, of a picture, the header only; a video is not opened at all.
Whether the rest can be decoded shows in the worker."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from content.errors import UnsupportedMedia, UploadTooLarge
from content.media.formats import FORMATS, TooManyPixels, open_picture
from content.media.video_types import DEMUXERS, sniff_video
from project.kernel.errors import Unprocessable

# Brands of a HEIF file whose pictures are HEVC; `mif1` alone may be anything, AVIF included.
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}
FILE_POINTER = "/file"
# As many first bytes as tell the type.
HEAD = 64
PICTURE_TYPES, VIDEO_TYPES = frozenset(FORMATS), frozenset(DEMUXERS)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may become a media. `width` and `height` are those of a picture's header, before
    orientation; a video has none yet."""

    data: bytes
    content_type: str
    width: int | None
    height: int | None
    sha256: str

    @property
    def is_video(self) -> bool:
        return self.content_type in VIDEO_TYPES


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
        if brands & HEIC_BRANDS:
            return "image/heic"
    return sniff_video(head)


def inspect_upload(file: IO[bytes], *, size: int) -> Upload:
    """Read and check a picture or video of `size` bytes that came in one request.

    Raises UploadTooLarge (413), UnsupportedMedia (415), and Unprocessable (422) for an empty file, and for a
    picture with an unreadable header or more pixels than MEDIA_IMAGE_MAX_PIXELS."""
    limit: int = settings.MEDIA_DIRECT_MAX_BYTES
    if size > limit:
        raise UploadTooLarge(limit)
    data = file.read(limit + 1)
    if len(data) > limit:
        raise UploadTooLarge(limit)
    if not data:
        raise Unprocessable.field(FILE_POINTER, "empty", _("The file is empty."))
    content_type = sniff(data[:HEAD])
    if content_type is None:
        raise UnsupportedMedia
    width, height = None, None
    if content_type in PICTURE_TYPES:
        if len(data) > settings.MEDIA_IMAGE_MAX_BYTES:
            raise UploadTooLarge(settings.MEDIA_IMAGE_MAX_BYTES)
        width, height = picture_size(data, content_type)
    return Upload(data, content_type, width, height, hashlib.sha256(data).hexdigest())


def picture_size(data: bytes, content_type: str) -> tuple[int, int]:
    """Width and height by the header of a picture. Raises Unprocessable where it cannot be read or has more
    pixels than MEDIA_IMAGE_MAX_PIXELS."""
    try:
        return open_picture(data, content_type, max_pixels=settings.MEDIA_IMAGE_MAX_PIXELS).size
    except TooManyPixels:
        raise Unprocessable.field(
            FILE_POINTER, "too-many-pixels", _("The picture has too many pixels.")
        ) from None
    except Exception as error:
        # Pillow's readers raise what they like on a hostile header: struct.error, IndexError, SyntaxError, …
        raise Unprocessable.field(FILE_POINTER, "unreadable", _("The picture cannot be read.")) from error
