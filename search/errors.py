"""How a search engine that cannot answer looks from above."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from project.kernel.errors import Unavailable


class SearchUnavailable(Unavailable):
    """The engine did not answer. Only search needs it: everything else goes on, and writes wait in the
    outbox."""

    code = "search-unavailable"
    title = _("Search is unavailable")
    detail = _("Search cannot answer right now. Try again in a moment.")


class DocumentsRefused(Exception):
    """The engine holds all documents of a batch but these, and says why it cannot hold them."""

    def __init__(self, ids: Sequence[object], reason: str) -> None:
        self.ids = tuple(ids)
        super().__init__(f"{', '.join(map(str, ids))}: {reason}")
