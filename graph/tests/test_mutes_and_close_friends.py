"""R34, R35, and R30 for the two quiet edges."""

from __future__ import annotations

import pytest

from graph import writes
from graph.queries import relations
from graph.rows import EdgeResult, MuteRow
from graph.tests.people import ADA, BOB, account, at, edges

pytestmark = pytest.mark.usefixtures("graph")


def mute(source=ADA, target=BOB, posts=True, stories=False, notifications=True, expires_at=None, now=at(0)):
    return writes.mute(
        source,
        target,
        posts=posts,
        stories=stories,
        notifications=notifications,
        expires_at=expires_at,
        now=now,
    )


def muting(now=at(0)):
    return relations.load_relations(1, [2], now=now)[2].muting


def test_a_mute_has_three_switches_and_is_one_sided():
    """R34."""
    assert mute() == EdgeResult("done", True)
    assert muting() == MuteRow(posts=True, stories=False, notifications=True, expires_at=None)
    assert relations.load_relations(2, [1])[1].muting is None


def test_muting_again_replaces_the_switches():
    mute()
    assert mute(posts=False, stories=True, expires_at=at(60)) == EdgeResult("done", False)
    assert muting() == MuteRow(False, True, True, at(60))
    assert mute() == EdgeResult("done", False)
    assert muting() == MuteRow(True, False, True, None)
    assert edges(1, 2) == ["MUTES"]


def test_a_mute_ends_when_its_time_has_come_without_anybody_doing_anything():
    """R34: read at read time."""
    mute(expires_at=at(60))
    assert muting(now=at(59.999999)) is not None
    assert muting(now=at(60)) is None


def test_an_expired_mute_counts_as_none():
    mute(expires_at=at(60))
    assert mute(now=at(61)) == EdgeResult("done", True)
    mute(expires_at=at(70), now=at(61))
    assert writes.unmute(1, 2, now=at(71)) is False
    assert edges(1, 2) == []


def test_unmuting_says_whether_there_was_a_mute():
    mute()
    assert writes.unmute(1, 2) is True
    assert writes.unmute(1, 2) is False


def test_who_blocked_me_cannot_be_muted_or_made_a_close_friend():
    """R30."""
    writes.block(BOB, ADA)
    assert mute().outcome == "blocked_by_target"
    assert writes.add_close_friend(ADA, BOB).outcome == "blocked_by_target"
    assert edges(1, 2) == []


def test_a_mute_of_mine_can_be_taken_back_after_they_blocked_me():
    """R30."""
    mute()
    writes.block(BOB, ADA)
    assert writes.unmute(1, 2) is True


def test_a_close_friend_is_put_on_the_list_once_and_taken_off():
    """R35."""
    assert writes.add_close_friend(ADA, BOB) == EdgeResult("done", True)
    assert writes.add_close_friend(ADA, BOB) == EdgeResult("done", False)
    assert edges(1, 2) == ["CLOSE_FRIEND"]
    assert writes.remove_close_friend(1, 2) is True
    assert writes.remove_close_friend(1, 2) is False


def test_whom_i_block_cannot_be_my_close_friend():
    writes.block(ADA, BOB)
    assert writes.add_close_friend(ADA, BOB) == EdgeResult("blocking_target", False)


def test_who_is_inactive_can_be_neither_muted_nor_made_a_close_friend():
    """R17."""
    gone = account(2, active=False)
    assert mute(target=gone).outcome == "inactive"
    assert writes.add_close_friend(ADA, gone).outcome == "inactive"
