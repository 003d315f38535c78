"""What the three engines have in common: one process, one folder, one port, and the care for left-overs.

The engines differ in how they are prepared, recognised, asked whether they are ready, and stopped: see
`postgres`, `valkey` and `neo4j`. Starting several of them in parallel is `stack`.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import psutil

from project.embedded import ports, processes
from project.embedded.errors import Cancelled, EngineError
from project.embedded.reporting import Reporter, silent

LOG_LIMIT = 8 * 1024 * 1024  # bytes after which a log is set aside at the next start


class Engine(ABC):
    """A server in a folder of its own, listening on a loopback port that it keeps across restarts.

    `start`, `stop` and `kill` may be called in any order and repeatedly; all of them return with the work
    done. Not for two threads at once.
    """

    name: ClassVar[str]
    start_seconds: ClassVar[float] = 120.0  # a busy machine with two cores and many test workers
    death_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_signals: ClassVar[Sequence[tuple[signal.Signals, float]]] = ((signal.SIGTERM, 20.0),)
    folder_mode: ClassVar[int] = 0o700

    def __init__(self, directory: Path, *, report: Reporter = silent) -> None:
        self.directory = Path(directory).resolve()
        self.report = report
        self.port: int | None = None
        self.cancelled = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._asked = False

    # What an engine has to say for itself

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for clients, password included; only after a start."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the data folder and configuration; called before every start, with `port` known."""

    @abstractmethod
    def command(self) -> list[str]:
        """The program, by absolute path, and its arguments."""

    @abstractmethod
    def recognise(self, arguments: list[str]) -> bool:
        """Whether a process with these arguments is this engine on this folder."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers; asked again and again after a start. May raise EngineError to give up."""

    def on_ready(self) -> None:
        """Called once the engine answers, before `start` returns."""
        self.report(self.name, "Ready")

    def run_as(self) -> tuple[int, int] | None:
        """The (uid, gid) to run under, None for our own."""
        return None

    def working_directory(self) -> Path:
        """The folder the process is started in."""
        return self.directory

    # State

    @property
    def log(self) -> Path:
        """What the process prints."""
        return self.directory / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid if self._child is not None and self.alive else None

    @property
    def alive(self) -> bool:
        """Whether the process that we started still runs."""
        return self._child is not None and self._child.poll() is None

    # Doing

    def start(self) -> str:
        """Start the engine, or do nothing if it runs; returns its url once it answers. Raises EngineError."""
        if self.alive:
            return self.url
        self.stop_left_over()
        try:
            self._make_directory()
            for attempt in range(5):
                if self._start_once(last=attempt == 4):
                    return self.url
        except OSError as error:
            raise self.explain(error) from error
        raise AssertionError("unreachable: the last attempt raises")

    def stop(self) -> None:
        """Stop it in order, by force if that takes too long. Only our own process is touched."""
        self._end(self.stop_signals, asked=self._asked)

    def ask_to_stop(self) -> None:
        """Begin to stop without waiting, so that several engines end at the same time; then call `stop`."""
        if self._child is not None and self.alive and not self._asked:
            processes.send(psutil.Process(self._child.pid), self.stop_signals[0][0])
            self._asked = True

    def kill(self) -> None:
        """End it as a crash would (SIGKILL), for fault tests.

        `start` brings it back with its data, and on the same port unless somebody has taken that meanwhile.
        """
        self._end(())

    def stop_left_over(self) -> None:
        """Stop a process of an earlier parent that still works on this folder."""
        record = self._read_record()
        left_over = []
        pid = record.get("pid")
        if isinstance(pid, int) and psutil.pid_exists(pid):
            try:
                process = psutil.Process(pid)
                if self.recognise(processes.command_line(process)):
                    left_over = [process]
            except psutil.NoSuchProcess:
                pass
        # The pid file is written just after the start: a parent killed in between leaves a process without
        # one.
        for process in left_over or processes.find(self.recognise):
            if process.pid == os.getpid() or not processes.is_running(process):
                continue
            self.report(self.name, f"Stopping a left-over of an earlier run (process {process.pid})…")
            try:
                processes.terminate(process, self.stop_signals)
            except psutil.AccessDenied as error:
                raise EngineError(
                    f"{self.name} of another user still runs on {self.directory} (process {process.pid}).",
                    hint=f"Have that user (root?) `kill {process.pid}`, or choose another data folder.",
                ) from error

    # Inside

    def _start_once(self, *, last: bool) -> bool:
        """One attempt; False when another is worth while (port taken, a dead server still holding on)."""
        known = self._read_record().get("port")
        self.port = ports.pick(self.port or (known if isinstance(known, int) else None))
        self.prepare()
        self.report(self.name, f"Starting on port {self.port}…")
        began = self._log_size()
        self.check_cancelled()
        self._child = processes.spawn(
            self.command(),
            cwd=self.working_directory(),
            log=self.log,
            death_signal=self.death_signal,
            run_as=self.run_as(),
        )
        self._write_record(self._child.pid)
        try:
            self._wait_ready(began)
            self.on_ready()
        except BaseException as error:
            self._end(())
            if isinstance(error, _Died) and not last and self.worth_another_try(error.output):
                time.sleep(0.5)
                return False
            raise
        return True

    def worth_another_try(self, output: str) -> bool:
        """Whether a start that ended with this output may succeed if repeated."""
        return "already in use" in output.lower()

    def _wait_ready(self, began: int) -> None:
        deadline = time.monotonic() + self.start_seconds
        while not self.is_ready():
            self.check_cancelled()
            if not self.alive:
                raise _Died(self, self.output_since(began))
            if time.monotonic() > deadline:
                raise EngineError(
                    f"{self.name} did not become ready within {self.start_seconds:.0f} s.\n"
                    f"{self.output_since(began)}",
                    hint=f"See {self.log}; if the machine is just very busy, try again.",
                )
            time.sleep(0.05)

    def check_cancelled(self) -> None:
        """Raise Cancelled if the start has been called off."""
        if self.cancelled.is_set():
            raise Cancelled

    def _end(self, signals: Sequence[tuple[signal.Signals, float]], *, asked: bool = False) -> None:
        child, self._child, self._asked = self._child, None, False
        if child is None:
            return
        try:
            if child.poll() is None:
                processes.terminate(psutil.Process(child.pid), signals, asked=asked)
        except psutil.NoSuchProcess:
            pass
        except BaseException:  # a second Ctrl-C while we wait: end it here and now, then let it through
            child.kill()
            raise
        finally:
            child.wait(timeout=10)
        record = self._read_record()
        record.pop("pid", None)
        self._store_record(record)

    def _make_directory(self) -> None:
        self.directory.mkdir(mode=self.folder_mode, parents=True, exist_ok=True)
        if self._log_size() > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _log_size(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def output_since(self, offset: int, lines: int = 15) -> str:
        """The last lines that the process printed after `offset` bytes of its log."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(offset)
            text = file.read().decode(errors="replace")
        return "\n".join(text.strip().splitlines()[-lines:])

    def explain(self, error: OSError) -> EngineError:
        """An EngineError that says what to do about a failing disk or folder."""
        return explain_os_error(error, self.name, self.directory)

    @property
    def _record(self) -> Path:
        return self.directory / f"{self.name}.json"

    def _read_record(self) -> dict[str, object]:
        """Port and pid of the last start; empty when there was none or the file is damaged."""
        try:
            record = json.loads(self._record.read_text())
        except (OSError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}

    def _write_record(self, pid: int) -> None:
        self._store_record({"pid": pid, "port": self.port})

    def _store_record(self, record: dict[str, object]) -> None:
        temporary = self._record.with_suffix(".json.new")
        temporary.write_text(json.dumps(record) + "\n")
        temporary.replace(self._record)

    def secret(self) -> str:
        """A password of this folder, made at the first call and kept, readable by its owner alone."""
        path = self.directory / "password"
        if not path.exists():
            self.write_private(path, secrets.token_hex(16))
        return path.read_text().strip()

    @staticmethod
    def write_private(path: Path, text: str) -> None:
        """Write a file that only its owner may read, whole or not at all."""
        temporary = path.with_name(path.name + ".new")
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        temporary.replace(path)


class _Died(EngineError):
    """The process ended while it should have started."""

    def __init__(self, engine: Engine, output: str) -> None:
        self.output = output
        super().__init__(
            f"{engine.name} ended while starting. It said:\n{output}",
            hint=f"The whole output is in {engine.log}.",
        )


def explain_os_error(error: OSError, what: str, path: Path) -> EngineError:
    """Turn a failed file operation into an EngineError with a hint."""
    where = error.filename or path
    reasons: dict[type[OSError], str] = {
        PermissionError: "Choose a folder that you may write to, or give it back to yourself with chown.",
        FileExistsError: "A file is in the way of a folder; remove it or choose another folder.",
        NotADirectoryError: "A file is in the way of a folder; remove it or choose another folder.",
    }
    if error.errno == errno.ENOSPC:
        hint = (
            "The disk is full: free some space (Neo4j's program needs 180 MB, each data folder about 100 MB)."
        )
    else:
        hint = next((text for kind, text in reasons.items() if isinstance(error, kind)), "")
    return EngineError(f"{what}: {error.strerror or error} ({where}).", hint=hint or "See the message above.")
