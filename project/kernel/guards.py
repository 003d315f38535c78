"""Promises that are checked while code runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections


class QueryNotAllowed(AssertionError):
    """A presenter touched the database."""


def _refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    raise QueryNotAllowed(f"no query may run here: {sql[:200]}")


@contextmanager
def no_queries() -> Iterator[None]:
    """Inside, any SQL raises QueryNotAllowed: a page's queries are spent in hydration, never in presentation."""
    connection = connections["default"]
    with connection.execute_wrapper(_refuse):
        yield
