"""Fixtures of the search tests: every engine at hand, emptied."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from search.engine import Index, SearchEngine
from search.meilisearch import MeilisearchEngine
from search.postgres import PostgresEngine

# The contract runs on each; an engine that needs a server joins where its address is configured.
ENGINES: dict[str, Callable[[], SearchEngine]] = {
    "postgresql": PostgresEngine,
    "meilisearch": lambda: meilisearch_engine(),
}


def meilisearch_engine() -> MeilisearchEngine:
    """The engine on the server of MEILISEARCH_URL; skips the test where there is none."""
    if not settings.TEST_MEILISEARCH_URL:
        pytest.skip("MEILISEARCH_URL is not set")
    return MeilisearchEngine(
        settings.TEST_MEILISEARCH_URL, settings.MEILISEARCH_KEY, settings.MEILISEARCH_PREFIX
    )


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, db: None, _indexes: None) -> Iterator[SearchEngine]:
    """An empty search engine."""
    made = ENGINES[request.param]()
    for index in Index:
        made.reset(index)
    yield made
    for index in Index:
        made.reset(index)


@pytest.fixture(scope="session")
def _indexes() -> Iterator[None]:
    """Leaves no index of this run behind."""
    yield
    if settings.TEST_MEILISEARCH_URL:
        meilisearch_engine().remove()
