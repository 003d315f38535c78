"""What a search proposes, in its order: ids and scores from the engine, no content and no verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from project.kernel.paging import Entry, Position, Skeleton
from search.engine import Hit, Index, Search
from search.engines import get_engine


def first_hits(query: str, *, limit: int) -> dict[Index, list[Hit]]:
    """The best hits of every index, in as few round trips as the engine can: as many as the first page of
    `limit` looks at. Raises SearchUnavailable."""
    searches = [Search(index, query, limit + 1) for index in Index]
    return dict(zip(Index, get_engine().search_many(searches), strict=True))


def hits_skeleton(index: Index, query: str, first: list[Hit] | None = None) -> Skeleton[Hit]:
    """The hits of `query`, best first; `first` are those of `first_hits` where they are known. Raises
    SearchUnavailable when read."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[Hit]]:
        if first is not None and position is None:
            return [(hit.key, hit) for hit in first]
        after, backwards = (position.key, position.backwards) if position else (None, False)
        hits = get_engine().search(index, query, limit=n, after=after, backwards=backwards)
        return [(hit.key, hit) for hit in hits]

    return fetch


def posts_skeleton(query: str, first: list[Hit] | None = None) -> Skeleton[int]:
    """The ids of posts that `query` finds, best first, as `hits_skeleton`."""
    hits = hits_skeleton(Index.POSTS, query, first)

    def fetch(position: Position | None, n: int) -> Sequence[Entry[int]]:
        return [(key, hit.id) for key, hit in hits(position, n)]

    return fetch
