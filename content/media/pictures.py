"""From the bytes of an upload to the files that are served. Runs in a worker; knows no table and no storage.

The derived files of a picture, none of them larger than the original:

| name         | size                                           | type |
|--------------|------------------------------------------------|------|
| `thumb`      | 150 × 150, cropped around the focal point      | WebP |
| `small`      | at most 320 wide and 640 high                  | WebP |
| `medium`     | at most 640 wide and 1280 high                 | WebP |
| `large`      | at most 1080 wide and 2160 high                | WebP |
| `large_jpeg` | as `large`, for what cannot show WebP          | JPEG |

Every name is always there; of a picture too small to differ, several names share one file. All are sRGB
without alpha (shown on white), upright, and painted onto a fresh canvas: nothing that came with the upload
(EXIF, GPS, XMP, ICC, comments, thumbnails, trailing bytes) can follow. Of animations the first frame is
taken."""

from __future__ import annotations

import io
from base64 import b64encode
from dataclasses import dataclass

import thumbhash
from PIL import Image, ImageCms

from content.media.formats import TooManyPixels, open_picture
from content.media.refusals import Reason, Refused

THUMB_SIDE = 150
# name → (width, height) of the box that the picture is fitted into
BOXES = {"small": (320, 640), "medium": (640, 1280), "large": (1080, 2160)}
WEBP, JPEG = "image/webp", "image/jpeg"
PLACEHOLDER_SIDE = 48
STRIP_PIXELS = 1 << 21
# An honest progressive JPEG has about ten scans; each costs a pass over the whole picture.
MAX_JPEG_SCANS = 64
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Focal = tuple[float, float]
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rendition:
    """One derived file and the names it goes by."""

    names: tuple[str, ...]
    width: int
    height: int
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: its upright size in full, a thumbhash in base64, and its files."""

    width: int
    height: int
    placeholder: str
    renditions: tuple[Rendition, ...]


def process_picture(data: bytes, content_type: str, *, focal: Focal, max_pixels: int) -> Picture:
    """Decode an upload and derive its files. Raises Refused, and nothing else, for what the bytes can
    do."""
    if content_type == JPEG and data.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise Refused(Reason.TOO_COMPLEX)
    try:
        size, working = _decode(data, content_type, max_pixels)
        large = _resized(working, _fit(size, BOXES["large"]))
        renditions = (crop_thumb(working, focal), *_fitted(large))
        return Picture(*size, _placeholder(large), renditions)
    except TooManyPixels as error:
        raise Refused(Reason.TOO_MANY_PIXELS) from error
    except MemoryError as error:
        raise Refused(Reason.TOO_COMPLEX) from error
    except Exception as error:
        # Decoders raise what they like on hostile bytes: OSError, struct.error, IndexError, zlib.error, …
        raise Refused(Reason.UNDECODABLE) from error


def crop_thumb(picture: Image.Image, focal: Focal) -> Rendition:
    """The thumbnail of an RGB picture: the largest square whose middle is as near to `focal` as the edges
    allow."""
    width, height = picture.size
    side = min(width, height)
    left = min(max(focal[0] * width - side / 2, 0), width - side)
    top = min(max(focal[1] * height - side / 2, 0), height - side)
    target = min(side, THUMB_SIDE)
    square = picture.resize(
        (target, target), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side), reducing_gap=3.0
    )
    return Rendition(("thumb",), target, target, WEBP, _encode(square, WEBP))


def decode_rendition(data: bytes) -> Image.Image:
    """One of our own derived files as an RGB picture."""
    return Image.open(io.BytesIO(data), formats=["WEBP", "JPEG"]).convert("RGB")


def _fitted(large: Image.Image) -> list[Rendition]:
    sizes: dict[Size, list[str]] = {}
    for name, box in BOXES.items():
        sizes.setdefault(_fit(large.size, box), []).append(name)
    found = []
    for size, names in sizes.items():
        found.append(Rendition(tuple(names), *size, WEBP, _encode(_resized(large, size), WEBP)))
    return [*found, Rendition(("large_jpeg",), *large.size, JPEG, _encode(large, JPEG))]


def _resized(picture: Image.Image, size: Size) -> Image.Image:
    if size == picture.size:
        return picture
    # The gap averages first where much is lost: the filter alone would take gigabytes on a very long picture.
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encode(picture: Image.Image, content_type: str) -> bytes:
    buffer = io.BytesIO()
    if content_type == WEBP:
        picture.save(buffer, "WEBP", quality=80, method=4)
    else:
        picture.save(buffer, "JPEG", quality=85, optimize=True, progressive=True)
    return buffer.getvalue()


def _placeholder(picture: Image.Image) -> str:
    small = picture.copy()
    small.thumbnail((PLACEHOLDER_SIDE, PLACEHOLDER_SIDE), reducing_gap=2.0)
    raw = small.convert("RGBA").tobytes()
    return b64encode(bytes(thumbhash.rgba_to_thumb_hash(small.width, small.height, list(raw)))).decode()


def _fit(size: Size, box: Size) -> Size:
    scale = min(box[0] / size[0], box[1] / size[1], 1.0)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _decode(data: bytes, content_type: str, max_pixels: int) -> tuple[Size, Image.Image]:
    """The upright size in full, and an upright RGB working copy, twice as large as the files need at most."""
    with open_picture(data, content_type, max_pixels=max_pixels) as source:
        # JPEG can be decoded at an eighth to a half of its size; no other format does anything here.
        full = source.size
        factor = _shrink_factor(full)
        source.draft(None, (full[0] // factor, full[1] // factor))
        source.load()
        if source.size[0] * source.size[1] > max_pixels:
            # A HEIC header may promise less than its stream holds.
            raise TooManyPixels
        profile = source.info.get("icc_profile")
        orientation = _orientation(source)
        working = _shrunk(source, max(1, factor * source.size[0] // full[0]))
    working = _in_srgb(working, profile)
    if orientation in UPRIGHT:
        working = working.transpose(UPRIGHT[orientation])
    if orientation in (5, 6, 7, 8):
        full = full[1], full[0]
    return full, working


def _shrink_factor(size: Size) -> int:
    """By how much the picture may shrink and still be twice as large as every derived file in either
    orientation."""
    width, height = size
    box = BOXES["large"]
    upright = min(box[0] / width, box[1] / height)
    sideways = min(box[0] / height, box[1] / width)
    needed = max(upright, sideways, THUMB_SIDE / min(size))
    return max(1, int(1 / (2 * needed)))


def _shrunk(source: Image.Image, factor: int) -> Image.Image:
    """A fresh copy, smaller by `factor`, in L, RGB or CMYK. Made in strips, so that a picture of 50 million
    pixels with alpha or a palette is never in memory twice."""
    width, height = source.size
    size = -(-width // factor), -(-height // factor)
    canvas: Image.Image | None = None
    rows = max(factor, STRIP_PIXELS // width // factor * factor)
    for top in range(0, height, rows):
        strip = _flat(source.crop((0, top, width, min(top + rows, height))))
        strip = strip.reduce(factor) if factor > 1 else strip
        if canvas is None:
            canvas = Image.new(strip.mode, size)
        canvas.paste(strip, (0, top // factor))
    assert canvas is not None, "a picture has at least one row"
    return canvas


def _flat(strip: Image.Image) -> Image.Image:
    """The strip in L, RGB or CMYK; what is transparent becomes white."""
    if strip.mode in ("L", "RGB", "CMYK"):
        # In these modes one colour may be declared transparent; it is shown as it is.
        return strip
    if strip.mode == "1":
        return strip.convert("L")
    if strip.mode.startswith("I"):
        # 16 bits a pixel, whatever the byte order; Pillow's own conversion would clip instead of scaling.
        return strip.convert("I").point([value >> 8 for value in range(65536)], "L")
    if strip.mode in ("P", "PA", "LA", "La", "RGBA", "RGBa", "RGBX"):
        picture = strip.convert("RGBA")
        white = Image.new("RGB", strip.size, "white")
        white.paste(picture, mask=picture.getchannel("A"))
        return white
    return strip.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except Exception:
            # A profile that is broken or of another colour space: the picture is shown as if it had none.
            converted = None
        if converted is not None:
            # The transform hands the profile on.
            converted.info.clear()
            return converted
    return picture.convert("RGB")


def _orientation(source: Image.Image) -> int:
    try:
        return int(source.getexif().get(ORIENTATION, 1))
    except Exception:
        # Broken EXIF is no reason to refuse a picture that decodes.
        return 1
