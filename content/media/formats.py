"""The picture formats that are accepted, and how Pillow opens them. Everything that decodes passes here."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import pillow_heif
from PIL import Image

# 16 million pixels and up, the decoder of WebP holds the picture four times over; it has no way to decode in
# parts.
WEBP_PIXEL_COST = 3
# JPEG can have no longer side. Of a picture of a million rows, the row pointers alone take more than its
# pixels.
MAX_SIDE = 65_535


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """A format by its content type: Pillow's name of it and how many pixels one of its pixels counts for."""

    content_type: str
    pillow_name: str
    pixel_cost: int = 1


FORMATS = {
    f.content_type: f
    for f in (
        PictureFormat("image/jpeg", "JPEG"),
        PictureFormat("image/png", "PNG"),
        PictureFormat("image/gif", "GIF"),
        PictureFormat("image/webp", "WEBP", WEBP_PIXEL_COST),
        PictureFormat("image/heic", "HEIF"),
    )
}

# Thumbnails, depth maps and gain maps inside the file are not shown, so they are not even read.
pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)
# Beyond its limit Pillow only warns, up to twice the limit. Callers check the size as well: filters can be
# reset.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class TooManyPixels(ValueError):
    """The picture is larger than the limit, or a side longer than MAX_SIDE."""


def open_picture(data: bytes, content_type: str, *, max_pixels: int) -> Image.Image:
    """The picture with its header read and nothing decoded.

    Only the decoder of `content_type` is tried. Raises TooManyPixels, or anything that Pillow raises on a
    header that it cannot read."""
    form = FORMATS[content_type]
    limit = max_pixels // form.pixel_cost
    if content_type == "image/webp":
        # Opening already takes memory for the whole canvas, so its size is read here first.
        _check(webp_size(data), limit)
    try:
        picture = Image.open(io.BytesIO(data), formats=[form.pillow_name])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise TooManyPixels from None
    _check(picture.size, limit)
    return picture


def _check(size: tuple[int, int], limit: int) -> None:
    if size[0] * size[1] > limit or max(size) > MAX_SIDE:
        raise TooManyPixels(f"{size[0]} × {size[1]}")


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk of a WebP file. Raises ValueError where it has none.

    Layouts: https://developers.google.com/speed/webp/docs/riff_container and RFC 6386 9.1 for VP8."""
    kind, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise ValueError("the file ends within its header")
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    raise ValueError("the first chunk is not a picture")
