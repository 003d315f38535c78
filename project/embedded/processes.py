"""Starting, recognising and ending server processes. Knows nothing of any particular engine.

A process is only ever signalled after it has been recognised: by being our own child, or by its command line.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import psutil

LAUNCHER = Path(__file__).with_name("launcher.py")
POLL = 0.02  # seconds between two looks at a process

# All that the engines get to see of our environment: no PG…, JAVA_… or LANG of the caller may change how
# they run. The locale lets Java handle folder names that are not ASCII.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"}


_Job = tuple[Callable[[], subprocess.Popen[bytes]], Future[subprocess.Popen[bytes]]]


class _Spawner:
    """Starts every engine of this Python process from one thread that lives as long as the process does.

    Linux ties "tell me when my parent dies" to the parent *thread*: engines started from the short-lived
    threads of a parallel start would be told too soon.
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._owner = 0
        self._lock = threading.Lock()

    def run(self, job: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._owner != os.getpid():  # first use, or we are a fork and the thread stayed behind
                self._jobs = queue.SimpleQueue()
                threading.Thread(target=self._work, args=(self._jobs,), name="spawner", daemon=True).start()
                self._owner = os.getpid()
        future: Future[subprocess.Popen[bytes]] = Future()
        self._jobs.put((job, future))
        return future.result()

    @staticmethod
    def _work(jobs: queue.SimpleQueue[_Job]) -> None:
        while True:
            job, future = jobs.get()
            try:
                future.set_result(job())
            except Exception as error:  # raised again where the job was asked for
                future.set_exception(error)


_spawner = _Spawner()


def spawn(
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    death_signal: signal.Signals,
    run_as: tuple[int, int] | None = None,
    env: Mapping[str, str] = ENVIRONMENT,
) -> subprocess.Popen[bytes]:
    """Start `command` (absolute program first) with its output appended to `log`.

    It gets a session of its own, so that Ctrl-C in the terminal reaches us alone and we can stop the
    engines in order; `death_signal` when we die without having stopped it (Linux); and `run_as`, (uid,
    gid), instead of root.
    """
    wanted = [str(part) for part in command]
    if sys.platform == "linux" or run_as is not None:
        user, group = run_as or ("-", "-")
        wrapper = [sys.executable, "-I", "-S", str(LAUNCHER)]
        wanted = [*wrapper, str(os.getpid()), str(int(death_signal)), str(user), str(group), "--", *wanted]

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                wanted,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    return _spawner.run(start)


def is_running(process: psutil.Process) -> bool:
    """Whether it runs; a zombie (dead, not yet fetched by its parent) does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_gone(processes: Sequence[psutil.Process], seconds: float) -> bool:
    """Wait until none of the processes runs; False if some still do after `seconds`."""
    deadline = time.monotonic() + seconds
    while any(is_running(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def descendants(process: psutil.Process) -> list[psutil.Process]:
    """The process's children and theirs, as far as they run."""
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def send(process: psutil.Process, number: signal.Signals) -> None:
    """Send a signal to the process, which is harmless if it is gone."""
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)  # psutil refuses when the pid has been given to somebody else
        process.send_signal(signal.SIGCONT)  # a stopped process would not hear the first one


def terminate(
    process: psutil.Process, signals: Sequence[tuple[signal.Signals, float]], *, asked: bool = False
) -> None:
    """Send the signals in turn, waiting the given seconds after each, and SIGKILL at last.

    Children go with their parent. Harmless if it is gone already. `asked`: the first has been sent.
    """
    family = [process, *descendants(process)]
    for position, (number, seconds) in enumerate([*signals, (signal.SIGKILL, 10.0)]):
        if not (asked and position == 0):
            send(process, number)
        if wait_gone([process], seconds):
            break
    if not wait_gone(family, 5.0):
        for survivor in family:
            send(survivor, signal.SIGKILL)
        wait_gone(family, 5.0)


def command_line(process: psutil.Process) -> list[str]:
    """The arguments it was started with; empty when it is gone or not ours to see."""
    try:
        return list(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return []


def find(recognise: Callable[[list[str]], bool]) -> list[psutil.Process]:
    """The running processes whose arguments `recognise` accepts; looks at the whole machine."""
    return [process for process in psutil.process_iter() if recognise(command_line(process))]
