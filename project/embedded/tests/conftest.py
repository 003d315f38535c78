"""What the tests of the engines share: folders, a look at the processes, an owner that can be killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from project.embedded import processes
from project.embedded.stack import Stack

ROOT = Path(__file__).parents[3]

OWNER = """
import sys, time
from pathlib import Path
from project.embedded.stack import Stack
stack = Stack(Path(sys.argv[1]), neo4j="neo4j" in sys.argv, durable=False)
print("starting", flush=True)
try:
    stack.start()
    print(*[engine.pid for engine in stack.engines], flush=True)
    time.sleep(600)
finally:
    stack.stop()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder whose name holds what breaks careless command lines."""
    return tmp_path / "data of ada's “ü” %d"


@pytest.fixture
def make_stack(folder: Path) -> Iterator[Callable[..., Stack]]:
    """Makes stacks for tests (without Neo4j unless asked) and stops them at the end."""
    with ExitStack() as cleanup:

        def make(at: Path = folder, **options: object) -> Stack:
            stack = Stack(at, **({"durable": False, "neo4j": False} | options))  # type: ignore[arg-type]
            cleanup.callback(stack.stop)
            return stack

        yield make


@pytest.fixture
def working_on() -> Callable[[Path], list[psutil.Process]]:
    """Finds the processes that run in a folder or were started with it in their arguments."""

    def look(folder: Path) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                here = [process.cwd(), *process.cmdline()]
                if processes.is_running(process) and any(str(folder) in text for text in here):
                    found.append(process)
        return found

    return look


@pytest.fixture
def start_owner(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts another Python process that owns a stack on the folder, until something stops it."""
    owners = []

    def start(*options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", OWNER, str(folder), *options]
        owner = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert owner.stdout is not None
        assert owner.stdout.readline() == "starting\n"
        owners.append(owner)
        return owner

    yield start
    for owner in owners:
        owner.kill()
        owner.wait()
        assert owner.stdout is not None
        owner.stdout.close()
