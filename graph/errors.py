"""How a graph that cannot answer looks from above. Nothing else fails here in an expected way: a refused
relationship is an outcome of the statement (`graph.rows`), not an error."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from project.kernel.errors import Unavailable


class GraphUnavailable(Unavailable):
    """The graph did not answer in time, or its answer was lost.

    A read can simply be repeated. A write is in doubt: it was applied wholly or not at all, and repeating it
    leads to the same state (R03, R81)."""

    code = "graph-unavailable"
    title = _("Relationships are unavailable")
    detail = _("Relationships cannot be read or changed right now. Try again in a moment.")


class GraphNotAsked(GraphUnavailable):
    """Refused without asking, because the graph has not been answering. To clients the same; but a write was
    certainly not applied, so nothing has to be looked after."""
