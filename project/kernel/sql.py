"""Running SQL that is written by hand: constants beside the functions that use them, every value a parameter. No
statement lives here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection


def fetch_all(statement: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement, each a tuple of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def execute(statement: str, params: Mapping[str, Any]) -> None:
    """Run a statement that answers nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
