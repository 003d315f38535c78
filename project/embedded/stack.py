"""All engines of one data folder, started together and stopped together.

    with Stack(Path(".demo")) as urls:
        ...

One process at a time owns a data folder (a lock that dies with the process sees to that); whatever engine
then still runs on it is a left-over of a killed owner and is stopped before a new one starts.
"""

from __future__ import annotations

import atexit
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import filelock

from project.embedded.engine import Engine, explain_os_error
from project.embedded.errors import Cancelled, EngineError
from project.embedded.neo4j import Neo4j
from project.embedded.postgres import Postgres
from project.embedded.reporting import Reporter, silent
from project.embedded.valkey import Valkey


@dataclass(frozen=True)
class Urls:
    """Where the engines answer; empty for one that was not asked for."""

    database_url: str = ""
    redis_url: str = ""
    neo4j_url: str = ""

    def as_env(self) -> dict[str, str]:
        """As environment variables, without the empty ones."""
        everything = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "NEO4J_URL": self.neo4j_url,
        }
        return {name: url for name, url in everything.items() if url}


class Stack:
    """PostgreSQL, Valkey and Neo4j on one data folder.

    `durable=False` is for tests: faster, and a power cut loses all. `neo4j_password` (at least 8
    characters) turns Neo4j's authentication on; a folder keeps the password it was made with.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        report: Reporter = silent,
        postgres: bool = True,
        valkey: bool = True,
        neo4j: bool = True,
        durable: bool = True,
        neo4j_password: str | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        self.data_dir = Path(data_dir).expanduser().resolve()
        at = self.data_dir
        self.postgres = Postgres(at / "postgres", report=report, durable=durable) if postgres else None
        self.valkey = Valkey(at / "valkey", report=report, durable=durable) if valkey else None
        self.neo4j = (
            Neo4j(at / "neo4j", report=report, password=neo4j_password, cache=cache_dir) if neo4j else None
        )
        self._lock = filelock.FileLock(at / "stack.lock", thread_local=False)
        self._owner = 0
        self._pool: ThreadPoolExecutor | None = None

    @property
    def engines(self) -> list[Engine]:
        """Those that were asked for."""
        return [engine for engine in (self.postgres, self.valkey, self.neo4j) if engine is not None]

    @property
    def urls(self) -> Urls:
        """Where the engines answer; only after a start."""
        return Urls(
            database_url=self.postgres.url if self.postgres else "",
            redis_url=self.valkey.url if self.valkey else "",
            neo4j_url=self.neo4j.url if self.neo4j else "",
        )

    def start(self) -> Urls:
        """Start what does not run yet, in parallel; returns when all of it answers.

        Raises EngineError, and then nothing runs. The same ports are used again as long as they are free.
        """
        self._own()
        try:
            for engine in self.engines:
                engine.cancelled.clear()
            self._pool = ThreadPoolExecutor(max(1, len(self.engines)), "engines")
            futures = [self._pool.submit(engine.start) for engine in self.engines]
            # Short naps: a thread that waits on a lock for long does not hear Ctrl-C everywhere.
            while not all(future.done() for future in futures):
                if any(future.done() and future.exception() for future in futures):
                    break
                time.sleep(0.02)
            self._end_starting(cancel=not all(future.done() for future in futures))
            errors = [error for future in futures if (error := future.exception())]
            if errors:
                raise next((error for error in errors if not isinstance(error, Cancelled)), errors[0])
        except BaseException:
            self.stop()
            raise
        return self.urls

    def _end_starting(self, *, cancel: bool) -> None:
        """Return when no start is under way any more, calling them off if `cancel`."""
        if cancel:
            for engine in self.engines:
                engine.cancelled.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None

    def stop(self) -> None:
        """Stop everything this process started here, all at once and in bounded time. May be repeated."""
        if self._owner != os.getpid():  # not started, or we are a fork of the process that did
            return
        try:
            self._end_starting(cancel=True)
            # All asked before any is waited for; no threads, which cannot be started when Python is exiting.
            for engine in self.engines:
                engine.ask_to_stop()
            for engine in self.engines:
                engine.stop()
        except BaseException:
            for engine in self.engines:
                engine.kill()
            raise
        finally:
            atexit.unregister(self.stop)
            self._owner = 0
            self._lock.release()

    def __enter__(self) -> Urls:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _own(self) -> None:
        """Take the data folder for this process, or raise an EngineError that says why not."""
        if self._owner == os.getpid():
            return
        owner_file = self.data_dir / "stack.json"
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.data_dir):
                pass  # a folder that looks writable may be on a read-only disk
            self._lock.acquire(timeout=0)
            try:
                owner_file.write_text(json.dumps({"pid": os.getpid()}) + "\n")
            except OSError:
                self._lock.release()
                raise
        except filelock.Timeout:
            raise EngineError(
                f"The data folder {self.data_dir} is in use{self._user(owner_file)}.",
                hint="Stop that one first, or choose another data folder.",
            ) from None
        except OSError as error:
            raise explain_os_error(error, "The data folder cannot be used", self.data_dir) from error
        self._owner = os.getpid()
        atexit.register(self.stop)

    @staticmethod
    def _user(owner_file: Path) -> str:
        try:
            return f" by process {json.loads(owner_file.read_text())['pid']}"
        except (OSError, ValueError, KeyError):
            return ""
