"""A TCP proxy before the graph that can fall silent: connections stay open and are still accepted, nothing passes. So
looks a server that hangs, or a network that swallows."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Proxy:
    """`url` leads to the server behind. `silent` set: nothing passes either way; cleared: it passes again."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 7687)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._sockets: list[socket.socket] = [self._listening]
        self.passing = threading.Event()
        self.passing.set()
        self.accepted = 0
        port = self._listening.getsockname()[1]
        credentials, at, _ = parts.netloc.rpartition("@")
        self.url = f"{parts.scheme}://{credentials}{at}127.0.0.1:{port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                self.accepted += 1
                server = socket.create_connection(self._target)
                self._sockets += [client, server]
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self.passing.wait()
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """End all connections."""
        self.passing.set()
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """A proxy before `url`, closed in the end."""
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
