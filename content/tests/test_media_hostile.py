"""The whole corpus, each file in a process of its own: none crashes, none takes 512 MiB or ten seconds, and of
none does anything but the picture come out (R54)."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import av
import pytest
from PIL import Image

from content.tests import hostile, pictures

CORPUS = hostile.corpus()
MOST_MEMORY, MOST_SECONDS = 512, 10
SECRETS = (pictures.MARKER, b"+52.5", b"<script>", b"PK\x03\x04", b"alert(", b"Exif", b"ISO6709", b"root:")


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPUS)
def test_r54_a_hostile_file_ends_as_it_should_within_limits_and_leaves_no_metadata(
    name: str, tmp_path: Path
) -> None:
    make, expected = CORPUS[name]
    source, folder = tmp_path / "source", tmp_path / "made"
    source.write_bytes(make())
    folder.mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "content.tests.hostile", str(source), str(folder)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "project.settings.test"},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    outcome, seconds, mebibytes = json.loads(run.stdout)
    print(f"CORPUS {name}: {outcome}, {seconds} s, {mebibytes} MiB")
    assert outcome == expected
    assert mebibytes < MOST_MEMORY
    assert seconds < MOST_SECONDS
    made = list(folder.iterdir())
    assert bool(made) == (outcome == "ready")
    for path in made:
        assert_nothing_but_the_picture(path)


def assert_nothing_but_the_picture(path: Path) -> None:
    data = path.read_bytes()
    assert not [secret for secret in SECRETS if secret in data]
    if path.suffix == ".mp4":
        with av.open(str(path), format="mov") as container:
            assert container.metadata.keys() <= {"major_brand", "minor_version", "compatible_brands"}
            assert {stream.type for stream in container.streams} <= {"video", "audio"}
        return
    image = Image.open(io.BytesIO(data))
    assert getattr(image, "n_frames", 1) == 1
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
