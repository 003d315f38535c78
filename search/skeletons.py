"""What a search proposes, in its order: ids and scores from the engine, no content and no verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from project.kernel.paging import Entry, Position, Skeleton
from search.engine import Hit, Index
from search.engines import get_engine


def hits_skeleton(index: Index, query: str) -> Skeleton[Hit]:
    """The hits of `query`, best first. Raises SearchUnavailable when read."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[Hit]]:
        after, backwards = (position.key, position.backwards) if position else (None, False)
        hits = get_engine().search(index, query, limit=n, after=after, backwards=backwards)
        return [(hit.key, hit) for hit in hits]

    return fetch


def posts_skeleton(query: str) -> Skeleton[int]:
    """The ids of posts that `query` finds, best first. Raises SearchUnavailable when read."""
    hits = hits_skeleton(Index.POSTS, query)

    def fetch(position: Position | None, n: int) -> Sequence[Entry[int]]:
        return [(key, hit.id) for key, hit in hits(position, n)]

    return fetch
