"""A look: one reading of one surface by one viewer."""

from __future__ import annotations

from dataclasses import dataclass, replace

# What a surface is about where its subject is an account.
PERSONAL = ("person", "author")
# In place of a name: who acted in the step before, and on whom or whose.
INVOLVED = ("the actor", "the other")


@dataclass(frozen=True)
class Look:
    """A reading: who reads which surface about what, in pages of which size (None: the default). Viewer and subject may
    be one of `INVOLVED`."""

    viewer: str
    surface: str
    subject: str
    limit: int | None

    def of(self, actor: str, other: str) -> Look:
        """The same with names for who was involved."""
        names = dict(zip(INVOLVED, (actor, other), strict=True))
        return replace(
            self,
            viewer=names.get(self.viewer, self.viewer),
            subject=names.get(self.subject, self.subject),
        )

    def __str__(self) -> str:
        size = f" by {self.limit}" if self.limit else ""
        return f"<{self.viewer} reads {self.surface} {self.subject}{size}>"
