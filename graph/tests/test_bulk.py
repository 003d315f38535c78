"""Loading and comparing in bulk."""

from __future__ import annotations

import pytest

from graph import bulk, writes
from graph.queries import lists
from graph.rows import EdgeRow
from graph.tests.people import ADA, BOB, CYD, PRIVATE_BOB, account, at, edges

pytestmark = pytest.mark.usefixtures("graph")


def test_a_load_in_batches_is_complete_and_reports_its_progress():
    done: list[int] = []
    people = [account(id_) for id_ in range(1, 26)]
    assert bulk.load_accounts(iter(people), batch=10, progress=done.append) == 25
    follows = [(id_, 1, at(id_)) for id_ in range(2, 26)]
    assert bulk.load_follows(iter(follows), batch=10, progress=done.append) == 24
    assert done == [10, 10, 5, 10, 10, 4]
    assert bulk.accounts_total() == 25
    assert bulk.relationship_totals()["FOLLOWS"] == 24


def test_a_load_can_be_repeated_and_keeps_what_is_there():
    """R80: twice is once."""
    writes.follow(ADA, BOB, request_id=1, now=at(1))
    bulk.load_accounts([account(1, name="Ada Again"), BOB])
    assert bulk.load_follows([(1, 2, at(9)), (1, 2, at(10))], batch=1) == 2
    assert edges(1, 2) == ["FOLLOWS"]
    assert lists.followers(2, limit=9) == [EdgeRow(1, at(1))]
    assert bulk.account_facts([1])[1].full_name == "Ada Again"


def test_follows_of_unknown_accounts_and_of_oneself_are_left_out():
    bulk.load_accounts([ADA, BOB])
    assert bulk.load_follows([(1, 99, at(0)), (1, 1, at(0)), (1, 2, at(0))]) == 1


def test_stale_accounts_are_those_the_graph_misses_or_knows_otherwise():
    bulk.load_accounts([ADA, BOB, CYD])
    truth = [ADA, PRIVATE_BOB, account(3, name="Cyd"), account(4)]
    assert list(bulk.stale_accounts(truth, batch=3)) == [2, 3, 4]


def test_all_ids_come_in_order_through_every_batch_size():
    bulk.load_accounts(account(id_) for id_ in (5, 3, 9, 1))
    for batch in (1, 2, 4, 100):
        assert list(bulk.all_account_ids(batch=batch)) == [1, 3, 5, 9]


def test_totals_name_every_kind_of_edge():
    assert bulk.relationship_totals() == {
        "FOLLOWS": 0,
        "REQUESTED": 0,
        "BLOCKS": 0,
        "MUTES": 0,
        "CLOSE_FRIEND": 0,
    }
