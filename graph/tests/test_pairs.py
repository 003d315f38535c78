"""What leads from one account to another, many pairs at once; and the head of an account's lists."""

from __future__ import annotations

import pytest

from graph import writes
from graph.queries.relations import askers_of, load_head, load_pairs, load_relations
from graph.rows import CountsRow, PairRow, RelationRow
from graph.tests.people import ADA, BOB, CYD, DAN, PRIVATE_BOB, account, at

pytestmark = pytest.mark.usefixtures("graph")


def test_a_pair_tells_the_follow_and_the_request_it_came_from():
    writes.follow(ADA, PRIVATE_BOB, request_id=7, now=at(1))
    waiting = PairRow(1, 2, requested_since=at(1), request_id=7)
    assert load_pairs([(1, 2), (2, 1)]) == {(1, 2): waiting, (2, 1): PairRow(2, 1)}
    writes.accept_request(2, 7, now=at(2))
    assert load_pairs([(1, 2)]) == {(1, 2): PairRow(1, 2, following_since=at(2), accepted_request_id=7)}
    writes.follow(BOB, ADA, request_id=8, now=at(3))
    assert load_pairs([(2, 1)])[2, 1] == PairRow(2, 1, following_since=at(3))


def test_a_full_block_severs_both_directions_and_a_scoped_one_neither():
    writes.block(ADA, BOB, scope="posts")
    writes.block(ADA, CYD)
    found = load_pairs([(1, 2), (1, 3), (3, 1), (1, 2), (4, 9)])
    assert {pair: row.severed for pair, row in found.items()} == {
        (1, 2): False,
        (1, 3): True,
        (3, 1): True,
        (4, 9): False,
    }


def test_those_who_asked_come_by_request_id_whether_they_wait_or_were_accepted():
    for request_id, asker in ((5, ADA), (6, CYD), (9, DAN)):
        writes.follow(asker, PRIVATE_BOB, request_id=request_id)
    writes.accept_request(2, 6)
    writes.follow(account(8), account(3), request_id=99)
    assert askers_of(2) == [(5, 1), (6, 3), (9, 4)]
    assert askers_of(2, after=5, limit=1) == [(6, 3)]
    assert askers_of(3) == []


def test_the_head_of_a_list_is_the_relation_and_the_counts():
    writes.follow(ADA, BOB, request_id=1)
    writes.follow(CYD, BOB, request_id=1)
    writes.follow(BOB, DAN, request_id=1)
    writes.mute(ADA, BOB, posts=True, stories=True, notifications=True, expires_at=at(9), now=at(0))
    writes.set_active(CYD, False)
    for moment in (at(0), at(9)):
        relation, counts = load_head(1, 2, now=moment)
        assert relation == load_relations(1, [2], now=moment)[2]
        assert counts == CountsRow(1, 1)
    assert load_head(2, 2) == (RelationRow(2), CountsRow(1, 1))
    assert load_head(None, 2) == (RelationRow(2), CountsRow(1, 1))
    assert load_head(1, 99) == (RelationRow(99), CountsRow())
