"""Follows and follow requests: R20, R21, R30, R31, R37. A request is the edge REQUESTED, a follow the edge
FOLLOWS; between two accounts there is at most one of them in each direction."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from graph import driver
from graph.rows import AcceptResult, AccountFacts, FollowResult
from graph.values import moment
from graph.writes.locking import (
    LOCK_EXISTING_PAIR,
    LOCK_PAIR,
    LOCK_TARGET,
    lock_existing_pair,
    lock_pair,
)

FOLLOW: Final = (
    LOCK_PAIR
    + """
OPTIONAL MATCH (source)-[follow:FOLLOWS]->(target)
OPTIONAL MATCH (source)-[request:REQUESTED]->(target)
WITH source, target, follow, request, CASE
  WHEN EXISTS { (target)-[:BLOCKS {all: true}]->(source) } THEN 'blocked_by_target'
  WHEN NOT ($active AND source.active AND target.active) THEN 'inactive'
  WHEN EXISTS { (source)-[:BLOCKS {all: true}]->(target) } THEN 'blocking_target'
  WHEN follow IS NOT NULL THEN 'following'
  WHEN $private OR target.private THEN 'requested'
  ELSE 'following'
END AS outcome
WITH source, target, outcome, request,
     CASE outcome WHEN 'following' THEN follow IS NULL
                  WHEN 'requested' THEN request IS NULL
                  ELSE false END AS created,
     CASE outcome WHEN 'requested' THEN coalesce(request.request_id, $request_id) END AS request_id
FOREACH (_ IN CASE WHEN created AND outcome = 'following' THEN [1] ELSE [] END |
  MERGE (source)-[made:FOLLOWS]->(target)
  ON CREATE SET made.since = $now, made.request_id = request.request_id
)
FOREACH (_ IN CASE WHEN created AND outcome = 'requested' THEN [1] ELSE [] END |
  MERGE (source)-[made:REQUESTED]->(target) ON CREATE SET made.since = $now, made.request_id = request_id
)
FOREACH (answered IN CASE WHEN outcome = 'following' THEN [request] ELSE [] END | DELETE answered)
RETURN outcome, created, request_id
"""
)

UNFOLLOW: Final = (
    LOCK_EXISTING_PAIR
    + """
MATCH (source)-[edge:FOLLOWS|REQUESTED]->(target)
DELETE edge
RETURN count(*) > 0
"""
)

REMOVE_FOLLOWER: Final = (
    LOCK_EXISTING_PAIR
    + """
MATCH (source)-[edge:FOLLOWS]->(target)
DELETE edge
RETURN count(*) > 0
"""
)

CANCEL_REQUEST: Final = (
    LOCK_EXISTING_PAIR
    + """
MATCH (source)-[edge:REQUESTED]->(target)
DELETE edge
RETURN count(*) > 0
"""
)

# Finds the request, or the follow it has become: a repeated accept must find what the first one did. Before
# many edges carry a request id, the planner would rather walk all of them; the hints keep it to the index.
ACCEPT: Final = (
    LOCK_TARGET
    + """
OPTIONAL MATCH (waiting:Account)-[request:REQUESTED {request_id: $request_id}]->(target)
USING INDEX request:REQUESTED(request_id)
OPTIONAL MATCH (accepted:Account)-[follow:FOLLOWS {request_id: $request_id}]->(target)
USING INDEX follow:FOLLOWS(request_id)
WITH target, coalesce(waiting, accepted) AS asker, request, follow
WHERE asker.active AND target.active AND NOT EXISTS { (asker)-[:BLOCKS {all: true}]-(target) }
FOREACH (_ IN CASE WHEN follow IS NULL THEN [1] ELSE [] END |
  MERGE (asker)-[made:FOLLOWS]->(target) ON CREATE SET made.since = $now, made.request_id = $request_id
)
FOREACH (answered IN [request] | DELETE answered)
RETURN asker.account_id, follow IS NULL
"""
)

REJECT: Final = (
    LOCK_TARGET
    + """
MATCH (:Account)-[request:REQUESTED {request_id: $request_id}]->(target)
USING INDEX request:REQUESTED(request_id)
DELETE request
RETURN count(*) > 0
"""
)


def follow(
    source: AccountFacts, target: AccountFacts, *, request_id: int, now: datetime | None = None
) -> FollowResult:
    """Make `source` follow `target`, or ask to, if either store says that `target` is private (R38).
    Idempotent.

    `request_id` is used only if this call makes a request; a pending one keeps and answers its own. A request
    that no longer needs an answer becomes a follow. Raises GraphUnavailable, ValueError for a follow of
    oneself."""
    ((outcome, created, request),) = driver.write(
        FOLLOW,
        **lock_pair(source, target),
        private=target.private,
        request_id=request_id,
        now=moment(now),
    )
    return FollowResult(outcome, created, request)


def unfollow(source_id: int, target_id: int) -> bool:
    """End the follow, or withdraw the request, of `source_id`; whether there was one. Always allowed
    (R30)."""
    return _ended(UNFOLLOW, source_id, target_id)


def cancel_request(source_id: int, target_id: int) -> bool:
    """Withdraw the pending request only; a follow stays. Whether there was one."""
    return _ended(CANCEL_REQUEST, source_id, target_id)


def remove_follower(owner_id: int, follower_id: int) -> bool:
    """End the follow of `follower_id`; whether there was one. A pending request stays: it is rejected by its
    id."""
    return _ended(REMOVE_FOLLOWER, follower_id, owner_id)


def accept_request(target_id: int, request_id: int, *, now: datetime | None = None) -> AcceptResult:
    """Turn the request `request_id` to `target_id` into a follow, and answer the same when asked again.

    `gone`: no such request, someone else's, withdrawn, or from someone since blocked or inactive (R20)."""
    rows = driver.write(ACCEPT, target_id=target_id, request_id=request_id, now=moment(now))
    if not rows:
        return AcceptResult("gone", None, False)
    ((follower_id, created),) = rows
    return AcceptResult("accepted", follower_id, created)


def reject_request(target_id: int, request_id: int) -> bool:
    """Drop the pending request `request_id` to `target_id`; whether there was one."""
    return _any(driver.write(REJECT, target_id=target_id, request_id=request_id))


def _ended(statement: str, source_id: int, target_id: int) -> bool:
    return _any(driver.write(statement, **lock_existing_pair(source_id, target_id)))


def _any(rows: list[driver.Row]) -> bool:
    return bool(rows and rows[0][0])
