"""R02: the relation of a viewer to a page of accounts, and the viewer's circle."""

from __future__ import annotations

from datetime import UTC

import pytest

from graph import writes
from graph.queries.circle import followed_ids, load_circle
from graph.queries.relations import load_relations
from graph.rows import CircleRow, MuteRow, RelationRow, ScopeRow
from graph.tests.people import ADA, BOB, CYD, DAN, account, at

pytestmark = pytest.mark.usefixtures("graph")

EVE, FAY = account(5), account(6)


def mute(source, target, *, posts=True, stories=True, notifications=True, expires_at=None):
    writes.mute(
        source, target, posts=posts, stories=stories, notifications=notifications, expires_at=expires_at
    )


def test_every_edge_is_seen_from_the_viewers_side():
    writes.follow(ADA, BOB, request_id=1)
    writes.follow(CYD, ADA, request_id=2)
    writes.follow(ADA, account(4, private=True), request_id=3)
    writes.upsert_account(account(1, private=True))
    writes.follow(EVE, ADA, request_id=4)
    writes.block(ADA, CYD, scope="posts")
    writes.block(BOB, ADA, scope="stories")
    writes.add_close_friend(ADA, EVE)
    writes.add_close_friend(BOB, ADA)
    mute(ADA, BOB, stories=False, expires_at=at(60))
    assert load_relations(1, [2, 3, 4, 5, 6], now=at(0)) == {
        2: RelationRow(
            2,
            following=True,
            blocked_by=ScopeRow(all=False, posts=False, stories=True),
            muting=MuteRow(posts=True, stories=False, notifications=True, expires_at=at(60)),
            close_friend_of=True,
        ),
        3: RelationRow(3, followed_by=True, blocking=ScopeRow(all=False, posts=True, stories=False)),
        4: RelationRow(4, requested=3),
        5: RelationRow(5, requested_by=4, close_friend=True),
        6: RelationRow(6),
    }


def test_a_full_block_is_known_to_both_sides():
    """R32."""
    writes.block(ADA, BOB)
    full = ScopeRow(all=True, posts=False, stories=False)
    assert load_relations(1, [2])[2] == RelationRow(2, blocking=full)
    assert load_relations(2, [1])[1] == RelationRow(1, blocked_by=full)


def test_being_muted_shows_nowhere():
    """R34."""
    mute(BOB, ADA)
    assert load_relations(1, [2])[2] == RelationRow(2)


def test_unknown_accounts_and_oneself_are_strangers():
    writes.upsert_account(ADA)
    assert load_relations(1, [1, 77]) == {1: RelationRow(1), 77: RelationRow(77)}
    assert load_relations(88, [1]) == {1: RelationRow(1)}
    assert load_relations(1, []) == {}


def test_times_come_back_as_they_went_in():
    mute(ADA, BOB, expires_at=at(0.000001))
    muting = load_relations(1, [2], now=at(-1))[2].muting
    assert muting is not None
    assert muting.expires_at == at(0.000001)
    assert muting.expires_at.tzinfo is UTC


def test_the_circle_holds_all_that_decides_what_a_viewer_reads():
    for other in (BOB, CYD):
        writes.follow(ADA, other, request_id=1)
    writes.block(ADA, DAN)
    writes.block(EVE, ADA)
    writes.block(FAY, ADA, scope="posts")
    writes.block(BOB, ADA, scope="stories")
    writes.add_close_friend(CYD, ADA)
    mute(ADA, BOB, stories=False, notifications=False, expires_at=at(60))
    mute(ADA, CYD, posts=False, expires_at=at(30))
    mute(ADA, FAY, posts=False, stories=False, expires_at=at(-1))
    assert load_circle(1, now=at(0)) == CircleRow(
        followed=frozenset({2, 3}),
        hidden=frozenset({4, 5}),
        posts_hidden_by=frozenset({6}),
        stories_hidden_by=frozenset({2}),
        muted_posts=frozenset({2}),
        muted_stories=frozenset({3}),
        muted_notifications=frozenset({3}),
        close_friend_of=frozenset({3}),
        mutes_change_at=at(30),
    )
    assert sorted(followed_ids(1)) == [2, 3]


def test_the_circle_of_nobody_is_empty():
    assert load_circle(99) == CircleRow()
    assert followed_ids(99) == []
