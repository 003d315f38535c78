"""Fetching the program, from a small Maven repository of the test's own."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from project.embedded.errors import EngineError
from project.embedded.neo4j_jars import VERSION, fetch, read_lock


class Repository:
    """Serves jars made up for the test; can refuse them, change them or fail a few times."""

    def __init__(self) -> None:
        self.jars = {f"org/example/jar{n}/1/jar{n}-1.jar": bytes([n]) * (n + 1) * 1000 for n in range(20)}
        self.asked: list[str] = []
        self.status = 200
        self.failures = 0
        self.suffix = b""

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if self.failures:
            self.failures -= 1
            return 503, b""
        return self.status, self.jars[path] + self.suffix

    def lock(self, path: Path) -> Path:
        lines = [f"{hashlib.sha256(body).hexdigest()} {len(body)} {name}" for name, body in self.jars.items()]
        path.write_text("# a lock\n" + "\n".join(lines) + "\n")
        return path


@pytest.fixture
def repository() -> Repository:
    return Repository()


@pytest.fixture
def get(repository: Repository, tmp_path: Path) -> Iterator[partial[Path]]:
    """`fetch`, from the repository to a cache of the test's own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = repository.answer(self.path.lstrip("/"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        lock = repository.lock(tmp_path / "jars.lock")
        url = f"http://127.0.0.1:{server.server_port}"
        yield partial(fetch, cache=tmp_path / "cache", repository=url, lock=lock, patience=0.01)
        server.shutdown()


def test_the_committed_lock_is_whole() -> None:
    jars = read_lock()
    assert f"org/neo4j/neo4j/{VERSION}/neo4j-{VERSION}.jar" in {jar.path for jar in jars}
    assert len({jar.filename for jar in jars}) == len(jars) > 200


def test_everything_is_fetched_once_with_progress(repository: Repository, get: partial[Path]) -> None:
    seen = []
    folder = get(lambda engine, message, done=0, total=0: seen.append((done, total)))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        name.rsplit("/", 1)[1]: body for name, body in repository.jars.items()
    }
    total = sum(map(len, repository.jars.values()))
    assert seen[-1] == (total, total)
    assert get() == folder
    assert sorted(repository.asked) == sorted(repository.jars)


def test_many_at_once_fetch_it_once(repository: Repository, get: partial[Path]) -> None:
    with ThreadPoolExecutor(4) as pool:
        folders = {future.result() for future in [pool.submit(get) for _ in range(4)]}
    assert len(folders) == 1
    assert len(repository.asked) == len(repository.jars)


def test_a_busy_registry_is_asked_again(repository: Repository, get: partial[Path]) -> None:
    repository.failures = 3
    assert get().is_dir()


def test_a_refusal_is_an_error_at_once_and_says_so(repository: Repository, get: partial[Path]) -> None:
    repository.status = 403
    with pytest.raises(EngineError, match="answered 403") as caught:
        get()
    assert "proxy" in caught.value.hint


def test_a_changed_jar_is_never_used(repository: Repository, get: partial[Path], tmp_path: Path) -> None:
    repository.suffix = b"virus"
    with pytest.raises(EngineError, match="another content"):
        get()
    assert list((tmp_path / "cache").rglob("*.jar")) == []


def test_without_a_network_it_says_what_is_needed(get: partial[Path]) -> None:
    with pytest.raises(EngineError, match="Could not fetch") as caught:
        get(repository="http://127.0.0.1:1")
    assert "Maven Central" in caught.value.hint


def test_an_interrupted_fetch_goes_on_where_it_was(repository: Repository, get: partial[Path]) -> None:
    stop = threading.Event()
    with pytest.raises(EngineError, match="called off"):
        get(lambda engine, message, done=0, total=0: stop.set() if done > total / 2 else None, cancelled=stop)
    got_before = len(repository.asked)
    assert got_before < len(repository.jars)
    get()
    assert len(repository.asked) < got_before + len(repository.jars)


def test_a_cache_with_holes_is_mended(repository: Repository, get: partial[Path]) -> None:
    folder = get()
    (folder / "jar3-1.jar").unlink()
    repository.asked.clear()
    assert get() == folder
    assert repository.asked == ["org/example/jar3/1/jar3-1.jar"]


def test_a_cache_that_cannot_be_made_is_a_clear_error(get: partial[Path], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="cache"):
        get(cache=tmp_path / "file" / "cache")
