"""R20, R30, R31, R37, R38, R39: what becomes of a follow, and of a request."""

from __future__ import annotations

import pytest

from graph import bulk, writes
from graph.queries import lists, relations
from graph.queries.requests import find_asker
from graph.rows import AcceptResult, FollowResult
from graph.tests.people import ADA, BOB, CYD, PRIVATE_BOB, account, at, edges

pytestmark = pytest.mark.usefixtures("graph")


def test_following_a_public_account_makes_one_edge_however_often_it_is_asked():
    """R30, R37."""
    assert writes.follow(ADA, BOB, request_id=1) == FollowResult("following", True, None)
    assert writes.follow(ADA, BOB, request_id=2) == FollowResult("following", False, None)
    assert edges(1, 2) == ["FOLLOWS"]


def test_a_follow_makes_the_nodes_that_a_projection_has_not_made_yet():
    """R39."""
    writes.follow(ADA, PRIVATE_BOB, request_id=1)
    assert bulk.account_facts([1, 2]) == {1: ADA, 2: PRIVATE_BOB}


def test_following_a_private_account_makes_one_request_and_answers_its_id_again():
    """R20."""
    assert writes.follow(ADA, PRIVATE_BOB, request_id=7) == FollowResult("requested", True, 7)
    assert writes.follow(ADA, PRIVATE_BOB, request_id=8) == FollowResult("requested", False, 7)
    assert edges(1, 2) == ["REQUESTED"]


def test_a_follow_becomes_a_request_if_either_store_says_private():
    """R38."""
    writes.upsert_account(PRIVATE_BOB)
    assert writes.follow(ADA, BOB, request_id=1).outcome == "requested"
    writes.upsert_account(CYD)
    assert writes.follow(ADA, account(3, private=True), request_id=2).outcome == "requested"


def test_a_request_to_an_account_that_both_stores_call_public_becomes_a_follow():
    writes.follow(ADA, PRIVATE_BOB, request_id=1)
    writes.upsert_account(BOB)
    assert writes.follow(ADA, BOB, request_id=2) == FollowResult("following", True, None)
    assert edges(1, 2) == ["FOLLOWS"]


def test_an_existing_follow_stays_when_the_account_has_become_private():
    writes.follow(ADA, BOB, request_id=1)
    writes.set_private(BOB, True)
    assert writes.follow(ADA, PRIVATE_BOB, request_id=2) == FollowResult("following", False, None)
    assert edges(1, 2) == ["FOLLOWS"]


@pytest.mark.parametrize("scope", ["posts", "stories"])
def test_a_scoped_block_keeps_nobody_from_following(scope):
    """R33."""
    writes.block(ADA, BOB, scope=scope)
    writes.block(BOB, ADA, scope=scope)
    assert writes.follow(ADA, BOB, request_id=1).outcome == "following"


def test_a_full_block_prevents_a_follow_and_tells_which_side_made_it():
    """R30."""
    writes.block(BOB, ADA)
    assert writes.follow(ADA, BOB, request_id=1) == FollowResult("blocked_by_target", False, None)
    assert writes.follow(BOB, ADA, request_id=1) == FollowResult("blocking_target", False, None)
    assert edges(1, 2) == []
    assert edges(2, 1) == ["BLOCKS"]


def test_who_is_inactive_by_either_store_is_neither_followed_nor_follows():
    """R17, R39."""
    gone = account(2, active=False)
    assert writes.follow(ADA, gone, request_id=1).outcome == "inactive"
    assert writes.follow(gone, ADA, request_id=1).outcome == "inactive"
    writes.set_active(CYD, False)
    assert writes.follow(ADA, CYD, request_id=1).outcome == "inactive"
    assert writes.follow(CYD, ADA, request_id=1).outcome == "inactive"
    assert bulk.relationship_totals()["FOLLOWS"] == 0


def test_nobody_follows_themselves():
    """R30: callers refuse it; the graph has no statement for it."""
    with pytest.raises(ValueError, match="itself"):
        writes.follow(ADA, ADA, request_id=1)


def test_unfollowing_ends_a_follow_or_a_request_and_says_whether_there_was_one():
    """R30."""
    writes.follow(ADA, BOB, request_id=1)
    writes.follow(ADA, account(3, private=True), request_id=2)
    assert writes.unfollow(1, 2) is True
    assert writes.unfollow(1, 2) is False
    assert writes.unfollow(1, 3) is True
    assert writes.unfollow(1, 99) is False
    assert edges(1, 2) == edges(1, 3) == []


def test_unfollowing_leaves_the_other_direction_alone():
    writes.follow(ADA, BOB, request_id=1)
    writes.follow(BOB, ADA, request_id=2)
    writes.unfollow(1, 2)
    assert edges(2, 1) == ["FOLLOWS"]


def test_an_own_edge_can_always_be_ended():
    """R30: also towards one who is gone."""
    writes.follow(ADA, BOB, request_id=1)
    writes.set_active(BOB, False)
    assert writes.unfollow(1, 2) is True


def test_cancelling_withdraws_a_request_and_not_a_follow():
    """R20."""
    writes.follow(ADA, PRIVATE_BOB, request_id=1)
    writes.follow(ADA, CYD, request_id=2)
    assert writes.cancel_request(1, 2) is True
    assert writes.cancel_request(1, 2) is False
    assert writes.cancel_request(1, 3) is False
    assert (edges(1, 2), edges(1, 3)) == ([], ["FOLLOWS"])


def test_removing_a_follower_ends_their_follow_and_not_mine():
    """R31."""
    writes.follow(ADA, BOB, request_id=1)
    writes.follow(BOB, ADA, request_id=2)
    assert writes.remove_follower(2, 1) is True
    assert writes.remove_follower(2, 1) is False
    assert (edges(1, 2), edges(2, 1)) == ([], ["FOLLOWS"])


def test_removing_a_follower_is_no_answer_to_a_request():
    writes.follow(ADA, PRIVATE_BOB, request_id=1)
    assert writes.remove_follower(2, 1) is False
    assert edges(1, 2) == ["REQUESTED"]


def test_only_the_target_accepts_and_the_request_becomes_a_follow():
    """R20."""
    writes.follow(ADA, PRIVATE_BOB, request_id=5)
    assert writes.accept_request(1, 5) == AcceptResult("gone", None, False)
    assert writes.accept_request(3, 5) == AcceptResult("gone", None, False)
    assert writes.accept_request(2, 6) == AcceptResult("gone", None, False)
    assert writes.accept_request(2, 5) == AcceptResult("accepted", 1, True)
    assert edges(1, 2) == ["FOLLOWS"]


def test_accepting_twice_answers_the_same_so_that_a_lost_answer_can_be_asked_for_again():
    """R81."""
    writes.follow(ADA, PRIVATE_BOB, request_id=5)
    writes.accept_request(2, 5)
    assert writes.accept_request(2, 5) == AcceptResult("accepted", 1, False)
    writes.unfollow(1, 2)
    assert writes.accept_request(2, 5).outcome == "gone"


def test_a_follow_dates_from_its_acceptance():
    writes.follow(ADA, PRIVATE_BOB, request_id=5, now=at(0))
    writes.accept_request(2, 5, now=at(60))
    assert [row.since for row in lists.followers(2, limit=5)] == [at(60)]


@pytest.mark.parametrize("gone", ["cancelled", "blocked by me", "blocked by them", "inactive"])
def test_accepting_from_someone_since_blocked_or_gone_finds_nothing(gone):
    """R20."""
    writes.follow(ADA, PRIVATE_BOB, request_id=5)
    if gone == "cancelled":
        writes.cancel_request(1, 2)
    elif gone == "blocked by me":
        writes.block(PRIVATE_BOB, ADA)
    elif gone == "blocked by them":
        writes.block(ADA, PRIVATE_BOB)
    else:
        writes.set_active(ADA, False)
    assert writes.accept_request(2, 5).outcome == "gone"
    assert "FOLLOWS" not in edges(1, 2)


def test_only_the_target_rejects_and_nothing_remains():
    """R20."""
    writes.follow(ADA, PRIVATE_BOB, request_id=5)
    assert writes.reject_request(1, 5) is False
    assert writes.reject_request(2, 6) is False
    assert writes.reject_request(2, 5) is True
    assert writes.reject_request(2, 5) is False
    assert edges(1, 2) == []
    assert relations.load_relations(1, [2])[2].requested is None


def test_who_was_rejected_may_ask_again_under_a_new_id():
    writes.follow(ADA, PRIVATE_BOB, request_id=5)
    writes.reject_request(2, 5)
    assert writes.follow(ADA, PRIVATE_BOB, request_id=6) == FollowResult("requested", True, 6)


def test_the_asker_is_found_while_the_request_waits_and_after_it_was_accepted():
    writes.follow(ADA, PRIVATE_BOB, request_id=5)
    assert (find_asker(2, 5), find_asker(3, 5), find_asker(99, 5), find_asker(2, 6)) == (1, None, None, None)
    writes.accept_request(2, 5)
    assert find_asker(2, 5) == 1
    writes.unfollow(1, 2)
    assert find_asker(2, 5) is None
