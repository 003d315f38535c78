"""The one clock. Microsecond UTC; what is paged by time is never cut shorter on its way to a cursor."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)
