"""Account nodes: what the projection keeps in step, the switches `private` and `active`, and the purge.

Switching is a relationship write (R38): it takes the node's lock, so every follow happens wholly before or
wholly after it. The projection is not a switch: it copies the truth and accepts nobody's request."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from graph import driver
from graph.rows import AccountFacts
from graph.values import fact_map, moment

# Setting a property locks the node, also when the value stays the same.
UPSERT: Final = """
MERGE (me:Account {account_id: $fact.account_id})
SET me.username = $fact.username, me.full_name = $fact.full_name,
    me.private = $fact.private, me.active = $fact.active
"""

_MERGE_ACCOUNT: Final = """
MERGE (me:Account {account_id: $fact.account_id})
ON CREATE SET me.username = $fact.username, me.full_name = $fact.full_name,
              me.private = $fact.private, me.active = $fact.active
"""

CLOSE: Final = (
    _MERGE_ACCOUNT
    + """
SET me.private = true
"""
)

# The node's own lock is enough here: whatever could give the asker a block, a follow or a withdrawn request
# with this account needs the lock of this account too.
OPEN: Final = (
    _MERGE_ACCOUNT
    + """
SET me.private = false
WITH me
MATCH (asker:Account)-[request:REQUESTED]->(me)
WITH me, asker, request, request.request_id AS request_id,
     asker.active AND NOT EXISTS { (asker)-[:BLOCKS {all: true}]-(me) } AS accepted
FOREACH (_ IN CASE WHEN accepted THEN [1] ELSE [] END |
  MERGE (asker)-[made:FOLLOWS]->(me) ON CREATE SET made.since = $now, made.request_id = request_id
)
DELETE request
WITH CASE WHEN accepted THEN asker.account_id END AS asker_id ORDER BY asker_id
RETURN collect(asker_id)
"""
)

# Under the lock, so that an opening whose answer was lost has ended when this is read.
NODE_IS_PUBLIC: Final = """
MATCH (me:Account {account_id: $account_id})
SET me.account_id = $account_id
RETURN NOT me.private
"""

SET_ACTIVE: Final = (
    _MERGE_ACCOUNT
    + """
SET me.active = $active
"""
)

DELETE_SOME_EDGES: Final = """
MATCH (me:Account {account_id: $account_id})
SET me.active = false
WITH me
MATCH (me)-[edge]-()
WITH edge LIMIT $most
DELETE edge
RETURN count(*)
"""

DELETE_NODE: Final = """
MATCH (me:Account {account_id: $account_id}) DETACH DELETE me
"""

# One transaction must end in time also for an account that millions follow.
EDGES_A_TRANSACTION: Final = 10_000


def upsert_account(account: AccountFacts) -> None:
    """Write the account as Postgres has it. Twice is once. Opens nothing: requests stay pending also when
    this makes the node public; `set_private` is what answers them."""
    driver.write(UPSERT, fact=fact_map(account))


def set_private(account: AccountFacts, private: bool, *, now: datetime | None = None) -> list[int]:
    """Close or open an account under its lock. Returns the ids of those whose requests became follows,
    ascending.

    Closing keeps followers and returns []. Opening turns every pending request of an active account, not in a
    full block with this one either way, into a follow, and drops the others (R21)."""
    if private:
        driver.write(CLOSE, fact=fact_map(account))
        return []
    ((accepted,),) = driver.write(OPEN, fact=fact_map(account), now=moment(now))
    return list(accepted)


def node_is_public(account_id: int) -> bool:
    """Whether the node says so, under its lock; False where there is none. Only for finishing an opening: who may
    see what is decided by Postgres."""
    rows = driver.write(NODE_IS_PUBLIC, account_id=account_id)
    return bool(rows and rows[0][0])


def set_active(account: AccountFacts, active: bool) -> None:
    """Take the account out of every list and count, or bring it back, under its lock. Its edges stay
    (R17)."""
    driver.write(SET_ACTIVE, fact=fact_map(account), active=active)


def delete_account(account_id: int, *, batch: int = EDGES_A_TRANSACTION) -> None:
    """Remove the account with all its edges, in several transactions if it has many; can be run again and
    resumed."""
    while True:
        rows = driver.write(DELETE_SOME_EDGES, account_id=account_id, most=batch)
        if not rows or rows[0][0] < batch:
            break
    driver.write(DELETE_NODE, account_id=account_id)
