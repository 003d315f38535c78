"""Video files for tests: honest ones of every kind, and hostile ones. Built here, so that no binary lies in
the repository."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
from PIL import Image

from content.tests.pictures import MARKER, quarters

PLACE = "+52.5000+013.4000/"


@lru_cache(maxsize=64)
def video(
    form: str = "mp4",
    codec: str = "libx264",
    sound: str | None = "aac",
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = (320, 240),
    rate: int = 10,
    turned: int = 0,
    secret: bool = False,
    pix_fmt: str = "yuv420p",
) -> bytes:
    """A video of quarters (red and green above, blue and white below). `turned` is the rotation that its
    container asks for, counter-clockwise; `secret` puts a place and the marker wherever it can be."""
    with tempfile.NamedTemporaryFile(suffix=f".{form}") as file:
        options = {"movflags": "use_metadata_tags"} if form == "mov" else {}
        with av.open(file.name, "w", format=form, options=options) as container:
            if secret:
                container.metadata.update(
                    {"location": PLACE, "title": MARKER.decode(), "comment": MARKER.decode()}
                )
                container.metadata["com.apple.quicktime.location.ISO6709"] = PLACE
                container.metadata["creation_time"] = "2026-01-31T09:00:00Z"
            stream: Any = container.add_stream(codec, rate=rate)
            stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
            if secret:
                stream.metadata["handler_name"] = MARKER.decode()
            if turned:
                stream.set_display_rotation(turned)
            audio: Any = container.add_stream(sound, rate=48_000) if sound else None
            picture = av.VideoFrame.from_image(quarters(size))
            for at in range(round(seconds * rate)):
                frame = picture.reformat(format=pix_fmt)
                frame.pts = at
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
            if audio:
                _silence(container, audio, seconds)
        return Path(file.name).read_bytes()


def _silence(container: Any, audio: Any, seconds: float) -> None:
    samples = audio.codec_context.frame_size or 960
    form = audio.codec_context.format.name
    for at in range(int(seconds * 48_000 / samples)):
        frame = av.AudioFrame(format=form, layout="stereo", samples=samples)
        frame.sample_rate, frame.pts = 48_000, at * samples
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(audio.encode(frame))
    container.mux(audio.encode())


def atom(name: bytes, data: bytes) -> bytes:
    """An atom of an ISO media file."""
    return struct.pack(">I", 8 + len(data)) + name + data


def place_atom() -> bytes:
    """`udta` with the place in `©xyz`, as phones write it, and the marker."""
    text = PLACE.encode()
    xyz = atom(b"\xa9xyz", struct.pack(">HH", len(text), 0x15C7) + text)
    return atom(b"udta", xyz + atom(b"\xa9nam", struct.pack(">HH", len(MARKER), 0x15C7) + MARKER))


def with_place(data: bytes) -> bytes:
    """The file with `place_atom` in its `moov` (which must be its last atom) and as an atom of its own, and
    XMP in `uuid` at the end."""
    at = data.rindex(b"moov") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    assert at + size == len(data), "moov is the last atom"
    extra = place_atom()
    moov = struct.pack(">I", size + len(extra)) + data[at + 4 :] + extra
    return data[:at] + moov + place_atom() + atom(b"uuid", bytes(16) + MARKER)


def patched(data: bytes, name: bytes, change: Callable[[bytearray, int], None]) -> bytes:
    """The file after `change(file, where)` at the body of the first atom `name`."""
    file = bytearray(data)
    change(file, data.index(name) + 4)
    return bytes(file)


def huge_sides(data: bytes) -> bytes:
    """A header of 65,000 × 65,000 pixels over a small video."""

    def change(file: bytearray, at: int) -> None:
        # The sample entry: 6 reserved, 2 index, 16 reserved, then width and height.
        file[at + 24 : at + 28] = struct.pack(">HH", 65_000, 65_000)

    return patched(data, b"avc1", change) if data.index(b"avc1") > 40 else _second(data, change)


def _second(data: bytes, change: Callable[[bytearray, int], None]) -> bytes:
    # `avc1` is named in the brands as well.
    file = bytearray(data)
    change(file, data.index(b"avc1", 40) + 4)
    return bytes(file)


def long_header(data: bytes) -> bytes:
    """A movie header that promises years."""

    def change(file: bytearray, at: int) -> None:
        file[at + 16 : at + 20] = b"\xff\xff\xff\xf0"

    return patched(data, b"mvhd", change)


def slow(data: bytes) -> bytes:
    """Sample durations stretched a thousandfold: the index says long what the header does not."""

    def change(file: bytearray, at: int) -> None:
        delta = int.from_bytes(file[at + 12 : at + 16], "big")
        file[at + 12 : at + 16] = struct.pack(">I", delta * 1000)

    return patched(data, b"stts", change)


def endless_index(data: bytes) -> bytes:
    """An index that counts four billion samples, all of one size."""

    def change(file: bytearray, at: int) -> None:
        file[at + 4 : at + 12] = struct.pack(">II", 100, 0xFFFFFFF0)

    return patched(data, b"stsz", change)


def endless_durations(data: bytes) -> bytes:
    """One entry of four billion sample durations."""

    def change(file: bytearray, at: int) -> None:
        file[at + 8 : at + 12] = b"\xff\xff\xff\xf0"

    return patched(data, b"stts", change)


def repeated_bytes(data: bytes) -> bytes:
    """Every sample is the same: the whole file."""

    def change(file: bytearray, at: int) -> None:
        count = int.from_bytes(file[at + 8 : at + 12], "big")
        file[at + 12 : at + 12 + 4 * count] = struct.pack(">I", 60_000) * count

    return patched(data, b"stsz", change)


def nested(depth: int = 20_000) -> bytes:
    """Atoms in atoms in atoms."""
    body = b""
    for _ in range(depth):
        body = atom(b"trak", body)
    return FTYP + atom(b"moov", body)


def many_tracks(count: int = 40) -> bytes:
    """A file with as many sound tracks as asked."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        with av.open(file.name, "w", format="mp4") as container:
            stream: Any = container.add_stream("libx264", rate=10)
            stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
            sounds: list[Any] = [container.add_stream("aac", rate=48_000) for _ in range(count)]
            frame = av.VideoFrame.from_image(Image.new("RGB", (64, 64)))
            frame.pts = 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode())
            for sound in sounds:
                _silence(container, sound, 0.1)
        return Path(file.name).read_bytes()


def foreign_data(data: bytes) -> bytes:
    """The track's pictures are said to lie in another file of this machine (an alias in `dref`)."""
    path = b"/etc/passwd"
    entry = atom(b"url ", bytes(4) + b"file://" + path + b"\0")
    at = data.index(b"dref")
    size = int.from_bytes(data[at - 4 : at], "big")
    dref = atom(b"dref", bytes(4) + struct.pack(">I", 1) + entry)
    grown = len(dref) - size
    file = bytearray(data[: at - 4] + dref + data[at - 4 + size :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        where = file.index(name) - 4
        file[where : where + 4] = struct.pack(">I", int.from_bytes(file[where : where + 4], "big") + grown)
    return bytes(file)


FTYP = atom(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
