"""R30, R32, R33: full and scoped blocks."""

from __future__ import annotations

import pytest

from graph import writes
from graph.queries import relations
from graph.rows import BlockResult, ScopeRow
from graph.tests.people import ADA, BOB, CYD, account, edges

pytestmark = pytest.mark.usefixtures("graph")

FULL = ScopeRow(all=True, posts=False, stories=False)


def bind_in_every_way() -> None:
    private = account(3, private=True)
    writes.follow(ADA, BOB, request_id=1)
    writes.follow(BOB, ADA, request_id=2)
    writes.add_close_friend(ADA, BOB)
    writes.add_close_friend(BOB, ADA)
    writes.follow(ADA, private, request_id=3)


def test_a_block_ends_follows_and_close_friends_both_ways():
    """R32."""
    bind_in_every_way()
    assert writes.block(BOB, ADA) == BlockResult("blocking", True, True, FULL)
    assert edges(1, 2) == []
    assert edges(2, 1) == ["BLOCKS"]


def test_a_block_ends_a_request_and_leaves_third_parties_alone():
    """R32."""
    bind_in_every_way()
    writes.block(account(3, private=True), ADA)
    assert edges(1, 3) == []
    assert edges(1, 2) == ["CLOSE_FRIEND", "FOLLOWS"]


def test_unblocking_restores_nothing():
    """R32."""
    bind_in_every_way()
    writes.block(ADA, BOB)
    assert writes.unblock(1, 2) is True
    assert writes.unblock(1, 2) is False
    assert edges(1, 2) == edges(2, 1) == []


@pytest.mark.parametrize("scope", ["posts", "stories"])
def test_a_scoped_block_severs_nothing(scope):
    """R33."""
    bind_in_every_way()
    result = writes.block(ADA, BOB, scope=scope)
    assert result.row == ScopeRow(all=False, posts=scope == "posts", stories=scope == "stories")
    assert edges(1, 2) == ["BLOCKS", "CLOSE_FRIEND", "FOLLOWS"]
    assert edges(2, 1) == ["CLOSE_FRIEND", "FOLLOWS"]


def test_scopes_add_up_and_a_full_block_absorbs_them():
    """R33."""
    both = ScopeRow(all=False, posts=True, stories=True)
    writes.block(ADA, BOB, scope="posts")
    assert writes.block(ADA, BOB, scope="posts") == BlockResult(
        "blocking", False, False, ScopeRow(False, True, False)
    )
    assert writes.block(ADA, BOB, scope="stories") == BlockResult("blocking", False, True, both)
    assert writes.block(ADA, BOB) == BlockResult("blocking", False, True, FULL)
    assert writes.block(ADA, BOB, scope="posts") == BlockResult("blocking", False, False, FULL)
    assert edges(1, 2) == ["BLOCKS"]


def test_one_scope_can_be_taken_back_and_the_last_one_ends_the_block():
    writes.block(ADA, BOB, scope="posts")
    writes.block(ADA, BOB, scope="stories")
    assert writes.unblock(1, 2, scope="all") is False
    assert writes.unblock(1, 2, scope="posts") is True
    assert writes.unblock(1, 2, scope="posts") is False
    assert relations.load_relations(1, [2])[2].blocking == ScopeRow(False, False, True)
    assert writes.unblock(1, 2, scope="stories") is True
    assert edges(1, 2) == []


def test_a_full_block_has_no_scope_to_take_back_but_itself():
    writes.block(ADA, BOB)
    assert writes.unblock(1, 2, scope="stories") is False
    assert relations.load_relations(1, [2])[2].blocking == FULL
    assert writes.unblock(1, 2, scope="all") is True
    assert edges(1, 2) == []


def test_the_blocked_cannot_block_back():
    """R30: no new edge to one who blocked me."""
    writes.block(ADA, BOB)
    assert writes.block(BOB, ADA) == BlockResult("blocked_by_target", False, False, None)
    assert writes.block(BOB, ADA, scope="posts").outcome == "blocked_by_target"
    assert edges(2, 1) == []


def test_the_blocked_can_still_take_back_an_own_scoped_block():
    """R30: deleting an own edge always works."""
    writes.block(BOB, ADA, scope="posts")
    writes.block(ADA, BOB)
    assert writes.unblock(2, 1) is True


def test_a_scoped_block_of_theirs_does_not_hinder_mine():
    writes.block(BOB, ADA, scope="posts")
    assert writes.block(ADA, BOB).outcome == "blocking"
    assert edges(2, 1) == ["BLOCKS"]


def test_who_is_inactive_cannot_be_blocked():
    """R17."""
    assert writes.block(ADA, account(2, active=False)).outcome == "inactive"
    writes.set_active(CYD, False)
    assert writes.block(ADA, CYD).outcome == "inactive"
    assert edges(1, 2) == edges(1, 3) == []
