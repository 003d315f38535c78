"""What follows from a relationship write (R81): each mark makes us look at what the graph holds, and tell those who
registered in `relationship_listeners`. Nothing is kept here, and nothing is taken from the write itself: after a crash
at any point the same mark leads to the same facts.

A key is "source:target"; "id:id" means that this account opened and accepted those who waited (R38)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graph.queries.relations import askers_of, load_pairs
from project.outbox.topics import Projection, Topic, registry
from social.registries import relationship_listeners

CONSUMER = "relationship-listeners"
# Askers of an account that opens, told at a time.
BATCH = 500


def project_relationships(topic: Topic, keys: Sequence[str]) -> None:
    """Tell the listeners what is so between these accounts, both directions: one graph query for all pairs, and some
    for each account that opened. Raises GraphUnavailable, and what a listener raises."""
    if not relationship_listeners.listeners:
        return
    ends = [tuple(int(part) for part in key.split(":")) for key in keys]
    pairs = [pair for a, b in ends if a != b for pair in ((a, b), (b, a))]
    if pairs:
        relationship_listeners.tell(load_pairs(pairs))
    for account_id in dict.fromkeys(a for a, b in ends if a == b):
        for askers in _askers(account_id):
            relationship_listeners.tell(load_pairs((asker, account_id) for asker in askers))


def _askers(account_id: int) -> Iterator[list[int]]:
    """Who asked to follow the account, by the graph and by what listeners remember."""
    for known in relationship_listeners.known_sources.values():
        remembered = list(known(account_id))
        for start in range(0, len(remembered), BATCH):
            yield remembered[start : start + BATCH]
    after = 0
    while found := askers_of(account_id, after=after, limit=BATCH):
        yield [asker for _, asker in found]
        after = found[-1][0]


def register_consequences() -> None:
    """Register the consumer of relationship marks."""
    registry.register(Projection(CONSUMER, (Topic.RELATIONSHIP,), project_relationships))
