"""A real Meilisearch server that stops and comes back. Needs the program: MEILISEARCH_BIN, or on the PATH."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from project.kernel.clock import now
from project.outbox.models import OutboxRow
from project.outbox.relay import drain
from project.testing.cast import Cast
from search.drift import measure_drift
from search.engine import Index
from search.engines import get_engine
from search.errors import SearchUnavailable
from search.tests.publishing import publish

KEY = "a key for this test alone"
pytestmark = [pytest.mark.fault, pytest.mark.slow]


class Program:
    """A Meilisearch server of this test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        program = os.environ.get("MEILISEARCH_BIN") or shutil.which("meilisearch")
        if not program:
            pytest.skip("no Meilisearch program: neither MEILISEARCH_BIN nor on the PATH")
        self.process = subprocess.Popen(
            [
                *(program, "--db-path", str(self.folder / "data"), "--http-addr", f"127.0.0.1:{self.port}"),
                *("--master-key", KEY, "--no-analytics", "--max-indexing-memory", "256MiB"),
                *("--dump-dir", str(self.folder / "dumps"), "--snapshot-dir", str(self.folder / "snapshots")),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                get_engine().ping()
            except SearchUnavailable:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("Meilisearch does not start")

    def stop(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None


@pytest.fixture
def program(tmp_path: Path, settings: Any) -> Iterator[Program]:
    program = Program(tmp_path)
    settings.MEILISEARCH_URL, settings.MEILISEARCH_KEY = program.url, KEY
    program.start()
    yield program
    program.stop(signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_that_stops_takes_search_alone_along_and_is_caught_up_when_it_is_back(
    program: Program, cast: Cast, drain_outbox: Callable[[], int], how: signal.Signals
) -> None:
    """R80"""

    def captions() -> tuple[int, list[str]]:
        response = cast.bob.api.get("/search/posts/", query={"q": "harbour"})
        body = response.json()
        return response.status_code, [post["caption"] for post in body.get("results", [])]

    publish(cast.ada, "harbour one")
    drain_outbox()
    assert captions() == (200, ["harbour one"])
    program.stop(how)
    assert captions() == (503, [])
    publish(cast.ada, "harbour two")
    assert drain().failed > 0
    assert cast.bob.api.get("/posts/").status_code == 200
    program.start()
    assert captions() == (200, ["harbour one"])
    OutboxRow.objects.update(due_at=now())
    drain_outbox()
    assert captions() == (200, ["harbour two", "harbour one"])
    for index in Index:
        assert measure_drift(index).clean or index is Index.USERS
