"""The derived files of a picture (R54): upright, clean, small enough, whatever came in."""

from __future__ import annotations

import io
import random
import resource
import subprocess
import sys
from base64 import b64decode
from contextlib import suppress

import pytest
import thumbhash
from PIL import Image, ImageOps

from content.media.formats import FORMATS
from content.media.generate import make_avatar, make_picture
from content.media.pictures import Picture, Rendition, crop_thumb, process_picture
from content.media.refusals import Reason, Refused
from content.media.sniffing import sniff
from content.tests import pictures

PIXELS = 50_000_000
NAMES = {"thumb", "small", "medium", "large", "large_jpeg"}


def process(data: bytes, *, focal: tuple[float, float] = (0.5, 0.5), max_pixels: int = PIXELS) -> Picture:
    content_type = sniff(data[:64])
    assert content_type is not None
    return process_picture(data, content_type, focal=focal, max_pixels=max_pixels)


def by_name(picture: Picture) -> dict[str, Rendition]:
    return {name: rendition for rendition in picture.renditions for name in rendition.names}


def decoded(rendition: Rendition) -> Image.Image:
    picture = Image.open(io.BytesIO(rendition.data))
    assert picture.size == (rendition.width, rendition.height)
    assert Image.MIME[picture.format or ""] == rendition.content_type
    return picture


def near(found: object, wanted: tuple[int, int, int], tolerance: int = 40) -> bool:
    assert isinstance(found, tuple)
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


def corners(picture: Image.Image) -> list[object]:
    picture = picture.convert("RGB")
    x, y = picture.width // 4, picture.height // 4
    return [picture.getpixel(at) for at in ((x, y), (3 * x, y), (x, 3 * y), (3 * x, 3 * y))]


def test_a_large_photo_gets_every_variant_within_its_box() -> None:
    picture = process(pictures.photo(size=(3000, 2000)))
    sizes = {name: (r.width, r.height) for name, r in by_name(picture).items()}
    assert (picture.width, picture.height) == (3000, 2000)
    assert sizes == {
        "thumb": (150, 150),
        "small": (320, 213),
        "medium": (640, 427),
        "large": (1080, 720),
        "large_jpeg": (1080, 720),
    }
    types = {name: r.content_type for name, r in by_name(picture).items()}
    assert types == dict.fromkeys(NAMES, "image/webp") | {"large_jpeg": "image/jpeg"}
    for rendition in picture.renditions:
        assert decoded(rendition).mode == "RGB"


def test_nothing_is_enlarged_and_names_of_equal_size_share_a_file() -> None:
    picture = process(pictures.photo(size=(100, 80)))
    found = by_name(picture)
    assert found.keys() == NAMES
    assert (found["thumb"].width, found["thumb"].height) == (80, 80)
    assert found["small"] is found["medium"] is found["large"]
    assert (found["large"].width, found["large"].height) == (100, 80)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (5000, 1), (300, 6000), (6000, 300), (1081, 2161)])
def test_odd_shapes_fit_their_boxes(size: tuple[int, int]) -> None:
    picture = process(pictures.encoded(Image.new("RGB", size, pictures.RED), "PNG"))
    assert (picture.width, picture.height) == size
    for name, (width, height) in {"small": (320, 640), "medium": (640, 1280), "large": (1080, 2160)}.items():
        rendition = by_name(picture)[name]
        assert 1 <= rendition.width <= min(width, size[0])
        assert 1 <= rendition.height <= min(height, size[1])
        assert near(decoded(rendition).convert("RGB").getpixel((0, 0)), pictures.RED)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF", "GIF"])
def test_no_metadata_of_any_kind_is_in_any_variant(form: str) -> None:
    data = pictures.tell_tale(form)
    assert data.count(pictures.MARKER) >= 2
    picture = process(data)
    for rendition in picture.renditions:
        assert pictures.MARKER not in rendition.data
        for needle in (b"Exif", b"EXIF", b"GPS", b"XMP ", b"xmpmeta", b"ICCP", b"ICC_PROFILE", b"\xff\xfe"):
            # Two bytes can come up by chance in entropy-coded data, but never a marker in a JPEG.
            if rendition.content_type == "image/jpeg" or len(needle) > 2:
                assert needle not in rendition.data
        image = decoded(rendition)
        assert not image.getexif()
        assert not image.info.keys() & {"exif", "xmp", "icc_profile", "comment", "photoshop"}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_applied(form: str, orientation: int) -> None:
    data = pictures.tell_tale(form, orientation)
    picture = process(data)
    wanted = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert (picture.width, picture.height) == wanted.size
    found = decoded(by_name(picture)["large"])
    assert found.size == wanted.size
    assert all(near(a, b) for a, b in zip(corners(found), corners(wanted), strict=True))  # type: ignore[arg-type]


def test_a_turned_photo_is_large_enough_after_turning() -> None:
    exif = pictures.camera_exif(6)
    picture = process(pictures.encoded(pictures.quarters((4000, 2000)), "JPEG", exif=exif))
    assert (picture.width, picture.height) == (2000, 4000)
    assert (by_name(picture)["large"].width, by_name(picture)["large"].height) == (1080, 2160)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_heic_photo_is_upright(orientation: int) -> None:
    picture = process(pictures.tell_tale("HEIF", orientation))
    first = corners(decoded(by_name(picture)["large"]))[0]
    wanted = {1: pictures.RED, 3: pictures.WHITE, 6: pictures.BLUE, 8: pictures.GREEN}[orientation]
    assert near(first, wanted)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12" * 40]
)
def test_broken_exif_spoils_no_picture(exif: bytes) -> None:
    assert process(pictures.encoded(pictures.quarters(), "JPEG", exif=exif)).width == 400


@pytest.mark.parametrize("profile", [b"not a profile", bytes(128), pictures.marked_profile()[:200]])
def test_a_broken_colour_profile_spoils_no_picture(profile: bytes) -> None:
    picture = process(pictures.encoded(pictures.quarters(), "JPEG", icc_profile=profile))
    assert near(corners(decoded(by_name(picture)["large"]))[0], pictures.RED)


def test_cmyk_becomes_the_colours_that_were_meant() -> None:
    cmyk = pictures.quarters().convert("CMYK")
    data = pictures.encoded(cmyk, "JPEG", quality=95)
    assert Image.open(io.BytesIO(data)).mode == "CMYK"
    found = corners(decoded(by_name(process(data))["large"]))
    assert near(found[0], pictures.RED)
    assert near(found[2], pictures.BLUE)


@pytest.mark.parametrize(
    ("bits", "level", "wanted"), [(16, b"\x80\x00", 128), (16, b"\xff\xff", 255), (8, b"\x40", 64)]
)
def test_deep_grey_is_scaled_not_clipped(bits: int, level: bytes, wanted: int) -> None:
    rows = b"".join(b"\0" + level * 50 for _ in range(50))
    picture = process(pictures.png((50, 50), colour=0, bits=bits, rows=rows))
    assert near(decoded(by_name(picture)["large"]).convert("RGB").getpixel((25, 25)), (wanted,) * 3, 3)


@pytest.mark.parametrize(
    ("colour", "pixel"), [(2, b"\xff\xff\x00\x00\x00\x00"), (6, b"\xff\xff\x00\x00\x00\x00\xff\xff")]
)
def test_sixteen_bits_a_channel_are_read(colour: int, pixel: bytes) -> None:
    rows = b"".join(b"\0" + pixel * 40 for _ in range(40))
    picture = process(pictures.png((40, 40), colour=colour, bits=16, rows=rows))
    assert near(decoded(by_name(picture)["large"]).convert("RGB").getpixel((20, 20)), (255, 0, 0))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_what_is_transparent_is_shown_on_white(mode: str) -> None:
    picture = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    picture.paste((250, 10, 10, 255), (0, 0, 30, 60))
    data = pictures.encoded(picture.convert("P") if mode == "PA" else picture.convert(mode), "PNG")
    image = decoded(by_name(process(data))["large"]).convert("RGB")
    assert near(image.getpixel((50, 30)), pictures.WHITE, 8)
    assert not near(image.getpixel((10, 30)), pictures.WHITE)


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_simple_modes_are_read(mode: str) -> None:
    data = pictures.encoded(pictures.quarters().convert(mode), "PNG")
    assert near(corners(decoded(by_name(process(data))["large"]))[3], pictures.WHITE)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(form: str) -> None:
    image = decoded(by_name(process(pictures.animated(form)))["large"])
    assert getattr(image, "n_frames", 1) == 1
    assert near(image.convert("RGB").getpixel((60, 40)), pictures.RED)


def test_what_follows_the_picture_in_a_polyglot_does_not_come_out() -> None:
    payload = b"PK\x03\x04<script>alert(document.cookie)</script>"
    for rendition in process(pictures.photo() + payload).renditions:
        assert b"<script>" not in rendition.data
    gif = b"GIF89a/*" + pictures.encoded(pictures.quarters(), "GIF")[8:] + b"*/=1;alert(1)"
    with pytest.raises(Refused):
        # The comment opener makes the canvas 10,799 pixels wide and 42 lines of nothing high.
        process(gif, max_pixels=100_000)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
@pytest.mark.parametrize("share", [0.35, 0.7, 0.97])
def test_a_truncated_file_is_undecodable(form: str, share: float) -> None:
    noise = Image.frombytes("RGB", (300, 200), random.Random(1).randbytes(300 * 200 * 3))
    data = pictures.encoded(noise, form)
    with pytest.raises(Refused) as caught:
        process(data[: int(len(data) * share)])
    assert caught.value.reason == Reason.UNDECODABLE


def test_a_picture_above_the_limit_is_refused_again_by_the_worker() -> None:
    with pytest.raises(Refused) as caught:
        process(pictures.bomb())
    assert caught.value.reason == Reason.TOO_MANY_PIXELS
    with pytest.raises(Refused):
        process(pictures.png((70_000, 2), colour=0))


def test_a_jpeg_of_endless_scans_is_refused_before_the_first() -> None:
    with pytest.raises(Refused) as caught:
        process(pictures.many_scans(5000))
    assert caught.value.reason == Reason.TOO_COMPLEX


@pytest.mark.parametrize("seed", range(4))
def test_random_damage_ends_in_a_picture_or_a_refusal(seed: int) -> None:
    rng = random.Random(seed)
    for form in ("JPEG", "PNG", "WEBP", "GIF", "HEIF"):
        whole = pictures.tell_tale(form)
        for _ in range(25):
            data = bytearray(whole)
            for _ in range(rng.randint(1, 12)):
                data[rng.randrange(12, len(data))] = rng.randrange(256)
            # Anything but these two ends the test: every other exception would kill the worker's task.
            with suppress(Refused):
                assert process_picture(
                    bytes(data), FORMATS_BY_NAME[form], focal=(0.5, 0.5), max_pixels=4_000_000
                ).renditions


FORMATS_BY_NAME = {form.pillow_name: content_type for content_type, form in FORMATS.items()}


def test_the_thumbnail_follows_the_focal_point() -> None:
    source = pictures.quarters((800, 200))
    wanted = {0.0: pictures.RED, 1.0: pictures.GREEN}
    for x, colour in wanted.items():
        thumb = decoded(crop_thumb(source, (x, 0.5))).convert("RGB")
        assert thumb.size == (150, 150)
        assert near(thumb.getpixel((75, 30)), colour)
    assert near(decoded(crop_thumb(source, (0.5, 0.5))).convert("RGB").getpixel((20, 30)), pictures.RED)


def test_the_placeholder_is_a_small_picture_of_the_whole() -> None:
    picture = process(pictures.encoded(Image.new("RGB", (900, 600), (200, 40, 40)), "PNG"))
    raw = b64decode(picture.placeholder, validate=True)
    assert len(raw) <= 30
    red, green, blue, alpha = thumbhash.thumb_hash_to_average_rgba(list(raw))
    assert (alpha, round(red, 1)) == (1.0, 0.8)
    assert max(green, blue) < 0.3
    assert thumbhash.thumb_hash_to_approximate_aspect_ratio(list(raw)) > 1


def test_generated_pictures_are_pictures_and_the_same_for_the_same_seed() -> None:
    for seed in range(8):
        data = make_picture(random.Random(seed), (400, 500))
        assert data == make_picture(random.Random(seed), (400, 500))
        assert Image.open(io.BytesIO(data)).size == (400, 500)
    assert make_picture(random.Random(1), (400, 500)) != make_picture(random.Random(2), (400, 500))
    assert make_avatar(random.Random(3)) == make_avatar(random.Random(3))


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", ["png-rgba", "png-palette", "png-rgba16", "png-column", "webp", "heic", "cmyk"]
)
def test_the_largest_pictures_take_less_than_512_mib_and_ten_seconds(case: str) -> None:
    code = f"from content.tests.test_pictures import weigh; weigh({case!r})"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    mebibytes, seconds = run.stdout.split()
    assert int(mebibytes) < 512
    assert float(seconds) < 10


def weigh(case: str) -> None:
    """Process the largest picture of a kind and print the peak memory (MiB) and the seconds. Run in a process
    of its own, and the file is made in yet another, so that nothing else counts."""
    import os
    import tempfile
    import time

    makers = {
        "png-rgba": lambda: pictures.png((7071, 7071), colour=6),
        "png-palette": lambda: pictures.png(
            (7071, 7071),
            colour=3,
            extra=pictures.chunk(b"PLTE", bytes(768)) + pictures.chunk(b"tRNS", bytes(256)),
        ),
        "png-rgba16": lambda: pictures.png((7071, 7071), colour=6, bits=16),
        "png-column": lambda: pictures.png((763, 65_500), colour=2),
        "webp": lambda: pictures.encoded(Image.new("RGBA", (4082, 4082)), "WEBP", lossless=True),
        "heic": lambda: pictures.encoded(Image.new("RGB", (8064, 6048)), "HEIF", quality=30),
        "cmyk": lambda: pictures.encoded(Image.new("CMYK", (7071, 7071)), "JPEG"),
    }
    with tempfile.NamedTemporaryFile() as file:
        child = os.fork()
        if child == 0:
            with open(file.name, "wb") as out:
                out.write(makers[case]())
            os._exit(0)
        os.waitpid(child, 0)
        data = file.read()
    start = time.monotonic()
    assert process(data).renditions
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(peak, round(time.monotonic() - start, 2))
