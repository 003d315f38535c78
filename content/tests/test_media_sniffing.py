"""What an upload is, by its bytes (R54)."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from PIL import Image

from content.errors import UnsupportedMedia, UploadTooLarge
from content.media.formats import TooManyPixels, open_picture, webp_size
from content.media.sniffing import inspect_upload, sniff
from content.tests import pictures
from project.kernel.errors import Unprocessable


def inspect(data: bytes) -> Any:
    return inspect_upload(io.BytesIO(data), size=len(data))


@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("GIF", "image/gif"),
        ("WEBP", "image/webp"),
        ("HEIF", "image/heic"),
    ],
)
def test_a_picture_is_known_by_its_bytes_with_its_size_and_digest(form: str, content_type: str) -> None:
    data = pictures.encoded(pictures.quarters((321, 123)), form)
    upload = inspect(data)
    assert (upload.content_type, upload.width, upload.height) == (content_type, 321, 123)
    assert upload.sha256 == hashlib.sha256(data).hexdigest()
    assert upload.data == data


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7 \xff\xd8\xff",
        b"PK\x03\x04 \x89PNG\r\n\x1a\n",
        b"BM" + bytes(60),
        b"II*\x00" + bytes(60),
        b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf" + bytes(40),
        b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00mp42isom" + bytes(40),
        b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x00crx isom" + bytes(40),
        b"\x1aE\xdf\xa3\x93\x42\x82\x88matroska" + bytes(40),
        b"#EXTM3U\nfile:///etc/passwd",
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"GIF90a" + bytes(60),
        b"\xff\xd8",
        b" " * 100,
    ],
)
def test_what_is_no_accepted_picture_or_video_is_refused_whatever_it_is_called(data: bytes) -> None:
    assert sniff(data) is None
    with pytest.raises(UnsupportedMedia):
        inspect(data)


def test_a_heic_brand_counts_where_the_major_one_is_neutral() -> None:
    assert sniff(b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic") == "image/heic"
    # Beyond the declared end of the box nothing counts.
    assert sniff(b"\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1heic") is None
    assert sniff(b"\xff\xff\xff\xffftypmif1\x00\x00\x00\x00mif1") is None


@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "video/mp4"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", "video/quicktime"),
        (b"\x1aE\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm"),
    ],
)
def test_a_video_is_known_by_its_first_bytes(head: bytes, content_type: str) -> None:
    upload = inspect(head + bytes(100))
    assert (upload.content_type, upload.is_video, upload.width) == (content_type, True, None)


def test_an_empty_file_is_a_field_problem() -> None:
    with pytest.raises(Unprocessable) as caught:
        inspect(b"")
    assert [(e.pointer, e.code) for e in caught.value.errors] == [("/file", "empty")]


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0" + bytes(100),
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 64,
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"RIFF\x00\x00\x00\x00WEBPXXXX" + bytes(60),
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(40),
    ],
)
def test_a_header_that_cannot_be_read_is_a_field_problem(data: bytes) -> None:
    with pytest.raises(Unprocessable) as caught:
        inspect(data)
    assert [(e.pointer, e.code) for e in caught.value.errors] == [("/file", "unreadable")]


def test_more_bytes_than_the_limit_are_413_even_where_the_stated_size_lies(settings: Any) -> None:
    settings.MEDIA_DIRECT_MAX_BYTES = 1000
    data = pictures.photo()
    with pytest.raises(UploadTooLarge):
        inspect(data)
    with pytest.raises(UploadTooLarge):
        inspect_upload(io.BytesIO(data), size=10)


def test_a_bomb_is_refused_by_its_header_alone() -> None:
    data = pictures.bomb()
    assert len(data) < 60_000
    with pytest.raises(Unprocessable) as caught:
        inspect(data)
    assert caught.value.errors[0].code == "too-many-pixels"


def test_the_pixel_limit_is_exact_although_pillow_only_warns_at_it(settings: Any) -> None:
    settings.MEDIA_IMAGE_MAX_PIXELS = 100 * 100
    inspect(pictures.encoded(Image.new("RGB", (100, 100)), "PNG"))
    with pytest.raises(Unprocessable):
        inspect(pictures.encoded(Image.new("RGB", (101, 100)), "PNG"))


def test_a_webp_is_measured_before_its_decoder_takes_memory() -> None:
    header = pictures.webp_header((16_000, 16_000))
    assert webp_size(header) == (16_000, 16_000)
    with pytest.raises(TooManyPixels):
        # The rest of the file is not there: only the header can have been looked at.
        open_picture(header, "image/webp", max_pixels=50_000_000)


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": pictures.camera_exif()}])
def test_every_layout_of_webp_tells_its_size(options: dict[str, Any]) -> None:
    assert webp_size(pictures.encoded(Image.new("RGB", (301, 77)), "WEBP", **options)) == (301, 77)


def test_only_the_sniffed_format_is_tried() -> None:
    with pytest.raises(Exception, match="cannot identify"):
        open_picture(pictures.encoded(pictures.quarters(), "PNG"), "image/jpeg", max_pixels=10**6)
