"""How far the indexes are from the truth: for `manage.py doctor`, and for whoever doubts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from search.engine import Index
from search.engines import get_engine
from search.sources import findable

CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Drift:
    """What an index lacks and holds too much. Both are zero once the relay has caught up."""

    index: Index
    held: int
    missing: int
    surplus: int

    @property
    def clean(self) -> bool:
        return not self.missing and not self.surplus


def measure_drift(index: Index) -> Drift:
    """Compare the ids of the index with those of the truth: one walk through both, in constant memory.
    Whether the documents' contents are right is not looked at. Raises SearchUnavailable."""
    truth: Iterator[int] = findable(index).order_by("pk").values_list("pk", flat=True).iterator(CHUNK)
    indexed = get_engine().document_ids(index)
    held = missing = surplus = 0
    right, found = next(truth, None), next(indexed, None)
    while right is not None or found is not None:
        if found is None or (right is not None and right < found):
            missing += 1
            right = next(truth, None)
        elif right is None or found < right:
            surplus += 1
            held += 1
            found = next(indexed, None)
        else:
            held += 1
            right, found = next(truth, None), next(indexed, None)
    return Drift(index, held, missing, surplus)
