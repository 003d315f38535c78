"""Follow requests by their id."""

from __future__ import annotations

from typing import Final

from graph import driver

# An accepted request is found as the follow it became. It is looked for second, and `collect` keeps the
# planner from changing that: looked for first, it could be missed on both sides of its acceptance. The hints
# keep to the index.
_TARGET: Final = "MATCH (target:Account {account_id: $target_id})\n"
_ASKER: Final = """
OPTIONAL MATCH (waiting:Account)-[request:REQUESTED {request_id: $request_id}]->(target)
USING INDEX request:REQUESTED(request_id)
WITH target, collect(waiting.account_id) AS waiting
OPTIONAL MATCH (accepted:Account)-[follow:FOLLOWS {request_id: $request_id}]->(target)
USING INDEX follow:FOLLOWS(request_id)
RETURN coalesce(waiting[0], accepted.account_id)
"""
ASKER: Final = _TARGET + _ASKER
# A commit reaches the two indexes one after the other, so an acceptance at this moment can be in neither. Under the
# lock of the account that accepts it has ended or not begun.
ASKER_LOCKED: Final = _TARGET + "SET target.account_id = $target_id\nWITH target" + _ASKER


def find_asker(target_id: int, request_id: int) -> int | None:
    """Who sent the request `request_id` to `target_id`, pending or already accepted; None where there is no
    such request to them. Raises GraphUnavailable."""
    asked = {"target_id": target_id, "request_id": request_id}
    rows = driver.read(ASKER, **asked)
    if rows and rows[0][0] is None:
        rows = driver.write(ASKER_LOCKED, **asked)
    return rows[0][0] if rows else None
