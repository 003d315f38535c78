"""How many: followers, following, pending requests, close friends. One truth, the same for every viewer (R36)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from graph import driver
from graph.rows import CountsRow

COUNTS: Final = """
UNWIND $ids AS id
MATCH (n:Account {account_id: id})
RETURN collect([
  id,
  COUNT { (n)<-[:FOLLOWS]-(other) WHERE other.active },
  COUNT { (n)-[:FOLLOWS]->(other) WHERE other.active }
])
"""

PENDING_REQUESTS: Final = """
MATCH (:Account {account_id: $owner_id})<-[:REQUESTED]-(other) WHERE other.active RETURN count(*)
"""

CLOSE_FRIENDS: Final = """
MATCH (:Account {account_id: $owner_id})-[:CLOSE_FRIEND]->(other) WHERE other.active RETURN count(*)
"""


def load_counts(ids: Sequence[int]) -> dict[int, CountsRow]:
    """Active followers and active followed accounts of each id, in one statement; zeros for an unknown id.

    Costs as much as these accounts have edges. Raises GraphUnavailable."""
    answer = dict.fromkeys(ids, CountsRow())
    if answer:
        ((found,),) = driver.read(COUNTS, ids=list(answer))
        answer.update((id_, CountsRow(followers, following)) for id_, followers, following in found)
    return answer


def pending_requests_count(owner_id: int) -> int:
    """How many active accounts wait for the owner's answer. Raises GraphUnavailable."""
    ((count,),) = driver.read(PENDING_REQUESTS, owner_id=owner_id)
    return int(count)


def close_friends_count(owner_id: int) -> int:
    """How many active accounts are on the owner's close friends list. Raises GraphUnavailable."""
    ((count,),) = driver.read(CLOSE_FRIENDS, owner_id=owner_id)
    return int(count)
