"""Values on their way to the driver and back: times, accounts, the properties of edges."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from graph.rows import AccountFacts, MuteRow, ScopeRow
from project.kernel import clock


def fact_map(account: AccountFacts) -> dict[str, Any]:
    """An account as a Cypher map whose keys are the node's properties."""
    return {
        "account_id": account.account_id,
        "username": account.username,
        "full_name": account.full_name,
        "private": account.private,
        "active": account.active,
    }


def moment(now: datetime | None) -> datetime:
    """`now` in UTC, or the present. Edges ordered by time must not differ by zone as well."""
    return (now or clock.now()).astimezone(UTC)


def utc(value: Any) -> datetime:
    """A Neo4j DateTime as an aware datetime. Everything we store has whole microseconds, so nothing is cut
    off."""
    native: datetime = value.to_native()
    return native.astimezone(UTC)


def utc_or_none(value: Any) -> datetime | None:
    """The same for a property that may be absent."""
    return None if value is None else utc(value)


def scope_row(full: bool, posts: bool, stories: bool) -> ScopeRow:
    """A block edge's properties as a row."""
    return ScopeRow(bool(full), bool(posts), bool(stories))


def mute_row(posts: bool, stories: bool, notifications: bool, expires_at: Any) -> MuteRow:
    """A mute edge's properties as a row."""
    return MuteRow(bool(posts), bool(stories), bool(notifications), utc_or_none(expires_at))
