"""From the driver's values to ours: aware UTC datetimes and small rows. Shared by the queries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from graph.rows import MuteRow, ScopeRow


def utc(value: Any) -> datetime:
    """A Neo4j DateTime as an aware datetime. Everything we store has whole microseconds, so nothing is cut
    off."""
    return _native(value).astimezone(UTC)


def utc_or_none(value: Any) -> datetime | None:
    """The same for a property that may be absent."""
    return None if value is None else utc(value)


def scope_row(full: bool, posts: bool, stories: bool) -> ScopeRow:
    """A block edge's properties as a row."""
    return ScopeRow(bool(full), bool(posts), bool(stories))


def mute_row(posts: bool, stories: bool, notifications: bool, expires_at: Any) -> MuteRow:
    """A mute edge's properties as a row."""
    return MuteRow(bool(posts), bool(stories), bool(notifications), utc_or_none(expires_at))


def _native(value: Any) -> datetime:
    native: datetime = value.to_native()
    return native
