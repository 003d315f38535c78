"""Loopback ports: finding a free one, and finding the same one again after a restart."""

from __future__ import annotations

import random
import socket

LOOPBACK = "127.0.0.1"

# Below the ports that Linux and macOS give to outgoing connections, so that a client cannot sit on the port
# of an engine that is down for a moment (or, on loopback, connect to itself).
FIRST, LAST = 20_000, 31_999


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: connections of a server that has just been killed do not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def pick(preferred: int | None = None) -> int:
    """A free port: the preferred one if nobody has it, else one at random."""
    if preferred is not None and is_free(preferred):
        return preferred
    for candidate in random.sample(range(FIRST, LAST + 1), 200):
        if is_free(candidate):
            return candidate
    raise OSError("no free loopback port found")
