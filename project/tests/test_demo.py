"""`manage.py demo` from outside, as a new user has it: one command, then HTTP; and the README's lines as they stand."""

from __future__ import annotations

import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from content.media.generate import make_picture
from project.embedded.ports import pick

ROOT = Path(__file__).resolve().parents[2]
STORES = {"DATABASE_URL", "REDIS_URL", "NEO4J_URL", "MEILISEARCH_URL", "REDIS_PREFIX", "DATA_DIR", "APP_ENV"}
START_SECONDS = 240

pytestmark = pytest.mark.slow


@dataclass
class Running:
    """A demo that answers."""

    process: subprocess.Popen[str]
    url: str
    data_dir: Path
    lines: list[str]
    seconds: float

    def family(self) -> list[psutil.Process]:
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        raw: tuple[bytes, str] | None = None,
    ):
        data, kind = (
            raw if raw else (json.dumps(body).encode() if body is not None else None, "application/json")
        )
        headers = {"Content-Type": kind} if data is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            content = answer.read()
            return json.loads(content) if content and "json" in answer.headers["Content-Type"] else content


def start(data_dir: Path, port: int, *options: str) -> Running:
    environment = {k: v for k, v in os.environ.items() if k not in STORES and k != "DJANGO_SETTINGS_MODULE"}
    started = time.monotonic()
    process = subprocess.Popen(
        [
            *(sys.executable, "manage.py", "demo", "--plain", "--port", str(port)),
            *("--data-dir", str(data_dir), "--accounts", "6", *options),
        ],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith("READY "):
            url = line.split()[1]
            return Running(process, url, data_dir, lines, time.monotonic() - started)
        assert time.monotonic() - started < START_SECONDS, lines
    raise AssertionError("\n".join(["the demo ended before it was ready", *lines]))


def stop(running: Running, number: signal.Signals) -> list[psutil.Process]:
    """Send the signal; the processes that are left half a minute later."""
    family = running.family()
    running.process.send_signal(number)
    running.process.wait(timeout=60)
    _, alive = psutil.wait_procs(family, timeout=5)
    return alive


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo with space")


@pytest.fixture(scope="module")
def demo(data_dir: Path) -> Iterator[Running]:
    running = start(data_dir, pick())
    yield running
    if running.process.poll() is None:
        stop(running, signal.SIGTERM)


def picture(seed: int) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    disposition = 'Content-Disposition: form-data; name="file"; filename="a.jpg"'
    head = f"--{boundary}\r\n{disposition}\r\nContent-Type: image/jpeg\r\n\r\n"
    data = make_picture(random.Random(seed), (640, 480))
    return (
        head.encode() + data + f"\r\n--{boundary}--\r\n".encode(),
        f"multipart/form-data; boundary={boundary}",
    )


def test_the_main_job_end_to_end(demo: Running) -> None:
    """Register, post a picture, follow, see it in the feed, search, get suggestions: through worker and relay."""
    assert "READY " + demo.url in demo.lines
    api = "/api/v1"
    tokens = {}
    for name in ("journey.ann", "journey.ben"):
        body = {"username": name, "email": f"{name}@example.org", "password": "correct horse battery"}
        tokens[name] = demo.call("POST", f"{api}/auth/register/?login=true", body)
    ann, ben = tokens["journey.ann"], tokens["journey.ben"]
    media = demo.call("POST", f"{api}/media/", token=ann["access"], raw=picture(1))
    for _ in range(100):
        media = demo.call("GET", f"{api}/media/{media['id']}/", token=ann["access"])
        if media["state"] == "ready":
            break
        time.sleep(0.2)
    assert media["state"] == "ready"
    with urllib.request.urlopen(media["variants"][0]["url"], timeout=10) as file:
        assert Image.open(io.BytesIO(file.read())).format == "WEBP"
    caption = "A quokka at dusk #quokkaspotting"
    post = demo.call(
        "POST", f"{api}/posts/", {"caption": caption, "media": [media["id"]]}, token=ann["access"]
    )
    assert demo.call("POST", f"{api}/follow/journey.ann/", token=ben["access"])["state"] == "following"
    feed = demo.call("GET", f"{api}/feed/", token=ben["access"])["results"]
    assert [item["id"] for item in feed] == [post["id"]]
    for _ in range(50):
        found = demo.call("GET", f"{api}/search/?q=quokka", token=ben["access"])
        if found["posts"] and found["hashtags"]:
            break
        time.sleep(0.2)
    assert [item["id"] for item in found["posts"]] == [post["id"]]
    assert demo.call("GET", f"{api}/explore/users/", token=ben["access"])["results"]
    demo.call("POST", f"{api}/block/journey.ben/", {}, token=ann["access"])
    assert demo.call("GET", f"{api}/feed/", token=ben["access"])["results"] == []
    with pytest.raises(urllib.error.HTTPError, match="404"):
        demo.call("GET", f"{api}/posts/{post['id']}/", token=ben["access"])


def test_the_readmes_curl_lines_work_as_they_stand(demo: Running) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = [b for b in re.findall(r"```sh\n(.*?)```", text, flags=re.S) if "curl" in b]
    script = "set -euo pipefail\n" + block.replace("http://127.0.0.1:8000", demo.url).replace(
        "curl -sf", "curl -sSf"
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert '"state":"following"' in done.stdout
    assert done.stdout.count('"results"') == 2


def test_docs_and_admin_are_served_with_their_assets(demo: Running) -> None:
    for page in ("/api/v1/docs/", "/admin/login/"):
        html = demo.call("GET", page).decode()
        assets = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)
        assert assets
        for asset in assets:
            assert demo.call("GET", asset)


def test_the_stack_can_be_reached_and_examined_from_outside(demo: Running) -> None:
    urls = dict(line.split("=", 1) for line in (demo.data_dir / "urls.env").read_text().splitlines())
    assert {"DATABASE_URL", "REDIS_URL", "NEO4J_URL"} <= urls.keys()
    environment = {k: v for k, v in os.environ.items() if k not in STORES}
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        cwd=ROOT,
        env={
            **environment,
            "DATA_DIR": str(demo.data_dir),
            "DJANGO_SETTINGS_MODULE": "project.settings.base",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["ok"], report
    assert {f["name"] for f in report["findings"]} >= {"postgres", "graph", "graph drift", "outbox", "worker"}


def test_a_killed_part_is_started_again(demo: Running) -> None:
    relay = int((demo.data_dir / "relay.pid").read_text())
    psutil.Process(relay).kill()
    for _ in range(100):
        again = int((demo.data_dir / "relay.pid").read_text())
        if again != relay and psutil.pid_exists(again):
            return
        time.sleep(0.1)
    raise AssertionError("the relay did not come back")


def test_a_port_in_use_is_told_at_once(demo: Running, tmp_path: Path) -> None:
    port = demo.url.rsplit(":", 1)[1]
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--port", port, "--data-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr


def test_a_signal_stops_everything_and_the_next_start_finds_its_data(tmp_path: Path) -> None:
    first = start(tmp_path, pick(), "--no-seed")
    body = {"username": "stays.here", "email": "stays@example.org", "password": "correct horse battery"}
    first.call("POST", "/api/v1/auth/register/", body)
    assert stop(first, signal.SIGTERM) == []
    assert first.process.returncode == 0
    second = start(tmp_path, pick(), "--no-seed", "--production-limits")
    try:
        who = {"identifier": "stays.here", "password": "correct horse battery"}
        assert second.call("POST", "/api/v1/auth/login/", who)["account"]["username"] == "stays.here"
        admin = {"identifier": "admin", "password": "admin-demo"}
        assert second.call("POST", "/api/v1/auth/login/", admin)["account"]["username"] == "admin"
    finally:
        assert stop(second, signal.SIGINT) == []
    assert second.process.returncode == 0
