"""The part of video processing that touches the bytes of a stranger: a program of its own, run by
`content.media.videos` and by nothing else.

FFmpeg is a million lines of C. What a hostile file can do to it ends with this process, which has its memory,
processor time and file sizes limited, knows no secret of the service and opens nothing but its source. So it
imports nothing of the product either.

    python video_child.py SOURCE FOLDER LIMITS

`LIMITS` is JSON (see `videos.Limits`). Writes `video.mp4`, `poster.jpg` and `outcome.json` into FOLDER; the
outcome is `{width, height, duration}` or `{reason}`."""

from __future__ import annotations

import contextlib
import errno
import json
import re
import resource
import signal
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.bitstream import BitStreamFilterContext
from PIL import Image

# codec → its tag in the file: Apple's players know HEVC by this one alone.
TAGS = {"h264": "avc1", "hevc": "hvc1", "vp9": "vp09", "av1": "av01", "aac": "mp4a", "opus": "Opus"}
VIDEO_CODECS = {"h264", "hevc", "vp9", "av1"}
# FFmpeg names some by the library that decodes them.
ALIASES = {"libdav1d": "av1", "libvpx-vp9": "vp9", "libopus": "opus"}
# What may stand between the pictures of a stream and says nothing about how to draw them: SEI messages and
# metadata units hold encoder settings, captions, and whatever a camera likes to note.
STRIPPED = {
    "h264": "h264_mp4toannexb,filter_units=remove_types=6",
    "hevc": "hevc_mp4toannexb,filter_units=remove_types=39|40",
    "av1": "filter_units=remove_types=5",
}
IS_NOTE: dict[str, Callable[[int], bool]] = {
    "h264": lambda first: first & 0x1F == 6,
    "hevc": lambda first: first >> 1 & 0x3F in (39, 40),
}
START_CODE = re.compile(rb"\x00\x00\x00?\x01")
# Packets that may come before there is a picture to show.
POSTER_PACKETS = 300
# The poster needs no more: the largest file made of it is half as high.
POSTER_SIDE = 2160
MAX_SIDE = 16_384


class Refused(Exception):
    """The file is refused; the argument is one of `content.media.refusals.Reason`."""


def main(source: str, folder: str, limits: dict[str, Any]) -> None:
    """Process the file and leave the outcome in `folder`."""
    confine(limits)
    try:
        outcome = process(source, Path(folder), limits)
    except Refused as refused:
        outcome = {"reason": str(refused)}
    except MemoryError:
        outcome = {"reason": "too-complex"}
    except Exception as error:
        # FFmpeg's errors, and what Python makes of numbers that a header invents.
        over = isinstance(error, OSError) and error.errno in (errno.ENOMEM, errno.EFBIG)
        outcome = {"reason": "too-complex" if over else "undecodable"}
    (Path(folder) / "outcome.json").write_text(json.dumps(outcome))


def confine(limits: dict[str, Any]) -> None:
    """Take from this process what an honest file does not need."""
    for what, amount in (
        (resource.RLIMIT_DATA, limits["memory"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, limits["max_bytes"] * 2),
        (resource.RLIMIT_CORE, 0),
    ):
        # A system that does not know a limit has the others.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (amount, amount))
    # Whoever started this may be gone.
    signal.alarm(limits["wall_seconds"])


def process(source: str, folder: Path, limits: dict[str, Any]) -> dict[str, Any]:
    """Check the file, write its poster and its clean copy; the outcome. Raises Refused, and what FFmpeg
    raises."""
    width, height = poster(source, folder / "poster.jpg", limits)
    duration = remux(source, folder / "video.mp4", limits)
    return {"width": width, "height": height, "duration": round(duration, 3)}


def opened(source: str, limits: dict[str, Any]) -> Any:
    """The container. Only the demuxer of the sniffed type is tried: no playlist, no network, no other file."""
    only = {"protocol_whitelist": "file"}
    return av.open(source, format=limits["demuxer"], options=only, metadata_errors="replace")


def choose(container: Any, limits: dict[str, Any]) -> tuple[Any, Any | None]:
    """The stream to show and the one to play. Raises Refused."""
    if len(container.streams) > limits["max_streams"]:
        raise Refused("too-complex")
    videos = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not videos:
        raise Refused("undecodable")
    video = videos[0]
    if codec_of(video) not in VIDEO_CODECS:
        raise Refused("unsupported-codec")
    check_size(video.codec_context.width, video.codec_context.height, limits)
    sounds = [s for s in container.streams.audio if codec_of(s) in TAGS]
    if container.streams.audio and not sounds:
        raise Refused("unsupported-codec")
    if container.duration is not None and container.duration / av.time_base > limits["max_seconds"] + 1:
        raise Refused("too-long")
    return video, sounds[0] if sounds else None


def codec_of(stream: Any) -> str:
    name = stream.codec_context.name if stream.codec_context is not None else ""
    return ALIASES.get(name, name)


def check_size(width: int, height: int, limits: dict[str, Any]) -> None:
    """Raise Refused for pictures that are none or too large."""
    if width < 1 or height < 1:
        raise Refused("undecodable")
    if width * height > limits["max_pixels"] or max(width, height) > MAX_SIDE:
        raise Refused("too-many-pixels")


def poster(source: str, path: Path, limits: dict[str, Any]) -> tuple[int, int]:
    """Write the first picture, upright, as a JPEG; the size at which the video is shown."""
    with opened(source, limits) as container:
        video, _ = choose(container, limits)
        video.thread_type = "NONE"
        video.codec_context.thread_count = 1
        frame = first_frame(container, video)
        check_size(frame.width, frame.height, limits)
        ratio = video.sample_aspect_ratio or Fraction(1)
        if not Fraction(1, 8) <= ratio <= 8:
            ratio = Fraction(1)
        width, height = max(1, round(frame.width * ratio)), frame.height
        scale = min(1.0, POSTER_SIDE / max(width, height))
        image = frame.to_image(width=max(1, round(width * scale)), height=max(1, round(height * scale)))
        turns = round(frame.rotation / 90) % 4
    if turns:
        turn = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)[turns - 1]
        image = image.transpose(turn)
    image.save(path, "JPEG", quality=95)
    return (height, width) if turns % 2 else (width, height)


def first_frame(container: Any, video: Any) -> Any:
    """The first picture that can be decoded. Raises Refused where there is none soon."""
    for count, packet in enumerate(container.demux(video)):
        for frame in packet.decode():
            return frame
        if count >= POSTER_PACKETS:
            break
    raise Refused("undecodable")


def remux(source: str, path: Path, limits: dict[str, Any]) -> float:
    """Copy the pictures and the sound, as they are coded, into a new MP4 that can be played while it loads,
    and nothing else; the duration in seconds. Raises Refused."""
    size = Path(source).stat().st_size
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    written = 0
    first: Fraction | None = None
    last = Fraction(0)
    with (
        opened(source, limits) as container,
        av.open(str(path), "w", format="mp4", options=options) as target,
    ):
        chosen = [s for s in choose(container, limits) if s is not None]
        copies = {s.index: copy_of(s, target) for s in chosen}
        for packet in container.demux(chosen):
            if packet.dts is None or packet.pts is None:
                continue
            start = packet.pts * packet.time_base
            first = start if first is None else min(first, start)
            last = max(last, start + (packet.duration or 0) * packet.time_base)
            written += packet.size
            if last - first > limits["max_seconds"] + 1:
                raise Refused("too-long")
            if written > size:
                # Its index counts the same bytes many times over.
                raise Refused("too-complex")
            stream, clean = copies[packet.stream.index]
            time_base = packet.time_base
            for part in clean.filter(packet):
                part.stream, part.time_base = stream, time_base
                target.mux(part)
    if first is None or last <= first:
        raise Refused("undecodable")
    return float(last - first)


def copy_of(stream: Any, target: Any) -> tuple[Any, BitStreamFilterContext]:
    """A stream of `target` for the packets of `stream`, and the filter that they pass."""
    codec = codec_of(stream)
    copy = target.add_stream_from_template(stream, opaque=True)
    clean = BitStreamFilterContext(STRIPPED.get(codec, "null"), stream, copy)
    copy.codec_context.codec_tag = TAGS[codec]
    if codec in IS_NOTE and copy.codec_context.extradata:
        units = [unit for unit in START_CODE.split(copy.codec_context.extradata) if unit]
        kept = [b"\0\0\0\1" + unit for unit in units if not IS_NOTE[codec](unit[0])]
        copy.codec_context.extradata = b"".join(kept)
    return copy, clean


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
