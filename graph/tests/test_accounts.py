"""R17, R21, R38: nodes, switches and the purge."""

from __future__ import annotations

import pytest

from graph import bulk, driver, writes
from graph.queries import counts, lists
from graph.rows import CountsRow
from graph.tests.people import ADA, BOB, CYD, DAN, PRIVATE_BOB, account, at, edges

pytestmark = pytest.mark.usefixtures("graph")


def test_the_projection_twice_is_the_projection_once():
    """R80."""
    writes.upsert_account(ADA)
    renamed = account(1, private=True, name="Ada L.")
    writes.upsert_account(renamed)
    writes.upsert_account(renamed)
    assert bulk.account_facts([1]) == {1: renamed}
    assert bulk.accounts_total() == 1


def test_the_projection_answers_nobodys_request():
    """R38: only the switch does, in one statement with the node."""
    writes.follow(ADA, PRIVATE_BOB, request_id=1)
    writes.upsert_account(BOB)
    assert edges(1, 2) == ["REQUESTED"]


def test_opening_accepts_who_is_active_and_in_no_block_and_drops_the_others():
    """R21."""
    eve, fay = account(5), account(6)
    for request_id, asker in enumerate((ADA, CYD, DAN, eve, fay), start=1):
        writes.follow(asker, PRIVATE_BOB, request_id=request_id)
    writes.set_active(CYD, False)
    # Blocking ends a request by itself. Opening must not rely on that, so one is put back by hand.
    writes.block(DAN, PRIVATE_BOB)
    driver.write(
        "MATCH (a:Account {account_id: 4}), (b:Account {account_id: 2}) "
        "CREATE (a)-[:REQUESTED {since: $now, request_id: 3}]->(b)",
        now=at(0),
    )
    writes.block(eve, PRIVATE_BOB, scope="posts")
    assert writes.set_private(PRIVATE_BOB, False, now=at(9)) == [1, 5, 6]
    assert edges(1, 2) == ["FOLLOWS"]
    assert edges(3, 2) == []
    assert edges(4, 2) == ["BLOCKS"]
    assert edges(5, 2) == ["BLOCKS", "FOLLOWS"]
    assert {row.since for row in lists.followers(2, limit=9)} == {at(9)}
    assert bulk.account_facts([2])[2].private is False
    assert writes.set_private(BOB, False) == []


def test_a_request_accepted_by_opening_answers_a_late_accept():
    writes.follow(ADA, PRIVATE_BOB, request_id=4)
    writes.set_private(PRIVATE_BOB, False)
    assert writes.accept_request(2, 4).outcome == "accepted"


def test_closing_keeps_followers_and_turns_new_ones_into_requests():
    """R21."""
    writes.follow(ADA, BOB, request_id=1)
    assert writes.set_private(BOB, True) == []
    assert edges(1, 2) == ["FOLLOWS"]
    assert writes.follow(CYD, BOB, request_id=2).outcome == "requested"


def test_switching_an_account_that_the_graph_does_not_know_makes_its_node():
    writes.set_private(BOB, True)
    writes.set_active(ADA, False)
    assert bulk.account_facts([1, 2]) == {1: account(1, active=False), 2: PRIVATE_BOB}


def test_an_inactive_account_is_gone_from_lists_and_counts_and_comes_back_whole():
    """R17."""
    writes.follow(ADA, BOB, request_id=1)
    writes.follow(CYD, BOB, request_id=2)
    writes.set_active(ADA, False)
    assert [row.account_id for row in lists.followers(2, limit=9)] == [3]
    assert counts.load_counts([2])[2] == CountsRow(followers=1, following=0)
    writes.set_active(ADA, True)
    assert counts.load_counts([2])[2] == CountsRow(followers=2, following=0)


def test_deleting_takes_every_edge_and_can_be_repeated():
    """R17; in several transactions where there are many edges."""
    for other in range(10, 15):
        writes.follow(account(other), BOB, request_id=other)
        writes.mute(BOB, account(other), posts=True, stories=True, notifications=True, expires_at=None)
    writes.delete_account(2, batch=2)
    writes.delete_account(2)
    assert list(bulk.all_account_ids()) == [10, 11, 12, 13, 14]
    assert set(bulk.relationship_totals().values()) == {0}
