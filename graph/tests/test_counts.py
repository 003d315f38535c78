"""R36: one number, the same for every viewer."""

from __future__ import annotations

import pytest

from graph import writes
from graph.queries.counts import load_counts, pending_requests_count
from graph.queries.lists import followers, following
from graph.rows import CountsRow
from graph.tests.people import ADA, BOB, CYD, DAN, PRIVATE_BOB

pytestmark = pytest.mark.usefixtures("graph")


def test_counts_hold_the_active_accounts_in_the_relation():
    """R36, R17."""
    for request_id, (source, target) in enumerate([(ADA, BOB), (CYD, BOB), (DAN, BOB), (BOB, ADA)]):
        writes.follow(source, target, request_id=request_id)
    writes.set_active(DAN, False)
    assert load_counts([1, 2, 3, 99, 1]) == {
        1: CountsRow(followers=1, following=1),
        2: CountsRow(followers=2, following=1),
        3: CountsRow(followers=0, following=1),
        99: CountsRow(),
    }
    assert load_counts([]) == {}


def test_the_owners_list_equals_the_count():
    """R36."""
    for id_, other in enumerate((ADA, CYD, DAN)):
        writes.follow(other, BOB, request_id=id_)
        writes.follow(BOB, other, request_id=id_)
    writes.set_active(CYD, False)
    count = load_counts([2])[2]
    assert (len(followers(2, limit=99)), len(following(2, limit=99))) == (count.followers, count.following)


def test_pending_requests_are_those_of_active_accounts():
    for request_id, asker in enumerate((ADA, CYD, DAN)):
        writes.follow(asker, PRIVATE_BOB, request_id=request_id)
    writes.set_active(DAN, False)
    assert pending_requests_count(2) == 2
    assert pending_requests_count(99) == 0
    assert load_counts([2])[2] == CountsRow()
