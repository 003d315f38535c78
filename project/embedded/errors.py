"""What can go wrong with an embedded engine, said so that the reader knows what to do next.

Every failure of this package that a user can do something about is an `EngineError`. It is not an `AppError`:
no HTTP answer is ever made of it.
"""

from __future__ import annotations


class EngineError(Exception):
    """An engine could not be fetched, started or stopped.

    `str(error)` is the whole story, hint included; `message` says what happened and `hint` what to do about
    it.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message}\n  What to do: {hint}" if hint else message)


class Cancelled(EngineError):
    """The start was called off (another engine failed, or somebody pressed Ctrl-C); never the first cause."""

    def __init__(self) -> None:
        super().__init__("The start was called off.")
