"""Follow requests by their id."""

from __future__ import annotations

from typing import Final

from graph import driver

ASKER: Final = """
MATCH (target:Account {account_id: $target_id})
OPTIONAL MATCH (target)<-[:REQUESTED {request_id: $request_id}]-(waiting)
OPTIONAL MATCH (target)<-[:FOLLOWS {request_id: $request_id}]-(accepted)
RETURN coalesce(waiting.account_id, accepted.account_id)
"""


def find_asker(target_id: int, request_id: int) -> int | None:
    """Who sent the request `request_id` to `target_id`, pending or already accepted; None where there is no such
    request to them. Raises GraphUnavailable."""
    rows = driver.read(ASKER, target_id=target_id, request_id=request_id)
    return rows[0][0] if rows else None
