"""How the engines say what they are doing. What that looks like on a terminal is the caller's choice."""

from __future__ import annotations

import sys
import threading
import time
from typing import Protocol, TextIO


class Reporter(Protocol):
    """Called with the engine's name and a line for people; may be called from several threads at once.

    `done` and `total` are bytes while something is downloaded, else both 0.
    """

    def __call__(self, engine: str, message: str, *, done: int = 0, total: int = 0) -> None: ...


def silent(engine: str, message: str, *, done: int = 0, total: int = 0) -> None:
    """Report nothing."""


class LinePrinter:
    """Prints one line a message, and at most one a second while downloading: for logs and plain terminals."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._lock = threading.Lock()
        self._last = 0.0

    def __call__(self, engine: str, message: str, *, done: int = 0, total: int = 0) -> None:
        with self._lock:
            if total and done < total:
                if time.monotonic() - self._last < 1:
                    return
                self._last = time.monotonic()
            amount = f" {done / 1e6:.0f} of {total / 1e6:.0f} MB" if total else ""
            print(f"[{engine}] {message}{amount}", file=self._stream, flush=True)
