"""What a list of accounts costs, and that it is whole while others write (R02, R30, R36, R58)."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

from django.db import connections

from content.tests.kit import count_queries
from graph.bulk import load_accounts, load_follows
from project.kernel.clock import now
from project.testing.cast import make_member
from project.testing.client import ApiClient
from social.projections import account_rows
from social.services.bulk_accounts import NewAccount, ensure_accounts
from social.tests.test_relationships import names


def crowd(prefix, size):
    """Accounts in Postgres and graph; their ids."""
    new = [NewAccount(f"{prefix}{n:03}", f"{prefix}{n}@crowd.invalid", "") for n in range(size)]
    ids = list(ensure_accounts(new).values())
    load_accounts(account_rows(ids).values())
    return ids


MOST = {
    "/followers/bob/": 2,
    "/following/bob/": 2,
    "/followers/ada/": 2,
    "/followers/bob/known/": 2,
    "/close-friend/": 2,
    "/mute/": 1,
    "/block/": 1,
    "/follow-requests/": 1,
    "/follow-requests/?direction=outgoing": 1,
}


def test_r02_a_page_costs_at_most_two_graph_queries_whatever_its_length(cast, monkeypatch):
    ids = crowd("fan", 12)
    both = [
        (a, b) for id_ in ids for other in (cast.ada, cast.bob) for a, b in [(id_, other.id), (other.id, id_)]
    ]
    load_follows((a, b, now()) for a, b in both)
    cast.ada.go_private()
    for n, id_ in enumerate(ids):
        cast.ada.api.post(f"/mute/{id_}/")
        cast.ada.api.post(f"/close-friend/{id_}/")
        if n % 3 == 0:
            cast.ada.api.post(f"/block/{id_}/", {"scope": "posts"})
    make_member("eve").follow(cast.ada)
    cast.dan.follow(cast.ada)
    for private in ("gil", "hal"):
        other = make_member(private)
        other.go_private()
        cast.ada.follow(other)
    for path, most in MOST.items():
        cost = []
        for limit in (1, 10):
            with count_queries(monkeypatch) as seen:
                assert cast.ada.api.get(path, query={"limit": limit}).json()["results"], path
            cost.append(seen.numbers)
        assert cost[0] == cost[1], path
        assert cost[0][1] <= most, path


def test_r58_pages_neither_skip_nor_repeat_while_others_follow_unfollow_and_block(threaded_cast):
    """Some follow before the walk begins and stay: each walk must show all of them once, in their order."""
    cast = threaded_cast
    staying, restless = crowd("stay", 40), [make_member(f"restless{n}") for n in range(6)]
    moment = now()
    # Ties of one moment, in fives, cut by the ends of pages.
    load_follows((id_, cast.bob.id, moment.replace(microsecond=n // 5)) for n, id_ in enumerate(staying))
    expected = [id_ for _, id_ in sorted(((n // 5, id_) for n, id_ in enumerate(staying)), reverse=True)]
    stop, writes, problems = threading.Event(), [], []

    def churn(member, n):
        calls = [
            ("POST", "/follow/bob/"),
            ("DELETE", "/follow/bob/"),
            ("POST", "/block/bob/"),
            ("DELETE", "/block/bob/"),
            ("POST", "/follow/bob/"),
        ]
        try:
            while not stop.is_set():
                for method, path in calls[n % 2 :]:
                    if member.api.call(method, path).status_code not in (200, 201, 204):
                        problems.append((method, path))
                    writes.append(1)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=churn, args=(member, n)) for n, member in enumerate(restless)]
    for thread in threads:
        thread.start()
    try:
        walker, walks, deadline = ApiClient(), 0, time.monotonic() + 8
        walker.access = cast.ada.api.access
        while walks < 4 or time.monotonic() < deadline:
            limit, cursor, found, pages = 3 + walks % 4, None, [], []
            while True:
                query = {"limit": limit, **({"cursor": cursor} if cursor else {})}
                body = walker.get("/followers/bob/", query=query).json()
                pages.append(len(body["results"]))
                found += [row["id"] for row in body["results"]]
                cursor = body["next"]
                if cursor is None:
                    break
            assert len(found) == len(set(found))
            assert [id_ for id_ in found if id_ in expected] == expected
            assert set(pages[:-1]) == {limit}, "a page is full when there is more"
            walks += 1
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not problems
    assert len(writes) > 20


def test_walking_back_shows_the_same_pages(cast):
    ids = crowd("fan", 11)
    moment = now()
    load_follows((id_, cast.bob.id, moment) for id_ in ids)
    forth, cursor = [], None
    while True:
        query = {"limit": 4, **({"cursor": cursor} if cursor else {})}
        page = cast.ada.api.get("/followers/bob/", query=query)
        forth.append((names(page), page.json()["previous"]))
        if (cursor := page.json()["next"]) is None:
            break
    for (before, _), (_, previous) in pairwise(forth):
        assert names(cast.ada.api.get("/followers/bob/", query={"limit": 4, "cursor": previous})) == before
