"""From the file of an uploaded video to the files that are served. Runs in a worker; knows no table and no
storage.

Served is one MP4: pictures and sound as they were coded, in a new container without anything else (no
location, no other track, no chapter, no note between the pictures), with its index in front so that it plays
while it loads. Beside it the first picture goes through `pictures` as any upload does, under the same names.

The bytes are read by a process of their own (`video_child`) with limits that it cannot leave; here is only
what starts it and judges how it ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from content.media import video_types
from content.media.pictures import JPEG, Focal, Picture, process_picture
from content.media.refusals import Reason, Refused

CHILD = Path(__file__).with_name("video_child.py")
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a video may be, and what reading it may cost."""

    demuxer: str
    max_bytes: int
    max_pixels: int
    max_seconds: float
    max_streams: int = 12
    memory: int = 400 * MIB
    cpu_seconds: int = 8
    # Below the soft limit of the task; the processor time is what ends a hostile file.
    wall_seconds: int = 45


@dataclass(frozen=True, slots=True)
class Video:
    """A video that can be served: the clean file, its size as shown, its length, and its first picture."""

    path: Path
    width: int
    height: int
    duration: float
    poster: Picture


def process_video(
    source: Path, content_type: str, *, focal: Focal, max_bytes: int, max_pixels: int, max_seconds: float
) -> Video:
    """Check a video and derive its files beside `source`. Raises Refused, and nothing else, for what the
    bytes can do."""
    limits = Limits(video_types.DEMUXERS[content_type], max_bytes, max_pixels, max_seconds)
    if source.stat().st_size > max_bytes:
        raise Refused(Reason.TOO_COMPLEX)
    outcome = _run(source, limits)
    if "reason" in outcome:
        raise Refused(Reason(outcome["reason"]))
    folder = source.parent
    poster = process_picture((folder / "poster.jpg").read_bytes(), JPEG, focal=focal, max_pixels=max_pixels)
    return Video(
        folder / "video.mp4",
        int(outcome["width"]),
        int(outcome["height"]),
        float(outcome["duration"]),
        poster,
    )


def _run(source: Path, limits: Limits) -> dict[str, Any]:
    command = [sys.executable, "-I", str(CHILD), str(source), str(source.parent), json.dumps(asdict(limits))]
    try:
        # The child needs no address and no key of the service.
        run = subprocess.run(  # noqa: S603
            command,
            env={"PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limits.wall_seconds + 5,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(Reason.TOO_COMPLEX) from None
    if run.returncode == 0:
        outcome: dict[str, Any] = json.loads((source.parent / "outcome.json").read_text())
        return outcome
    if -run.returncode in (signal.SIGXCPU, signal.SIGKILL, signal.SIGALRM, signal.SIGXFSZ):
        raise Refused(Reason.TOO_COMPLEX)
    # The decoder crashed over it.
    raise Refused(Reason.UNDECODABLE)
