"""Suggestions equal a computation that shares nothing with them, and leave out whom they must."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from graph import bulk, writes
from graph.queries.suggestions import EXPANSION_CAP, popular, suggest, without_ties
from graph.rows import PopularRow, SuggestionRow
from graph.tests.people import ADA, BOB, CYD, DAN, account, at

pytestmark = pytest.mark.usefixtures("graph")

EVERYBODY = 10_000


def random_graph(size: int, follows: int, seed: int):
    """Accounts, some inactive; follows, blocks, mutes and requests between them."""
    rng = random.Random(seed)
    ids = list(range(1, size + 1))
    inactive = set(rng.sample(ids, size // 10))
    pairs = {tuple(rng.sample(ids, 2)) for _ in range(follows)}
    bulk.load_accounts(account(id_, active=id_ not in inactive) for id_ in ids)
    bulk.load_follows((source, target, at(rng.randrange(1000))) for source, target in sorted(pairs))
    active = [id_ for id_ in ids if id_ not in inactive]
    blocked: set[tuple[int, ...]] = set()
    muted: set[tuple[int, ...]] = set()
    asked: set[tuple[int, ...]] = set()
    for _ in range(size // 2):
        source, target = rng.sample(active, 2)
        match rng.randrange(4):
            case 0:
                if writes.block(account(source), account(target)).outcome == "blocking":
                    blocked.add((source, target))
                    pairs -= {(source, target), (target, source)}
                    asked -= {(source, target), (target, source)}
            case 1:
                # An expired one must not count.
                late = rng.random() < 0.3
                outcome = writes.mute(
                    account(source),
                    account(target),
                    posts=True,
                    stories=True,
                    notifications=True,
                    expires_at=at(-1) if late else None,
                    now=at(-2),
                ).outcome
                if outcome == "done" and not late:
                    muted.add((source, target))
                elif outcome == "done":
                    muted.discard((source, target))
            case 2:
                private = account(target, private=True)
                if writes.follow(account(source), private, request_id=1).outcome == "requested":
                    asked.add((source, target))
            case _:
                writes.block(account(source), account(target), scope="posts")
    return ids, inactive, pairs, blocked, muted, asked


def brute_force(viewer, ids, inactive, pairs, blocked, muted, asked):
    following = defaultdict(set)
    for source, target in pairs:
        following[source].add(target)
    friends = following[viewer] - inactive
    mutuals = {
        id_: sorted(friend for friend in friends if id_ in following[friend])
        for id_ in ids
        if id_ != viewer
        and id_ not in inactive
        and id_ not in following[viewer]
        and not {(viewer, id_), (id_, viewer)} & blocked
        and (viewer, id_) not in muted | asked
    }
    rows = [SuggestionRow(id_, len(of), tuple(of[:3])) for id_, of in mutuals.items() if of]
    return sorted(rows, key=lambda row: (-row.mutual_count, row.account_id))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_suggestions_equal_brute_force_for_every_account(seed):
    facts = random_graph(80, 700, seed)
    for viewer in facts[0]:
        assert suggest(viewer, limit=EVERYBODY, now=at(0)) == brute_force(viewer, *facts)


def test_pages_of_suggestions_have_no_gap_and_no_repeat():
    facts = random_graph(60, 600, 4)
    viewer = next(id_ for id_ in facts[0] if len(brute_force(id_, *facts)) > 20)
    seen: list[SuggestionRow] = []
    after = None
    while rows := suggest(viewer, limit=3, after=after, now=at(0)):
        seen += rows
        after = (rows[-1].mutual_count, rows[-1].account_id)
    assert seen == brute_force(viewer, *facts)


def test_whom_the_caller_leaves_out_is_not_suggested():
    for source, target in ((ADA, BOB), (BOB, CYD), (BOB, DAN)):
        writes.follow(source, target, request_id=1)
    assert suggest(1, limit=9) == [SuggestionRow(3, 1, (2,)), SuggestionRow(4, 1, (2,))]
    assert suggest(1, limit=9, exclude=[3]) == [SuggestionRow(4, 1, (2,))]


def test_beyond_the_cap_the_most_recently_followed_decide():
    """The cost is bounded by the cap, whoever is followed."""
    for moment, friend in enumerate((account(10), account(11), account(12))):
        writes.follow(ADA, friend, request_id=1, now=at(moment))
        for other in (100, 100 + friend.account_id):
            writes.follow(friend, account(other), request_id=1)
    assert suggest(1, limit=9)[0] == SuggestionRow(100, 3, (10, 11, 12))
    capped = suggest(1, limit=9, expansion_cap=4)
    assert capped == [
        SuggestionRow(100, 2, (11, 12)),
        SuggestionRow(111, 1, (11,)),
        SuggestionRow(112, 1, (12,)),
    ]


def test_nobody_is_suggested_to_who_follows_nobody_or_is_unknown():
    writes.upsert_account(ADA)
    assert suggest(1, limit=9) == suggest(99, limit=9) == []


@pytest.mark.parametrize("cap", [20, EXPANSION_CAP])
def test_nobody_is_both_among_the_mutuals_and_without_ties_nor_in_neither(cap):
    facts = random_graph(60, 260, 5)
    ids, inactive = facts[0], facts[1]
    for viewer in ids:
        mutual = {row.account_id for row in suggest(viewer, limit=EVERYBODY, now=at(0), expansion_cap=cap)}
        free = without_ties(viewer, ids, now=at(0), expansion_cap=cap)
        assert not mutual & free
        left_out = set(ids) - mutual - free
        followed = {target for source, target in facts[2] if source == viewer}
        blocked = {a + b - viewer for a, b in facts[3] if viewer in (a, b)}
        quiet = {target for source, target in facts[4] | facts[5] if source == viewer}
        assert left_out == (inactive | followed | blocked | quiet | {viewer}) & set(ids)
        assert without_ties(viewer, ids, exclude=ids, now=at(0)) == set()


def test_an_account_that_the_graph_does_not_know_yet_has_no_ties():
    writes.follow(ADA, BOB, request_id=1)
    assert without_ties(99, [1, 2, 99], exclude=[2]) == {1}


def test_popular_accounts_are_public_and_active():
    private, gone, followed = account(20, private=True), account(21, active=False), account(22)
    bulk.load_accounts([ADA, BOB, CYD, DAN, private, gone, followed])
    crowd = [(3, 2), (4, 2), (3, 22), (4, 22), (2, 22), (3, 20), (4, 21), (2, 4)]
    bulk.load_follows((source, target, at(0)) for source, target in [*crowd, (1, 22)])
    everybody = [PopularRow(22, 4), PopularRow(2, 2), PopularRow(4, 1), PopularRow(1, 0), PopularRow(3, 0)]
    assert popular(limit=9) == everybody
    assert popular(limit=2) == everybody[:2]
