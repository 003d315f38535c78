"""A corpus of files that mean harm or are merely odd, each with what must come of it, and the program that
takes one as the service does and weighs itself. Built here, so that no binary lies in the repository."""

from __future__ import annotations

import io
import json
import random
import resource
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

Maker = Callable[[], bytes]


def corpus() -> dict[str, tuple[Maker, str]]:
    """name → (how to make it, what becomes of it): `ready`, a reason for which the worker refuses it, or the
    status and code with which the request is answered."""
    from PIL import Image

    from content.tests import pictures as p
    from content.tests import videos as v

    noise = Image.frombytes("RGB", (1500, 1000), random.Random(1).randbytes(1500 * 1000 * 3))
    gif = p.encoded(p.quarters(), "GIF")
    script = b"<script>alert(document.cookie)</script>"
    unsupported, unreadable, pixels = "415 unsupported-media", "422 unreadable", "422 too-many-pixels"
    return {
        # ---- not what it is called
        "html-named-jpg": (lambda: b"<!doctype html>" + script, unsupported),
        "svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", unsupported),
        "svg-with-xml-head": (lambda: b"<?xml version='1.0'?><svg/>", unsupported),
        "pdf": (lambda: b"%PDF-1.7\n" + bytes(100), unsupported),
        "zip": (lambda: b"PK\x03\x04" + bytes(100), unsupported),
        "elf": (lambda: b"\x7fELF" + bytes(100), unsupported),
        "tiff": (lambda: p.encoded(p.quarters(), "TIFF"), unsupported),
        "bmp": (lambda: p.encoded(p.quarters(), "BMP"), unsupported),
        "avif": (lambda: p.encoded(p.quarters(), "AVIF"), unsupported),
        "playlist": (lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", unsupported),
        "matroska": (lambda: v.video("matroska", "libx264", None), unsupported),
        "zero-bytes": (lambda: b"", "422 empty"),
        "one-byte": (lambda: b"\xff", unsupported),
        "nul-bytes": (lambda: bytes(100_000), unsupported),
        # ---- bombs
        "png-bomb": (p.bomb, pixels),
        "png-long-side": (lambda: p.png((1_000_000, 1), colour=0), pixels),
        "png-50-million-pixels": (lambda: p.png((7071, 7071), colour=6), "ready"),
        "png-50-million-deep-pixels": (lambda: p.png((7071, 7071), colour=6, bits=16), "ready"),
        "png-gigabyte-of-rows": (lambda: _png_with(b"IDAT", _packed(1 << 30)), "ready"),
        "png-gigabyte-of-text": (lambda: _png_with(b"zTXt", b"Comment\0\0" + _packed(1 << 30)), unreadable),
        "png-gigabyte-of-profile": (lambda: _png_with(b"iCCP", b"icc\0\0" + _packed(1 << 30)), unreadable),
        "gif-bomb": (lambda: gif[:6] + b"\xff\xff\xff\xff" + gif[10:], pixels),
        "webp-bomb": (lambda: p.webp_header((16_383, 16_383)) + bytes(100), pixels),
        "jpeg-bomb": (lambda: _sized_jpeg(65_500), pixels),
        "jpeg-endless-scans": (lambda: p.many_scans(5000), "too-complex"),
        "heic-largest": (lambda: p.encoded(Image.new("RGB", (8064, 6048)), "HEIF", quality=30), "ready"),
        # ---- truncated and damaged
        "jpeg-truncated": (lambda: p.encoded(noise, "JPEG")[:60_000], "undecodable"),
        "png-truncated": (lambda: p.encoded(noise, "PNG")[:60_000], "undecodable"),
        "webp-truncated": (lambda: p.encoded(noise, "WEBP")[:60_000], unreadable),
        "gif-truncated": (lambda: p.encoded(noise, "GIF")[:60_000], "undecodable"),
        "heic-truncated": (lambda: p.encoded(noise, "HEIF")[:60_000], "undecodable"),
        "jpeg-magic-alone": (lambda: b"\xff\xd8\xff\xe0" + bytes(50), unreadable),
        # ---- polyglots
        "jpeg-and-zip": (lambda: p.photo() + b"PK\x03\x04" + script, "ready"),
        "png-and-html": (lambda: p.encoded(p.quarters(), "PNG") + script, "ready"),
        "gif-and-javascript": (
            lambda: b"GIF89a/*" + gif[8:] + b"*/=1;alert(1)",
            # The opening of the comment makes the canvas 10,799 pixels wide; that is a picture.
            "ready",
        ),
        "html-in-a-jpeg-comment": (lambda: p.encoded(p.quarters(), "JPEG", comment=script), "ready"),
        # ---- honest, with a place or out of the ordinary
        "gps-jpeg": (lambda: p.tell_tale("JPEG", 6), "ready"),
        "gps-png": (lambda: p.tell_tale("PNG"), "ready"),
        "gps-webp": (lambda: p.tell_tale("WEBP"), "ready"),
        "gps-heic": (lambda: p.tell_tale("HEIF", 6), "ready"),
        "comment-gif": (lambda: p.tell_tale("GIF"), "ready"),
        "cmyk": (lambda: p.encoded(Image.new("CMYK", (7071, 7071)), "JPEG"), "ready"),
        "sixteen-bit-grey": (lambda: p.png((4000, 3000), colour=0, bits=16), "ready"),
        "animated-gif": (lambda: p.animated("GIF"), "ready"),
        "animated-webp": (lambda: p.animated("WEBP"), "ready"),
        "animated-png": (lambda: p.animated("PNG"), "ready"),
        "gif-of-5000-frames": (_long_gif, "ready"),
        # ---- videos
        "video-with-location": (lambda: v.with_place(v.video(secret=True)), "ready"),
        "mov-with-location": (lambda: v.video("mov", secret=True, turned=-90), "ready"),
        "webm-with-tags": (lambda: v.video("webm", "libvpx-vp9", "libopus", secret=True), "ready"),
        "video-4k-h264": (lambda: v.video(size=(3840, 2160), sound=None, rate=5), "ready"),
        "video-4k-hevc-10-bit": (
            lambda: v.video(codec="libx265", size=(3840, 2160), sound=None, rate=5, pix_fmt="yuv420p10le"),
            "ready",
        ),
        "video-8k": (lambda: v.video(size=(7680, 4320), sound=None, rate=2), "too-many-pixels"),
        "video-59-seconds": (lambda: v.video(seconds=59.0), "ready"),
        "video-70-seconds": (lambda: v.video(seconds=70.0, sound=None), "too-long"),
        "video-slow": (lambda: v.slow(v.video()), "too-long"),
        "video-header-of-years": (lambda: v.long_header(v.video()), "ready"),
        "video-endless-index": (lambda: v.endless_index(v.video()), "undecodable"),
        "video-endless-durations": (lambda: v.endless_durations(v.video()), "ready"),
        "video-repeated-bytes": (lambda: v.repeated_bytes(v.video()), "undecodable"),
        "video-header-of-65000-pixels": (lambda: v.huge_sides(v.video()), "ready"),
        "video-nested-atoms": (lambda: v.nested(), "undecodable"),
        "video-40-tracks": (lambda: v.many_tracks(), "too-complex"),
        "video-of-another-file": (lambda: v.foreign_data(v.video()), "ready"),
        "video-truncated": (lambda: v.video(seconds=5.0)[:-600], "undecodable"),
        "video-header-alone": (lambda: v.FTYP, "undecodable"),
        "video-header-and-html": (lambda: v.FTYP + script * 1000, "undecodable"),
        "video-noise": (lambda: v.FTYP + random.Random(2).randbytes(1_000_000), "undecodable"),
        "video-mpeg4": (lambda: v.video(codec="mpeg4"), "unsupported-codec"),
        "video-mp3": (lambda: v.video(sound="libmp3lame"), "unsupported-codec"),
    }


def _packed(size: int) -> bytes:
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


def _png_with(name: bytes, data: bytes) -> bytes:
    """A PNG of 40 × 40 pixels with a chunk that unpacks to far more than it needs."""
    from content.tests import pictures as p

    if name == b"IDAT":
        whole = p.png((40, 40), colour=2)
        at = whole.index(b"IDAT") - 4
        return whole[:at] + p.chunk(name, data) + p.chunk(b"IEND", b"")
    return p.png((40, 40), colour=2, extra=p.chunk(name, data))


def _sized_jpeg(side: int) -> bytes:
    from content.tests import pictures as p

    data = bytearray(p.encoded(p.quarters(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = side.to_bytes(2, "big") * 2
    return bytes(data)


def _long_gif() -> bytes:
    from PIL import Image

    from content.tests import pictures as p

    frames = [Image.new("P", (64, 64), at % 250) for at in range(5000)]
    return p.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=20)


def take(path: Path, folder: Path) -> str:
    """What becomes of the file when it is uploaded and then processed; the files that are served are in
    `folder`."""
    from django.conf import settings

    from content.media.pictures import process_picture
    from content.media.refusals import Refused
    from content.media.sniffing import inspect_upload
    from content.media.videos import process_video
    from project.kernel.errors import AppError

    data = path.read_bytes()
    middle = (0.5, 0.5)
    try:
        upload = inspect_upload(io.BytesIO(data), size=len(data))
        if upload.is_video:
            made: Any = process_video(
                path,
                upload.content_type,
                focal=middle,
                max_bytes=settings.MEDIA_VIDEO_MAX_BYTES,
                max_pixels=settings.MEDIA_VIDEO_MAX_PIXELS,
                max_seconds=settings.MEDIA_VIDEO_MAX_SECONDS,
            )
            made.path.rename(folder / "video.mp4")
            renditions = made.poster.renditions
        else:
            limit = settings.MEDIA_IMAGE_MAX_PIXELS
            renditions = process_picture(data, upload.content_type, focal=middle, max_pixels=limit).renditions
    except AppError as error:
        return f"{error.status} {error.errors[0].code if error.errors else error.code}"
    except Refused as refused:
        return refused.reason.value
    for rendition in renditions:
        (folder / rendition.names[-1]).write_bytes(rendition.data)
    return "ready"


def main() -> None:
    """`hostile.py FILE FOLDER`: prints the outcome, and of this process and its children together the seconds of
    processor time and the peak memory in MiB."""
    from django.conf import settings

    # No app is loaded: what the service is made of besides would be weighed as well.
    settings.USE_I18N = False
    outcome = take(Path(sys.argv[1]), Path(sys.argv[2]))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(usage.ru_utime + usage.ru_stime for usage in used)
    print(json.dumps([outcome, round(seconds, 2), (own_peak() + used[1].ru_maxrss) // 1024]))


def own_peak() -> int:
    """The peak memory of this program in KiB. What `getrusage` tells counts that of whoever started it as well."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(status.read_text().split("VmHWM:")[1].split()[0])


if __name__ == "__main__":
    main()
