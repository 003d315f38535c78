"""Fixtures of the search tests: every engine at hand, emptied."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from search.engine import Index, SearchEngine
from search.postgres import PostgresEngine

# The contract runs on each; an engine that needs a server joins where its address is configured.
ENGINES: dict[str, Callable[[], SearchEngine]] = {"postgresql": PostgresEngine}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, db: None) -> Iterator[SearchEngine]:
    """An empty search engine."""
    made = ENGINES[request.param]()
    for index in Index:
        made.reset(index)
    yield made
    for index in Index:
        made.reset(index)
