"""The list of all accounts for staff, and the numbers of a profile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from content.accounts import ORDERINGS
from content.tests.kit import comment, count_queries, publish
from social.models import Account, AccountState
from social.services.account_state import leave

START = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = {"created_at": "created_at", "last_activity_at": "last_activity_at"}


def names(answer):
    assert answer.status_code == 200, answer.content
    return [row["username"] for row in answer.json()["results"]]


@pytest.fixture
def crowd(cast, staff):
    """ada is the most recently active, then bob, cyd, dan; sam of staff was never there."""
    for place, member in enumerate((cast.ada, cast.bob, cast.cyd, cast.dan)):
        when = START - timedelta(days=place)
        Account.objects.filter(pk=member.id).update(last_activity_at=when, created_at=when)
    Account.objects.filter(pk=staff.id).update(last_activity_at=None, created_at=START + timedelta(days=1))
    first = publish(cast.bob)
    publish(cast.bob)
    publish(cast.cyd)
    for member in (cast.ada, cast.cyd):
        member.api.put(f"/posts/{first['id']}/like/")
    Account.objects.filter(pk=cast.dan.id).update(is_private=True)
    # The requests above were activity of their own.
    for place, member in enumerate((cast.ada, cast.bob, cast.cyd, cast.dan)):
        Account.objects.filter(pk=member.id).update(last_activity_at=START - timedelta(days=place))
    Account.objects.filter(pk=staff.id).update(last_activity_at=None)
    return cast


def test_staff_see_all_newest_activity_first_with_numbers(crowd, staff):
    answer = staff.api.get("/users/")
    assert names(answer) == ["ada", "bob", "cyd", "dan", "sam"]
    rows = {row["username"]: row for row in answer.json()["results"]}
    assert (rows["bob"]["posts_count"], rows["bob"]["likes_received"]) == (2, 2)
    assert (rows["ada"]["posts_count"], rows["ada"]["likes_received"]) == (0, 0)
    assert rows["ada"]["email"] == "ada@example.org"
    assert rows["sam"]["last_activity_at"] is None


def test_others_are_refused(crowd, anonymous):
    assert crowd.ada.api.get("/users/").status_code == 403
    assert anonymous.get("/users/").status_code == 401


@pytest.mark.parametrize("ordering", [sign + name for name in ORDERINGS for sign in ("", "-")])
def test_every_column_orders_and_pages_walk_both_ways(crowd, staff, ordering):
    whole = staff.api.get("/users/", query={"ordering": ordering}).json()["results"]
    column = ordering.removeprefix("-")
    values = [_sortable(row[column]) for row in whole]
    assert values == sorted(values, reverse=ordering.startswith("-"))
    ids = [row["id"] for row in whole]
    walked, cursor, last = [], None, None
    while True:
        query = {"ordering": ordering, "limit": 2} | ({"cursor": cursor} if cursor else {})
        last = staff.api.get("/users/", query=query).json()
        walked += [row["id"] for row in last["results"]]
        cursor = last["next"]
        if cursor is None:
            break
    assert walked == ids
    back = [row["id"] for row in last["results"]]
    while last["previous"]:
        query = {"ordering": ordering, "limit": 2, "cursor": last["previous"]}
        last = staff.api.get("/users/", query=query).json()
        back = [row["id"] for row in last["results"]] + back
    assert back == ids


def _sortable(value):
    return "" if value is None else value.lower() if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"is_private": "true"}, ["dan"]),
        ({"is_private": "false", "is_staff": "false"}, ["ada", "bob", "cyd"]),
        ({"is_staff": "true"}, ["sam"]),
        ({"search": "ADA"}, ["ada"]),
        ({"search": "kahn"}, ["bob"]),
        ({"search": "dan@example"}, ["dan"]),
        ({"search": "%"}, []),
        ({"search": "_"}, []),
        ({"created__gte": "2026-01-01"}, ["ada", "sam"]),
        ({"created__lte": "2025-12-31"}, ["bob", "cyd", "dan"]),
        ({"last_activity__gte": "2025-12-31T00:00:00Z"}, ["ada", "bob"]),
        ({"last_activity__lte": "2025-12-30"}, ["cyd", "dan"]),
        ({"state": "deactivated"}, []),
        ({"state": "all", "limit": 1}, ["ada"]),
    ],
)
def test_filters_narrow_the_list(crowd, staff, query, expected):
    assert names(staff.api.get("/users/", query=query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"ordering": "password"},
        {"ordering": "--id"},
        {"state": "asleep"},
        {"is_staff": "perhaps"},
        {"created__gte": "yesterday"},
        {"search": ""},
    ],
)
def test_unknown_filters_are_422(crowd, staff, query):
    assert staff.api.get("/users/", query=query).status_code == 422


def test_r17_who_has_left_is_listed_only_when_asked_for(crowd, staff):
    leave(crowd.ada.id, AccountState.DEACTIVATED)
    leave(crowd.bob.id, AccountState.DELETED)
    assert names(staff.api.get("/users/")) == ["cyd", "dan", "sam"]
    assert names(staff.api.get("/users/", query={"state": "deactivated"})) == ["ada"]
    assert names(staff.api.get("/users/", query={"state": "deleted"})) == ["bob"]
    assert len(names(staff.api.get("/users/", query={"state": "all"}))) == 5


def test_a_cursor_belongs_to_its_filters(crowd, staff):
    cursor = staff.api.get("/users/", query={"limit": 2}).json()["next"]
    assert staff.api.get("/users/", query={"cursor": cursor, "state": "all"}).status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_page(crowd, staff, monkeypatch):
    staff.api.get("/users/")
    counts = []
    for limit in (1, 5):
        with count_queries(monkeypatch) as seen:
            staff.api.get("/users/", query={"limit": limit})
        counts.append(seen.numbers)
    assert counts[0] == counts[1]


def test_a_profiles_numbers(crowd, staff):
    crowd.ada.follow(crowd.bob)
    post = publish(crowd.bob, audience="close_friends")
    first = crowd.bob.api.get("/users/bob/posts/").json()["results"][-1]
    comment(crowd.ada, first)
    crowd.bob.api.put(f"/posts/{post['id']}/like/")
    shown = {"posts": 2, "followers": 1, "following": 0, "likes_received": 2, "comments_received": 1}
    assert crowd.ada.api.get("/profiles/bob/stats/").json() == shown
    assert crowd.ada.api.get("/users/bob/").json()["stats"] == shown
    own = crowd.bob.api.get("/profiles/bob/stats/").json()
    assert (own["posts"], own["likes_received"]) == (3, 3)
    crowd.ada.block(crowd.bob)
    assert set(crowd.ada.api.get("/profiles/bob/stats/").json().values()) == {0}
    assert crowd.bob.api.get("/profiles/ada/stats/").status_code == 404
