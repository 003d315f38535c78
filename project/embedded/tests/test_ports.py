"""Loopback ports."""

from __future__ import annotations

import socket

from project.embedded import ports


def test_a_free_port_is_kept_and_a_taken_one_replaced() -> None:
    port = ports.pick()
    assert ports.FIRST <= port <= ports.LAST
    assert ports.pick(port) == port
    with socket.create_server(("127.0.0.1", port)):
        assert not ports.is_free(port)
        assert ports.pick(port) != port


def test_connections_of_a_dead_server_do_not_keep_its_port() -> None:
    with socket.create_server(("127.0.0.1", port := ports.pick())) as server:
        client = socket.create_connection(("127.0.0.1", port))
        connection, _ = server.accept()
        connection.close()  # the server closes first, so the kernel remembers the connection for a minute
    client.close()
    assert ports.is_free(port)
