"""A circuit breaker before the graph, one for each process and address.

A graph that hangs, rather than being dead, costs every call all of its time, and a process has few threads: soon none
is left to answer what needs no graph, liveness included. So after a few failures in a row nobody waits for it any
more: calls are refused at once, and now and then one of them looks whether it answers again.

What counts as a failure is for the caller to say. Nothing here knows Neo4j."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

# In a row, without one answer in between; each attempt of a call counts. One lost connection is not an outage, and
# more would hold the threads of a small process once more before it notices.
FAILURES_TO_OPEN: Final = 3
# As long as clients are told to wait; short, because a graph that is back should not be refused for long.
OPEN_SECONDS: Final = 2.0


class Breaker:
    """Closed it lets all calls through; open it refuses them for OPEN_SECONDS, then lets one look. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._looking = False
        self._opened_at: float | None = None
        self._closed_at = time.monotonic()

    def admits(self, look: Callable[[], object]) -> bool:
        """Whether a call may go ahead now.

        The first caller after OPEN_SECONDS runs `look`, which must be short and raises where there is still no
        answer; all others are refused meanwhile."""
        if self._is_closed():
            return True
        with self._lock:
            opened_at = self._opened_at
            if opened_at is None:
                return True
            if self._looking or time.monotonic() < opened_at + OPEN_SECONDS:
                return False
            self._looking = True
        answered = False
        try:
            look()
            answered = True
        except Exception:
            return False
        finally:
            with self._lock:
                self._looking = False
                if answered:
                    # Connecting is not yet answering statements: the next failure opens it again.
                    self._close(failures=FAILURES_TO_OPEN - 1)
                elif self._opened_at is not None:
                    self._opened_at = time.monotonic()
        return True

    def _is_closed(self) -> bool:
        return self._opened_at is None

    def succeeded(self) -> None:
        """A call was answered, whatever the answer."""
        if self._failures or not self._is_closed():
            with self._lock:
                self._close(failures=0)

    def failed(self, started_at: float) -> bool:
        """A call that began at `started_at` (monotonic) got no answer; whether this opened the breaker."""
        with self._lock:
            # Stragglers from before it closed tell of an outage that is over.
            if started_at < self._closed_at and self._opened_at is None:
                return False
            self._failures += 1
            if self._opened_at is not None or self._failures < FAILURES_TO_OPEN:
                return False
            self._opened_at = time.monotonic()
            return True

    def _close(self, *, failures: int) -> None:
        if self._opened_at is not None:
            self._opened_at = None
            self._closed_at = time.monotonic()
        self._failures = failures
