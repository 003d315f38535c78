"""R37, R38: the services raced, through both stores: whatever meets, it ends as if one had come after the other.

The statements alone are raced in graph/tests/test_races.py; here Postgres takes part, whose facts a call has read
before the graph decides. RACE_ROUNDS sets how often each race is run, with accounts of its own each time; half of
them have no node yet, and both id orders take turns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from graph import driver
from graph.tests.people import edges
from project.kernel.clock import now
from project.kernel.errors import AppError
from project.kernel.viewer import Viewer
from project.outbox.models import OutboxRow
from project.testing.client import ApiClient
from social.models import Account
from social.services import relationships as service
from social.services.bulk_accounts import NewAccount, ensure_accounts
from social.services.profiles import update_profile
from social.services.quiet_edges import add_close_friend, mute_account

pytestmark = [pytest.mark.usefixtures("transactional_db", "graph"), pytest.mark.slow]

ROUNDS = int(os.environ.get("RACE_ROUNDS", "50"))
MOST = 4


class Threads:
    """Threads that keep their connection from race to race."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(MOST)

    def race(self, *calls: Callable[[], Any]) -> list[Any]:
        """Run the calls at the same moment; their results in order, an AppError as its code."""
        barrier = Barrier(len(calls))

        def run(call: Callable[[], Any]) -> Any:
            barrier.wait(30)
            try:
                return call()
            except AppError as error:
                return error.code

        return list(self._pool.map(run, calls))

    def close(self) -> None:
        barrier = Barrier(MOST)

        def end(_: int) -> None:
            barrier.wait(30)
            connection.close()

        list(self._pool.map(end, range(MOST)))
        self._pool.shutdown()


@pytest.fixture
def race() -> Iterator[Callable[..., list[Any]]]:
    threads = Threads()
    yield threads.race
    threads.close()
    assert not OutboxRow.objects.filter(topic="relationship", due_at__gt=now()).exists(), (
        "a mark was left behind"
    )


def pairs(*, private: bool = False) -> Iterator[tuple[int, int, int]]:
    """(round, a, b): account ids; with `private`, b is."""
    wanted = [
        NewAccount(f"{name}.{n}", f"{name}{n}@example.org", "", is_private=private and name == "b")
        for n in range(ROUNDS)
        # The first gets the lower id.
        for name in ("ab" if n % 2 else "ba")
    ]
    found = ensure_accounts(wanted)
    made = [(n, found[f"a.{n}"], found[f"b.{n}"]) for n in range(ROUNDS)]
    nodeless = [id_ for n, *both in made if n % 4 < 2 for id_ in both]
    driver.write("MATCH (n:Account) WHERE n.account_id IN $ids DETACH DELETE n", ids=nodeless)
    yield from made


def follow(source: int, target: int) -> Callable[[], service.Followed]:
    return partial(service.follow_account, actor=Viewer(source), ref=str(target))


def unfollow(source: int, target: int) -> Callable[[], None]:
    return partial(service.unfollow_account, actor=Viewer(source), ref=str(target))


def block(source: int, target: int) -> Callable[[], tuple[int, bool]]:
    return partial(service.block_account, actor=Viewer(source), ref=str(target), scope="all")


def mute(source: int, target: int) -> Callable[[], tuple[int, bool]]:
    switches: dict[str, Any] = {"posts": True, "stories": True, "notifications": True, "expires_at": None}
    return partial(mute_account, actor=Viewer(source), ref=str(target), **switches)


def befriend(source: int, target: int) -> Callable[[], tuple[int, bool]]:
    return partial(add_close_friend, actor=Viewer(source), ref=str(target))


def switch(account_id: int, private: bool) -> Callable[[], None]:
    return partial(update_profile, actor=Viewer(account_id), changes={"is_private": private})


def accept(target: int, request_id: int) -> Callable[[], int]:
    return partial(service.accept_request, actor=Viewer(target), request_id=request_id)


def reject(target: int, request_id: int) -> Callable[[], None]:
    return partial(service.reject_request, actor=Viewer(target), request_id=request_id)


def ask(source: int, target: int) -> int:
    request_id = follow(source, target)().request_id
    assert request_id is not None
    return request_id


def between(a: int, b: int) -> tuple[list[str], list[str]]:
    return edges(a, b), edges(b, a)


def private_in_both(account_id: int) -> bool:
    """Whether the account is private; the stores must say the same."""
    ((node,),) = driver.read("MATCH (n:Account {account_id: $id}) RETURN n.private", id=account_id)
    assert node is Account.objects.get(pk=account_id).is_private, "the stores disagree"
    return bool(node)


# ---- follow / follow


def test_r37_the_same_follow_from_many_sides_is_one_edge_and_one_creation(race):
    for _, a, b in pairs():
        results = race(*[follow(a, b)] * MOST)
        assert [result.state for result in results] == ["following"] * MOST
        assert sum(result.created for result in results) == 1
        assert between(a, b) == (["FOLLOWS"], [])


def test_r20_the_same_request_from_many_sides_is_one_with_one_id(race):
    for _, a, b in pairs(private=True):
        results = race(*[follow(a, b)] * MOST)
        assert [result.state for result in results] == ["requested"] * MOST
        assert len({result.request_id for result in results}) == 1
        assert sum(result.created for result in results) == 1
        assert between(a, b) == (["REQUESTED"], [])


def test_r37_two_who_follow_each_other_get_one_edge_each_way(race):
    for _, a, b in pairs():
        assert [result.created for result in race(follow(a, b), follow(b, a))] == [True, True]
        assert between(a, b) == (["FOLLOWS"], ["FOLLOWS"])


# ---- follow / block, accept / block


def test_r32_no_follow_survives_a_block_of_the_follower(race):
    for _, a, b in pairs():
        followed, blocked = race(follow(a, b), block(b, a))
        assert blocked == (a, True)
        assert followed == "not-found" or followed.state == "following"
        assert between(a, b) == ([], ["BLOCKS"])


def test_r32_no_follow_survives_the_followers_own_block(race):
    for _, a, b in pairs():
        followed, blocked = race(follow(a, b), block(a, b))
        assert blocked == (b, True)
        assert followed == "blocking" or followed.state == "following"
        assert between(a, b) == (["BLOCKS"], [])


def test_r32_of_two_who_block_each_other_one_wins(race):
    for _, a, b in pairs():
        results = race(block(a, b), block(b, a))
        assert results.count("not-found") == 1
        assert between(a, b) == ((["BLOCKS"], []) if results[1] == "not-found" else ([], ["BLOCKS"]))


def test_r20_no_request_is_accepted_across_a_block(race):
    for n, a, b in pairs(private=True):
        request_id = ask(a, b)
        accepted, blocked = race(accept(b, request_id), block(*((a, b) if n % 4 < 2 else (b, a))))
        assert blocked[1] is True
        assert accepted in (a, "not-found")
        assert sorted(between(a, b)) == [[], ["BLOCKS"]]


# ---- accept / cancel, accept / reject


def test_r20_cancelling_always_ends_the_request_or_what_accepting_made_of_it(race):
    for _, a, b in pairs(private=True):
        accepted, cancelled = race(accept(b, ask(a, b)), unfollow(a, b))
        assert cancelled is None
        assert accepted in (a, "not-found")
        assert between(a, b) == ([], [])


def test_r20_accepting_and_rejecting_at_once_have_one_winner(race):
    for _, a, b in pairs(private=True):
        request_id = ask(a, b)
        accepted, again, rejected = race(accept(b, request_id), accept(b, request_id), reject(b, request_id))
        assert accepted == again or "not-found" in (accepted, again, rejected)
        if rejected is None:
            assert (accepted, again) == ("not-found", "not-found")
            assert between(a, b) == ([], [])
        else:
            assert (accepted, again, rejected) == (a, a, "not-found")
            assert between(a, b) == (["FOLLOWS"], [])


# ---- private / follow


def test_r38_a_follow_while_an_account_closes_is_what_it_was_told(race):
    for _, a, b in pairs():
        followed, closed = race(follow(a, b), switch(b, True))
        assert closed is None
        assert private_in_both(b)
        assert between(a, b) == (["FOLLOWS" if followed.state == "following" else "REQUESTED"], [])
        assert (followed.request_id is None) == (followed.state == "following")


def test_r21_nobody_keeps_waiting_before_an_account_that_opens(race):
    """The follower has read `private` from Postgres; the graph has accepted what was waiting by then."""
    for _, a, b in pairs(private=True):
        followed, opened = race(follow(a, b), switch(b, False))
        assert opened is None
        assert not private_in_both(b)
        assert followed.state in ("following", "requested")
        assert between(a, b) == (["FOLLOWS"], [])


def test_r21_opening_and_cancelling_agree(race):
    for _, a, b in pairs(private=True):
        ask(a, b)
        assert race(switch(b, False), unfollow(a, b)) == [None, None]
        assert not private_in_both(b)
        assert between(a, b) == ([], [])


def test_r21_opening_and_accepting_agree(race):
    for _, a, b in pairs(private=True):
        assert race(switch(b, False), accept(b, ask(a, b))) == [None, a]
        assert not private_in_both(b)
        assert between(a, b) == (["FOLLOWS"], [])


def test_r21_opening_and_blocking_agree(race):
    for n, a, b in pairs(private=True):
        ask(a, b)
        opened, blocked = race(switch(b, False), block(*((a, b) if n % 4 < 2 else (b, a))))
        assert (opened, blocked[1]) == (None, True)
        assert not private_in_both(b)
        assert sorted(between(a, b)) == [[], ["BLOCKS"]]


def test_r38_opening_and_closing_at_once_leave_the_stores_in_agreement(race):
    for _, a, b in pairs(private=True):
        _, opened, closed = race(follow(a, b), switch(b, False), switch(b, True))
        assert (opened, closed) == (None, None)
        private = private_in_both(b)
        assert between(a, b) in ([(["FOLLOWS"], []), (["REQUESTED"], [])] if private else [(["FOLLOWS"], [])])


# ---- close friend / block, mute / block


def test_r32_no_close_friend_survives_a_block(race):
    for n, a, b in pairs():
        blocker, blocked = (a, b) if n % 4 < 2 else (b, a)
        befriended, done = race(befriend(a, b), block(blocker, blocked))
        assert done == (blocked, True)
        assert befriended in ((b, True), "blocking" if blocker == a else "not-found")
        assert sorted(between(a, b)) == [[], ["BLOCKS"]]


def test_r34_a_mute_is_there_if_and_only_if_it_was_answered(race):
    """A block ends no mute, but nobody can mute whoever blocks them."""
    for n, a, b in pairs():
        blocker, blocked = (a, b) if n % 4 < 2 else (b, a)
        muted, done = race(mute(a, b), block(blocker, blocked))
        assert done == (blocked, True)
        assert muted in ((b, True), "not-found")
        assert muted == (b, True) or blocker == b
        assert ("MUTES" in edges(a, b)) == (muted == (b, True))


# ---- over the API: the answer is rendered after the write, when the other has perhaps gone out of sight


@pytest.fixture
def clients() -> Callable[[int], ApiClient]:
    return lambda account_id: ApiClient(Account.objects.get(pk=account_id))


def test_r81_no_4xx_is_ever_applied_whatever_happens_before_the_answer(race, clients):
    for n, a, b in pairs():
        mine, theirs = clients(a), clients(b)
        path = f"/mute/{b}/" if n % 2 else f"/block/{b}/"
        answered, blocked = race(
            partial(mine.post, path, {"scope": "posts"} if n % 2 == 0 else None),
            partial(theirs.post, f"/block/{a}/"),
        )
        assert blocked.status_code == 201
        made = edges(a, b)
        assert (answered.status_code, made) in (
            (201, ["MUTES" if n % 2 else "BLOCKS"]),
            (404, []),
        )
