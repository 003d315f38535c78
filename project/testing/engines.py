"""Engines for a test run: PostgreSQL and Valkey once, a Neo4j for each worker (its Community edition has one
database). Addresses that the environment already names are used as they are."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from project.embedded.stack import Stack


class TestEngines:
    """What this process started for the run, and its folder."""

    __test__ = False

    def __init__(self) -> None:
        self.stack: Stack | None = None
        self.folder: Path | None = None

    def start(self) -> None:
        """Start what this process is responsible for and name it in the environment, before settings are read."""
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        shared = not worker
        # The controller of a parallel run needs no graph of its own; each worker brings one.
        parallel = any(
            a.startswith(("-n", "--numprocesses")) and a not in ("-n0", "-n=0") for a in sys.argv[1:]
        )
        want = {
            "postgres": shared and not os.environ.get("DATABASE_URL"),
            "valkey": shared and not os.environ.get("REDIS_URL"),
            "neo4j": (bool(worker) or not parallel) and not os.environ.get("NEO4J_URL"),
        }
        os.environ["APP_ENV"] = "test"
        if any(want.values()):
            self.folder = Path(tempfile.mkdtemp(prefix="photogram-test-"))
            password = os.environ.get("TEST_NEO4J_PASSWORD") or None
            self.stack = Stack(
                self.folder,
                durable=False,
                neo4j_password=password,
                postgres=want["postgres"],
                valkey=want["valkey"],
                neo4j=want["neo4j"],
            )
            os.environ.update(self.stack.start().as_env())
        os.environ.setdefault("DATA_DIR", str(self.folder or tempfile.gettempdir()))
        if worker:
            self._separate(int(worker.removeprefix("gw")))

    def _separate(self, number: int) -> None:
        # One Redis database and key prefix a worker; pytest-django gives each its own PostgreSQL database.
        base, _, _ = os.environ["REDIS_URL"].rpartition("/")
        os.environ["REDIS_URL"] = f"{base}/{number % 16}"
        os.environ["REDIS_PREFIX"] = f"t{number}"
        if self.folder is not None:
            os.environ["DATA_DIR"] = str(self.folder)

    def stop(self) -> None:
        if self.stack is not None:
            self.stack.stop()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
