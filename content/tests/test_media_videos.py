"""Videos become one clean MP4 and a poster; what is in their bytes can do no more than be refused (R54)."""

from __future__ import annotations

import dataclasses
import io
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from content.media import videos as processing
from content.media.refusals import Reason, Refused
from content.media.video_types import MP4, QUICKTIME, WEBM
from content.media.videos import Limits, Video, process_video
from content.models import Media, MediaState
from content.services import media
from content.tests import pictures, videos
from content.tests.kit import publish
from project.kernel.viewer import Viewer
from social.schemas.media import MediaOut

Drain = Callable[[], int]
SECRETS = (
    pictures.MARKER,
    b"+52.5",
    b"13.4000",
    b"Lavf",
    b"x264 - core",
    b"x265 (build",
    b"\xa9xyz",
    b"ISO6709",
)


def process(data: bytes, folder: Path, content_type: str = MP4, **limits: Any) -> Video:
    source = folder / "source"
    source.write_bytes(data)
    wanted = {"max_bytes": 10**8, "max_pixels": 4096 * 2304, "max_seconds": 60.0, **limits}
    return process_video(source, content_type, focal=(0.5, 0.5), **wanted)


def refused(data: bytes, folder: Path, content_type: str = MP4, **limits: Any) -> Reason:
    with pytest.raises(Refused) as caught:
        process(data, folder, content_type, **limits)
    return caught.value.reason


@pytest.mark.parametrize(
    ("form", "codec", "sound", "content_type", "tag"),
    [
        ("mp4", "libx264", "aac", MP4, "avc1"),
        ("mp4", "libx265", "aac", MP4, "hvc1"),
        ("mp4", "libsvtav1", "libopus", MP4, "av01"),
        ("mov", "libx264", "aac", QUICKTIME, "avc1"),
        ("mov", "libx265", None, QUICKTIME, "hvc1"),
        ("webm", "libvpx-vp9", "libopus", WEBM, "vp09"),
        ("webm", "libsvtav1", None, WEBM, "av01"),
    ],
)
def test_every_accepted_kind_becomes_an_mp4_that_plays_while_it_loads(
    form: str, codec: str, sound: str | None, content_type: str, tag: str, tmp_path: Path
) -> None:
    data = videos.video(form, codec, sound, secret=True, seconds=2.0)
    made = process(data, tmp_path, content_type)
    assert (made.width, made.height) == (320, 240)
    assert made.duration == pytest.approx(2.0, abs=0.1)
    copy = made.path.read_bytes()
    assert 0 < copy.index(b"moov") < copy.index(b"mdat")
    with av.open(str(made.path), format="mov") as container:
        stream = container.streams.video[0]
        assert stream.codec_context.codec_tag == tag
        frames = list(container.decode(stream))
    assert len(frames) == 20
    corner = frames[-1].to_image().getpixel((20, 20))
    assert all(abs(a - b) < 40 for a, b in zip(corner, pictures.RED, strict=True))
    if sound:
        with av.open(str(made.path), format="mov") as container:
            assert sum(frame.samples for frame in container.decode(audio=0)) > 90_000


@pytest.mark.parametrize(
    ("form", "codec", "content_type"),
    [
        ("mp4", "libx264", MP4),
        ("mp4", "libx265", MP4),
        ("mov", "libx264", QUICKTIME),
        ("webm", "libvpx-vp9", WEBM),
    ],
)
def test_nothing_that_came_with_a_video_comes_out_again(
    form: str, codec: str, content_type: str, tmp_path: Path
) -> None:
    data = videos.video(form, codec, "libopus" if form == "webm" else "aac", secret=True)
    assert pictures.MARKER in data
    made = process(data, tmp_path, content_type)
    assert_clean(made)


def test_the_place_that_a_phone_writes_is_gone(tmp_path: Path) -> None:
    data = videos.with_place(videos.video())
    assert (b"\xa9xyz" in data, data.count(pictures.MARKER)) == (True, 3)
    with av.open(io.BytesIO(data), format="mov") as container:
        assert container.metadata["location"] == videos.PLACE
    assert_clean(process(data, tmp_path))


def assert_clean(made: Video) -> None:
    copy = made.path.read_bytes()
    for secret in SECRETS:
        assert secret not in copy
        assert all(secret not in rendition.data for rendition in made.poster.renditions)
    with av.open(str(made.path), format="mov") as container:
        assert container.metadata.keys() <= {"major_brand", "minor_version", "compatible_brands"}
        assert {s.type for s in container.streams} <= {"video", "audio"}
        for stream in container.streams:
            assert stream.metadata.keys() <= {"language", "handler_name"}
            assert stream.metadata.get("handler_name") in ("VideoHandler", "SoundHandler")
    for rendition in made.poster.renditions:
        image = Image.open(io.BytesIO(rendition.data))
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()


@pytest.mark.parametrize(
    ("turned", "size", "corner"),
    [
        (0, (320, 240), pictures.RED),
        (-90, (240, 320), pictures.BLUE),
        (90, (240, 320), pictures.GREEN),
        (180, (320, 240), pictures.WHITE),
    ],
)
def test_a_video_that_was_held_sideways_is_upright(
    turned: int, size: tuple[int, int], corner: tuple[int, int, int], tmp_path: Path
) -> None:
    made = process(videos.video("mov", turned=turned), tmp_path, QUICKTIME)
    assert (made.width, made.height) == size
    large = next(r for r in made.poster.renditions if "large" in r.names)
    assert (large.width, large.height) == size
    found = Image.open(io.BytesIO(large.data)).convert("RGB").getpixel((20, 20))
    assert isinstance(found, tuple)
    assert all(abs(a - b) < 40 for a, b in zip(found, corner, strict=True))
    # Players turn the copy by the same matrix.
    with av.open(str(made.path), format="mov") as container:
        assert next(container.decode(video=0)).rotation % 360 == turned % 360


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (lambda: videos.video(codec="mpeg4"), Reason.UNSUPPORTED_CODEC),
        (lambda: videos.video(sound="libmp3lame"), Reason.UNSUPPORTED_CODEC),
        (lambda: videos.slow(videos.video()), Reason.TOO_LONG),
        (lambda: videos.many_tracks(), Reason.TOO_COMPLEX),
        (lambda: videos.endless_index(videos.video()), Reason.UNDECODABLE),
        (lambda: videos.nested(), Reason.UNDECODABLE),
        (lambda: videos.FTYP, Reason.UNDECODABLE),
        (lambda: videos.FTYP + bytes(5000), Reason.UNDECODABLE),
        (lambda: videos.video()[:1500], Reason.UNDECODABLE),
        (lambda: videos.FTYP + b"#EXTM3U\nfile:///etc/passwd\n", Reason.UNDECODABLE),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_reason(
    data: Callable[[], bytes], reason: Reason, tmp_path: Path
) -> None:
    assert refused(data(), tmp_path) == reason


def test_length_and_pixels_have_limits(tmp_path: Path) -> None:
    data = videos.video(seconds=5.0)
    assert refused(data, tmp_path, max_seconds=3.0) == Reason.TOO_LONG
    assert process(data, tmp_path, max_seconds=5.0).duration == pytest.approx(5, abs=0.1)
    assert refused(data, tmp_path, max_pixels=320 * 240 - 1) == Reason.TOO_MANY_PIXELS
    assert refused(data, tmp_path, max_bytes=len(data) - 1) == Reason.TOO_COMPLEX


def test_a_file_of_one_container_is_not_read_as_another(tmp_path: Path) -> None:
    assert refused(videos.video("webm", "libvpx-vp9", None), tmp_path, MP4) == Reason.UNDECODABLE
    assert refused(videos.video(), tmp_path, WEBM) == Reason.UNDECODABLE


def test_a_file_that_points_at_another_file_gets_nothing_of_it(tmp_path: Path) -> None:
    made = process(videos.foreign_data(videos.video()), tmp_path)
    assert b"root:" not in made.path.read_bytes()


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", Reason.UNDECODABLE),
        ("import os; os.abort()", Reason.UNDECODABLE),
        ("raise SystemExit(3)", Reason.UNDECODABLE),
        ("while True: pass", Reason.TOO_COMPLEX),
        ("import time; time.sleep(60)", Reason.TOO_COMPLEX),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", Reason.TOO_COMPLEX),
        ("x = bytearray(1 << 30)", Reason.TOO_COMPLEX),
        ("open(sys.argv[2] + '/video.mp4', 'wb').write(bytes(10_000_000))", Reason.TOO_COMPLEX),
    ],
)
def test_whatever_happens_to_the_child_is_a_refusal_and_no_crash(
    program: str, reason: Reason, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decoder is told to misbehave in each way that a hostile file could make it."""
    child = tmp_path / "child.py"
    text = processing.CHILD.read_text().replace(
        "    try:\n        outcome = process(", f"    try:\n        {program}\n        outcome = process("
    )
    child.write_text(text)
    monkeypatch.setattr(processing, "CHILD", child)
    tight = dataclasses.replace(
        Limits("mov", 1_000_000, 10**6, 60.0), cpu_seconds=1, wall_seconds=2, memory=200 * processing.MIB
    )
    (tmp_path / "source").write_bytes(videos.video())
    try:
        found = Reason(processing._run(tmp_path / "source", tight)["reason"])
    except Refused as refused:
        found = refused.reason
    assert found == reason


def test_the_child_knows_no_secret_of_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child.py"
    child.write_text(
        "import json, os, pathlib, sys\n"
        "pathlib.Path(sys.argv[2], 'outcome.json').write_text(json.dumps({'names': sorted(os.environ)}))\n"
    )
    monkeypatch.setattr(processing, "CHILD", child)
    monkeypatch.setenv("SECRET_KEY", "x" * 50)
    outcome = processing._run(tmp_path / "source", Limits("mov", 1, 1, 1.0))
    assert set(outcome["names"]) <= {"PATH", "LC_CTYPE"}


@pytest.mark.parametrize("seed", range(3))
def test_random_damage_to_a_video_ends_in_a_video_or_a_refusal(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    for form, codec, content_type in (
        ("mp4", "libx264", MP4),
        ("mp4", "libx265", MP4),
        ("webm", "libvpx-vp9", WEBM),
    ):
        whole = videos.video(form, codec, None)
        for _ in range(4):
            data = bytearray(whole)
            for _ in range(rng.randint(1, 12)):
                data[rng.randrange(32, len(data))] = rng.randrange(256)
            with suppress(Refused):
                assert process(bytes(data), tmp_path, content_type).duration > 0


# ---- as a media


def test_a_short_video_is_uploaded_directly_shown_and_deleted(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    file = SimpleUploadedFile("IMG_0002.MOV", videos.video("mov", secret=True, turned=-90), "image/jpeg")
    response = cast.ada.api.post("/media/", form={"file": file, "alt_text": "waves"})
    assert (response.status_code, response.json()["kind"]) == (202, "video")
    media_id = response.json()["id"]
    drain_outbox()
    body = cast.ada.api.get(f"/media/{media_id}/").json()
    assert (body["state"], body["width"], body["height"], body["alt_text"]) == ("ready", 240, 320, "waves")
    assert body["duration"] == pytest.approx(1.0, abs=0.1)
    assert body["placeholder"]
    kinds = {v["name"]: v["content_type"] for v in body["variants"]}
    assert kinds == {
        "thumb": "image/webp",
        "small": "image/webp",
        "medium": "image/webp",
        "large": "image/webp",
        "large_jpeg": "image/jpeg",
        "video": "video/mp4",
    }
    assert MediaOut.model_validate(body).model_dump(mode="json") == body
    row = Media.objects.get()
    stored = {str(path.relative_to(media_root)) for path in media_root.rglob("*") if path.is_file()}
    assert stored == {v["key"] for v in row.variants}

    publish(cast.ada, media=[media_id])
    assert cast.ada.api.patch(f"/media/{media_id}/", {"focal_y": 0}).status_code == 200
    drain_outbox()
    after = Media.objects.get()
    assert {v["name"] for v in after.variants} == set(kinds)
    assert {v["key"] for v in after.variants} - {v["key"] for v in row.variants}
    post_id = cast.ada.api.get("/posts/?author=ada").json()["results"][0]["id"]
    assert cast.ada.api.delete(f"/posts/{post_id}/").status_code == 204
    drain_outbox()
    assert not [path for path in media_root.rglob("*") if path.is_file()]


def test_a_video_is_no_avatar(cast: Any, drain_outbox: Drain) -> None:
    row = media.create_media_of_bytes(owner_id=cast.ada.id, data=videos.video())
    drain_outbox()
    response = cast.ada.api.put("/profiles/ada/avatar/", {"media": row.pk})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "not_a_picture")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (lambda: videos.video()[:2000], "undecodable"),
        (lambda: videos.video(codec="mpeg4"), "unsupported-codec"),
    ],
)
def test_a_video_that_is_refused_fails_with_its_reason_and_leaves_no_file(
    data: Callable[[], bytes], reason: str, cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    row = media.create_media_of_bytes(owner_id=cast.ada.id, data=data())
    drain_outbox()
    row.refresh_from_db()
    assert (row.state, row.reason, row.variants) == (MediaState.FAILED, reason, [])
    assert not [path for path in media_root.rglob("*") if path.is_file()]
    media.delete_media(actor=Viewer(cast.ada.id), media_id=row.pk)
