"""Follow requests by their id."""

from __future__ import annotations

from typing import Final

from graph import driver

# An accepted request is found as the follow it became. It is looked for second, and `collect` keeps the
# planner from changing that: looked for first, it could be missed on both sides of its acceptance. The hints
# keep to the index.
ASKER: Final = """
MATCH (target:Account {account_id: $target_id})
OPTIONAL MATCH (waiting:Account)-[request:REQUESTED {request_id: $request_id}]->(target)
USING INDEX request:REQUESTED(request_id)
WITH target, collect(waiting.account_id) AS waiting
OPTIONAL MATCH (accepted:Account)-[follow:FOLLOWS {request_id: $request_id}]->(target)
USING INDEX follow:FOLLOWS(request_id)
RETURN coalesce(waiting[0], accepted.account_id)
"""


def find_asker(target_id: int, request_id: int) -> int | None:
    """Who sent the request `request_id` to `target_id`, pending or already accepted; None where there is no
    such request to them. Raises GraphUnavailable."""
    rows = driver.read(ASKER, target_id=target_id, request_id=request_id)
    return rows[0][0] if rows else None
