"""The processes that a benchmark of comments starts: servers on loopback ports, and a relay where none is at work.

They work on the stores of the process that starts them, and end with the block that they are started for."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import psutil
from django.conf import settings
from django.db import connection, transaction

from project.outbox.emit import emit
from project.outbox.models import OutboxRow
from project.outbox.topics import Topic
from project.settings.env import child_environment, read_env
from social.bench import host

LIVE = "/api/v1/health/live/"
READY_SECONDS = 60.0
STOP_SECONDS = 10.0
# A relay that is idle looks every second.
RELAY_SECONDS = 3.0
WORKERS = 2
THREADS = 8
# No comment has this id: whoever works the queue off finds nothing to write for it.
NO_COMMENT = 0


class BenchFailed(Exception):
    """The benchmark has no result; the message says why."""


@contextmanager
def servers(*environments: dict[str, str]) -> Iterator[list[int]]:
    """A server for each of these changes to the environment, all ready; their ports. Raises BenchFailed."""
    with ExitStack() as stack:
        ports = _free_ports(len(environments))
        checks = []
        for port, changes in zip(ports, environments, strict=True):
            command = [
                *("-m", "granian", "--interface", "wsgi", "--workers", str(WORKERS)),
                *("--blocking-threads", str(THREADS), "--host", "127.0.0.1", "--port", str(port)),
                *("--no-access-log", "--log-level", "warning", "project.wsgi:application"),
            ]
            checks.append(stack.enter_context(_process(command, changes)))
        for port, check in zip(ports, checks, strict=True):
            _wait(lambda port=port: _answers(port), check)  # type: ignore[misc]
        yield ports


@contextmanager
def relay() -> Iterator[bool]:
    """A relay is at work; yields whether it was started for this. Raises BenchFailed."""
    with transaction.atomic():
        emit(Topic.QUEUED_COMMENT, NO_COMMENT)
    probe = OutboxRow.objects.filter(topic=Topic.QUEUED_COMMENT, key=str(NO_COMMENT))
    try:
        # It says nothing of itself, so it is known by its work.
        if wait_until(lambda: not probe.exists(), RELAY_SECONDS):
            yield False
            return
        with _process(["manage.py", "relay"], {}) as check:
            _wait(lambda: not probe.exists(), check)
            yield True
    finally:
        probe.delete()


def wait_until(reached: Callable[[], bool], seconds: float) -> bool:
    """Look every 10 ms until it is so; False if it is not after `seconds`."""
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@contextmanager
def _process(arguments: list[str], changes: dict[str, str]) -> Iterator[Callable[[], None]]:
    """A Python process that runs as long as the block; yields a check that raises BenchFailed once it has ended."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, *arguments],
            cwd=Path(settings.BASE_DIR),
            env=child_environment(DATABASE_URL=_database_url(), **changes),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C in the terminal reaches this process alone, which ends the others in order.
            start_new_session=True,
        )
        family = psutil.Process(process.pid)

        def check() -> None:
            if process.poll() is not None:
                log.seek(0)
                said = log.read()[-2000:].decode(errors="replace")
                raise BenchFailed(f"{' '.join(arguments[:2])} ended with {process.returncode}:\n{said}")

        try:
            yield check
        finally:
            _stop(process, family)


def _stop(process: subprocess.Popen[bytes], leader: psutil.Process) -> None:
    """End the process and its children, which granian ends itself unless it was killed."""
    try:
        children = leader.children(recursive=True)
    except psutil.NoSuchProcess:
        children = []
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    _, left = psutil.wait_procs(children, timeout=2)
    for child in left:
        child.kill()


def _wait(reached: Callable[[], bool], check: Callable[[], None]) -> None:
    def so_far() -> bool:
        check()
        return reached()

    if not wait_until(so_far, READY_SECONDS):
        raise BenchFailed(f"A process that was started for this is not ready after {READY_SECONDS:.0f} s.")


def _answers(port: int) -> bool:
    server = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        server.request("GET", LIVE, headers={"Host": host()})
        return server.getresponse().status == 200
    except OSError:
        return False
    finally:
        server.close()


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _database_url() -> str:
    """That of this process, with the database that it is on: the suite's has a name of its own."""
    name = str(connection.settings_dict["NAME"])
    return urlsplit(read_env().database_url)._replace(path=f"/{quote(name, safe='')}").geturl()
