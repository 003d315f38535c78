"""Which engine this installation uses. Adding one: a module with a class as `search.engine.SearchEngine`
says, and a line here."""

from __future__ import annotations

from functools import lru_cache

from search.engine import SearchEngine
from search.postgres import PostgresEngine


@lru_cache(maxsize=1)
def get_engine() -> SearchEngine:
    """The engine of this process; it keeps no connection of its own and may be used by any thread."""
    return PostgresEngine()
