"""Picture files for tests: honest ones of every format, and hostile ones. Built here, byte by byte where
needed, so that no binary lies in the repository."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

from content.media.generate import make_picture

# In every place that metadata can be: none of it may come out again.
MARKER = b"SECRET-PLACE"
RED, GREEN, BLUE, WHITE = (250, 10, 10), (10, 250, 10), (10, 10, 250), (255, 255, 255)
Size = tuple[int, int]

pillow_heif.register_heif_opener()


def photo(seed: int = 1, size: Size = (900, 600)) -> bytes:
    """An ordinary JPEG."""
    return make_picture(random.Random(seed), size)


def quarters(size: Size = (400, 200)) -> Image.Image:
    """Red and green above, blue and white below: shows every turn and mirroring."""
    picture = Image.new("RGB", size, WHITE)
    width, height = size[0] // 2, size[1] // 2
    for colour, place in ((RED, (0, 0)), (GREEN, (width, 0)), (BLUE, (0, height))):
        picture.paste(colour, (*place, place[0] + width, place[1] + height))
    return picture


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    """The picture as a file of Pillow's format `form`."""
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def camera_exif(orientation: int = 1) -> Image.Exif:
    """EXIF as a phone writes it, with a place and the marker."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = MARKER.decode()
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0), 27: MARKER}
    return exif


def tell_tale(form: str, orientation: int = 1) -> bytes:
    """A picture of quarters that carries its place in every way that its format knows."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + MARKER + b"</x:xmpmeta>"
    options: dict[str, Any] = {"exif": camera_exif(orientation), "icc_profile": marked_profile()}
    if form in ("JPEG", "WEBP", "HEIF"):
        options["xmp"] = xmp
    if form == "JPEG":
        options |= {"comment": MARKER, "quality": 95}
    if form == "GIF":
        options = {"comment": MARKER}
    if form == "HEIF":
        # As bytes: only these does the encoder read, and turns the picture by a box of its own, as phones do.
        options |= {"quality": -1, "exif": options["exif"].tobytes()}
    return encoded(quarters(), form, **options) + MARKER


def marked_profile() -> bytes:
    """An sRGB profile with the marker in its description."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"s\0R\0G\0B\0", MARKER[:8]) + MARKER


def png(size: Size, *, colour: int, bits: int = 8, rows: bytes | None = None, extra: bytes = b"") -> bytes:
    """A PNG of any dimensions, all zero where no `rows` are given: 50 million pixels take a few kilobytes."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    packer = zlib.compressobj(9)
    if rows is None:
        row = bytes(1 + size[0] * channels * bits // 8)
        data = b"".join(packer.compress(row) for _ in range(size[1])) + packer.flush()
    else:
        data = packer.compress(rows) + packer.flush()
    header = struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def chunk(name: bytes, data: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb() -> bytes:
    """48 kB that decode to 400 million pixels."""
    return png((20_000, 20_000), colour=0, bits=1)


def webp_header(size: Size) -> bytes:
    """The first bytes of a WebP file of `size`, with nothing behind them."""
    canvas = (size[0] - 1).to_bytes(3, "little") + (size[1] - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated(form: str) -> bytes:
    """Three frames, the first one red."""
    frames = [Image.new("RGB", (120, 80), colour) for colour in (RED, GREEN, BLUE)]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=100, lossless=True)


def many_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan is repeated: each repetition costs a pass over the whole picture."""
    data = encoded(quarters(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    scan = data[last:-2]
    return data[:last] + scan * count + data[-2:]
