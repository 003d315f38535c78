"""What the demo prints: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from project.embedded.reporting import LinePrinter


class Display(Protocol):
    """Shows what each part is doing; usable as the engines' reporter."""

    def __call__(self, engine: str, message: str, *, done: int = 0, total: int = 0) -> None: ...

    def __enter__(self) -> Display: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class PlainDisplay(LinePrinter):
    """One line a message, on stderr."""

    def __enter__(self) -> PlainDisplay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


class LiveDisplay:
    """A spinner a part, a bar while something is downloaded."""

    def __init__(self) -> None:
        columns = (
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.fields[part]:<12}"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            DownloadColumn(),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __call__(self, engine: str, message: str, *, done: int = 0, total: int = 0) -> None:
        with self._lock:
            if engine not in self._tasks:
                self._tasks[engine] = self._progress.add_task(message, total=None, part=engine)
            self._progress.update(
                self._tasks[engine], description=message, completed=done, total=total or None
            )

    def __enter__(self) -> LiveDisplay:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


def make_display(*, plain: bool) -> Display:
    """Live on a terminal, plain where asked for or where the output is not one."""
    return PlainDisplay() if plain or not sys.stderr.isatty() else LiveDisplay()
