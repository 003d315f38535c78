"""Which engine this installation uses. Adding one: a module with a class as `search.engine.SearchEngine`
says, and a line here."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from search.engine import SearchEngine
from search.meilisearch import MeilisearchEngine
from search.postgres import PostgresEngine


def get_engine() -> SearchEngine:
    """The engine of this process, which any thread may use: Meilisearch where MEILISEARCH_URL names one, else
    PostgreSQL."""
    return _engine(settings.MEILISEARCH_URL, settings.MEILISEARCH_KEY, settings.MEILISEARCH_PREFIX)


@lru_cache(maxsize=4)
def _engine(url: str | None, key: str | None, prefix: str) -> SearchEngine:
    return MeilisearchEngine(url, key, prefix) if url else PostgresEngine()
