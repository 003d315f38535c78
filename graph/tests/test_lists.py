"""R17, R32, R36, R58: lists by keyset."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from graph import bulk, writes
from graph.queries import lists
from graph.rows import EdgeRow, MuteRow, ScopeRow
from graph.tests.people import ADA, BOB, CYD, DAN, PRIVATE_BOB, account, at

pytestmark = pytest.mark.usefixtures("graph")


def walk(page: Callable[..., list[EdgeRow]], limit: int, **options) -> list[int]:
    """All ids of a list, page by page."""
    seen: list[int] = []
    after = None
    while rows := page(limit=limit, after=after, **options):
        assert len(rows) <= limit
        seen += [row.account_id for row in rows]
        after = (rows[-1].since, rows[-1].account_id)
    return seen


def crowd(size: int, *, moments: int) -> list[int]:
    """`size` accounts follow Bob at few different moments; their ids in the order of Bob's list."""
    rng = random.Random(3)
    since = {100 + n: at(rng.randrange(moments)) for n in range(size)}
    bulk.load_accounts([BOB, *(account(id_) for id_ in since)])
    bulk.load_follows((id_, 2, moment) for id_, moment in since.items())
    return sorted(since, key=lambda id_: (since[id_], id_), reverse=True)


@pytest.mark.parametrize("limit", [1, 7, 50, 200])
@pytest.mark.parametrize("moments", [1, 3])
def test_pages_have_no_gap_and_no_repeat_when_moments_tie(limit, moments):
    """R58."""
    ordered = crowd(60, moments=moments)
    assert walk(lambda **page: lists.followers(2, **page), limit) == ordered


def test_a_list_walks_backwards_to_where_it_came_from():
    """R58."""
    ordered = crowd(30, moments=3)
    everyone = lists.followers(2, limit=99)
    middle = everyone[15]
    back = lists.followers(2, limit=10, after=(middle.since, middle.account_id), backwards=True)
    assert [row.account_id for row in back] == ordered[5:15][::-1]
    assert len(lists.followers(2, limit=99, backwards=True)) == 30


def test_a_page_goes_on_where_it_ended_while_others_come_and_go():
    """R58."""
    ordered = crowd(20, moments=2)
    first = lists.followers(2, limit=10)
    writes.unfollow(first[-1].account_id, 2)
    writes.unfollow(ordered[0], 2)
    writes.follow(account(999), BOB, request_id=1)
    rest = lists.followers(2, limit=99, after=(first[-1].since, first[-1].account_id))
    assert [row.account_id for row in rest] == ordered[10:]


def test_whoever_is_in_a_full_block_with_the_viewer_is_skipped_and_the_page_is_full():
    """R32, R36."""
    ordered = crowd(20, moments=4)
    writes.block(ADA, account(ordered[0]))
    writes.block(account(ordered[2]), ADA)
    writes.block(account(ordered[4]), ADA, scope="posts")
    rows = lists.followers(2, limit=5, hide_for=1)
    assert [row.account_id for row in rows] == [ordered[i] for i in (1, 3, 4, 5, 6)]
    assert len(lists.followers(2, limit=99)) == 20
    assert len(lists.followers(2, limit=99, hide_for=12345)) == 20


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ADA", [11]),
        ("lovelace", [11]),
        ("User.1", [14, 13, 12, 11]),
        ("user.13", [13]),
        ("%", []),
        (".*", []),
    ],
)
def test_search_finds_a_part_of_username_or_full_name_in_any_case(search, found):
    names = {11: "Ada Lovelace", 12: "Bob", 13: "ÉMILIE", 14: "Dan"}
    for id_, name in names.items():
        writes.follow(account(id_, name=name), BOB, request_id=id_, now=at(id_))
    assert [row.account_id for row in lists.followers(2, limit=9, search=search)] == found
    assert [row.account_id for row in lists.followers(2, limit=9, search="émilie")] == [13]


def test_followers_and_following_are_the_two_ends_of_one_edge():
    writes.follow(ADA, BOB, request_id=1, now=at(5))
    assert lists.followers(2, limit=9) == [EdgeRow(1, at(5))]
    assert lists.following(1, limit=9) == [EdgeRow(2, at(5))]
    assert lists.followers(1, limit=9) == lists.following(2, limit=9) == lists.followers(99, limit=9) == []


def test_requests_are_listed_for_both_sides_with_their_id():
    """R20."""
    writes.follow(ADA, PRIVATE_BOB, request_id=41, now=at(1))
    writes.follow(CYD, PRIVATE_BOB, request_id=42, now=at(2))
    writes.follow(DAN, PRIVATE_BOB, request_id=43, now=at(3))
    writes.set_active(DAN, False)
    assert lists.requests_incoming(2, limit=9) == [EdgeRow(3, at(2), 42), EdgeRow(1, at(1), 41)]
    assert lists.requests_outgoing(1, limit=9) == [EdgeRow(2, at(1), 41)]


def test_blocks_are_listed_with_their_scope_also_when_asked_for_the_blocker():
    writes.block(ADA, BOB, now=at(1))
    writes.block(ADA, CYD, scope="stories", now=at(2))
    writes.block(DAN, ADA)
    assert lists.blocks(1, limit=9, hide_for=1) == [
        EdgeRow(3, at(2), block=ScopeRow(all=False, posts=False, stories=True)),
        EdgeRow(2, at(1), block=ScopeRow(all=True, posts=False, stories=False)),
    ]


def test_mutes_are_listed_until_they_expire():
    """R34."""
    for other, expires_at in ((BOB, None), (CYD, at(60))):
        writes.mute(
            ADA, other, posts=True, stories=False, notifications=True, expires_at=expires_at, now=at(0)
        )
    forever = EdgeRow(2, at(0), mute=MuteRow(True, False, True, None))
    assert lists.mutes(1, limit=9, now=at(59)) == [
        EdgeRow(3, at(0), mute=MuteRow(True, False, True, at(60))),
        forever,
    ]
    assert lists.mutes(1, limit=9, now=at(60)) == [forever]


def test_close_friends_are_listed():
    """R35."""
    writes.add_close_friend(ADA, BOB, now=at(1))
    writes.add_close_friend(CYD, ADA, now=at(2))
    assert lists.close_friends(1, limit=9) == [EdgeRow(2, at(1))]


def test_known_followers_are_followed_by_the_viewer_and_follow_the_owner():
    for moment, (source, target) in enumerate(
        [(ADA, CYD), (ADA, DAN), (ADA, account(5)), (CYD, BOB), (DAN, BOB), (account(6), BOB)]
    ):
        writes.follow(source, target, request_id=1, now=at(moment))
    assert lists.known_followers(1, 2, limit=9) == [EdgeRow(4, at(4)), EdgeRow(3, at(3))]
    assert walk(lambda **page: lists.known_followers(1, 2, **page), 1) == [4, 3]
    writes.set_active(DAN, False)
    assert [row.account_id for row in lists.known_followers(1, 2, limit=9)] == [3]
