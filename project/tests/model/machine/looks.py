"""A look: one reading of one surface by one viewer."""

from __future__ import annotations

from dataclasses import dataclass

# What a surface is about where its subject is an account.
PERSONAL = ("person", "author")


@dataclass(frozen=True)
class Look:
    """A reading: who reads which surface about what, in pages of which size (None: the default)."""

    viewer: str
    surface: str
    subject: str
    limit: int | None

    def __str__(self) -> str:
        size = f" by {self.limit}" if self.limit else ""
        return f"<{self.viewer} reads {self.surface} {self.subject}{size}>"
