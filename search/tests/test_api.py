"""The search operations over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from graph import driver
from project.testing.cast import Cast, Member, make_member
from project.testing.client import ApiClient
from search.tests.publishing import edit, publish
from social.models import AccountState
from social.services.account_state import leave

Drain = Callable[[], int]
OPERATIONS = ["/search/", "/search/users/", "/search/posts/", "/search/hashtags/"]


def usernames(member: Member, query: str, **more: Any) -> list[str]:
    response = member.api.get("/search/users/", query={"q": query, **more})
    assert response.status_code == 200, response.content
    return [account["username"] for account in response.json()["results"]]


def captions(member: Member, query: str) -> list[str]:
    return [
        post["caption"] for post in member.api.get("/search/posts/", query={"q": query}).json()["results"]
    ]


def tags(member: Member, query: str) -> list[tuple[str, int]]:
    found = member.api.get("/search/hashtags/", query={"q": query}).json()["results"]
    return [(tag["name"], tag["post_count"]) for tag in found]


def test_a_swap_of_letters_finds_the_account(cast: Cast, drain_outbox: Drain) -> None:
    make_member("john")
    drain_outbox()
    assert usernames(cast.ada, "jhon") == ["john"]


def test_the_viewer_finds_herself(cast: Cast) -> None:
    assert usernames(cast.ada, "ada") == ["ada"]


def test_accounts_come_as_briefs(cast: Cast) -> None:
    (brief,) = cast.ada.api.get("/search/users/", query={"q": "bob"}).json()["results"]
    assert brief == {
        "id": cast.bob.id,
        "username": "bob",
        "full_name": "Bob Kahn",
        "avatar_url": None,
        "is_private": False,
    }


def test_a_block_hides_both_sides_from_each_other_at_once(cast: Cast) -> None:
    """R32: no relay has to run."""
    publish(cast.ada, "harbour by ada")
    cast.ada.block(cast.bob)
    assert usernames(cast.ada, "bob") == usernames(cast.bob, "ada") == []
    assert usernames(cast.cyd, "ada") == ["ada"]


def test_a_block_hides_posts_both_ways_and_a_scoped_one_only_the_blockers(
    cast: Cast, drain_outbox: Drain
) -> None:
    """R32, R33"""
    publish(cast.ada, "harbour ada")
    publish(cast.bob, "harbour bob")
    drain_outbox()
    cast.ada.block(cast.bob, "posts")
    assert captions(cast.bob, "harbour") == ["harbour bob"]
    assert captions(cast.ada, "harbour") == ["harbour bob", "harbour ada"]
    cast.ada.block(cast.bob)
    assert captions(cast.bob, "harbour") == ["harbour bob"]
    assert captions(cast.ada, "harbour") == ["harbour ada"]


def test_pages_stay_full_when_blocked_accounts_fall_out(cast: Cast, drain_outbox: Drain) -> None:
    """R58"""
    members = [make_member(f"singer{n}") for n in range(12)]
    drain_outbox()
    for member in members[:4]:
        cast.ada.block(member)
    drain_outbox()
    first = cast.ada.api.get("/search/users/", query={"q": "singer", "limit": 3}).json()
    assert len(first["results"]) == 3
    assert first["next"] is not None
    assert [a["username"] for a in cast.ada.api.pages("/search/users/", q="singer", limit=3)] == [
        f"singer{n}" for n in range(4, 12)
    ]


def test_pages_walk_back_too(cast: Cast, drain_outbox: Drain) -> None:
    for n in range(5):
        make_member(f"singer{n}")
    drain_outbox()
    first = cast.ada.api.get("/search/users/", query={"q": "singer", "limit": 2}).json()
    response = cast.ada.api.get("/search/users/", query={"q": "singer", "limit": 2, "cursor": first["next"]})
    second = response.json()
    assert 'rel="next"' in response["Link"]
    back = cast.ada.api.get(
        "/search/users/", query={"q": "singer", "limit": 2, "cursor": second["previous"]}
    ).json()
    assert back["results"] == first["results"]


def test_an_account_that_leaves_is_gone_before_the_relay_has_run(cast: Cast, drain_outbox: Drain) -> None:
    """R17"""
    publish(cast.bob, "harbour #harbour")
    drain_outbox()
    leave(cast.bob.id, AccountState.DEACTIVATED)
    assert usernames(cast.ada, "bob") == captions(cast.ada, "harbour") == tags(cast.ada, "harbour") == []
    drain_outbox()
    assert usernames(cast.ada, "bob") == captions(cast.ada, "harbour") == tags(cast.ada, "harbour") == []


def test_posts_of_an_account_that_goes_private_vanish_before_the_relay_has_run(
    cast: Cast, drain_outbox: Drain
) -> None:
    """R21: for strangers at once; for followers too once the index has followed."""
    publish(cast.bob, "harbour #harbour")
    drain_outbox()
    cast.bob.go_private()
    assert captions(cast.ada, "harbour") == tags(cast.ada, "harbour") == []
    drain_outbox()
    assert captions(cast.ada, "harbour") == captions(cast.bob, "harbour") == []
    assert usernames(cast.ada, "bob") == ["bob"]


def test_a_post_narrowed_to_followers_vanishes_before_the_relay_has_run(
    cast: Cast, drain_outbox: Drain
) -> None:
    """R01"""
    post_id = publish(cast.bob, "harbour")
    drain_outbox()
    edit(post_id, audience="followers")
    assert captions(cast.ada, "harbour") == []


def test_posts_are_full_posts_newest_first(cast: Cast, drain_outbox: Drain) -> None:
    publish(cast.ada, "harbour in the morning #harbour")
    publish(cast.bob, "Harbour at night")
    drain_outbox()
    response = cast.cyd.api.get("/search/posts/", query={"q": "hárbour"})
    assert [post["caption"] for post in response.json()["results"]] == [
        "Harbour at night",
        "harbour in the morning #harbour",
    ]
    assert response.json()["results"][1]["hashtags"] == ["harbour"]
    assert response.json()["results"][1]["author"]["username"] == "ada"


def test_muted_accounts_stay_in_search(cast: Cast, drain_outbox: Drain) -> None:
    """R34"""
    from graph.rows import AccountFacts
    from graph.writes import mute

    def facts(member: Member) -> AccountFacts:
        return AccountFacts(member.id, member.username, "", False, True)

    publish(cast.bob, "harbour")
    drain_outbox()
    mute(facts(cast.ada), facts(cast.bob), posts=True, stories=True, notifications=True, expires_at=None)
    assert usernames(cast.ada, "bob") == ["bob"]
    assert captions(cast.ada, "harbour") == ["harbour"]


def test_hashtags_come_with_their_number_of_public_posts(cast: Cast, drain_outbox: Drain) -> None:
    for text in ("#Sea", "#sea #seaside", "#seaside", "#SEASIDE"):
        publish(cast.ada, text)
    publish(cast.ada, "#sea", audience="followers")
    drain_outbox()
    assert tags(cast.bob, "#sea") == [("sea", 2), ("seaside", 3)]
    (first, _) = cast.bob.api.get("/search/hashtags/", query={"q": "sea"}).json()["results"]
    assert first == {"name": "sea", "post_count": 2, "following": False}


def test_search_for_everything_has_the_top_of_each(cast: Cast, drain_outbox: Drain) -> None:
    for n in range(7):
        make_member(f"harbour{n}")
        publish(cast.ada, f"harbour {n} #harbour{n}")
    drain_outbox()
    body = cast.bob.api.get("/search/", query={"q": "harbour"}).json()
    assert {name: len(found) for name, found in body.items()} == {"users": 5, "posts": 5, "hashtags": 5}
    body = cast.bob.api.get("/search/", query={"q": "harbour", "limit": 2}).json()
    assert {name: len(found) for name, found in body.items()} == {"users": 2, "posts": 2, "hashtags": 2}


@pytest.mark.parametrize("path", OPERATIONS)
def test_search_is_for_those_who_are_signed_in(anonymous: ApiClient, path: str) -> None:
    assert anonymous.get(path, query={"q": "ada"}).status_code == 401


@pytest.mark.parametrize("path", OPERATIONS)
def test_a_query_has_1_to_100_characters_once_trimmed(cast: Cast, path: str) -> None:
    for wrong in ("", "   ", "x" * 101):
        response = cast.ada.api.get(path, query={"q": wrong})
        assert response.status_code == 422, wrong
        assert response.json()["errors"][0]["pointer"] == "query/q"
    assert cast.ada.api.get(path).status_code == 422
    for right in ("x", "x" * 100, "  " + "x" * 100 + "  ", "é" * 100):
        assert cast.ada.api.get(path, query={"q": right}).status_code == 200


@pytest.mark.parametrize("path", OPERATIONS)
@pytest.mark.parametrize(
    "query", ["'", "\\", "&|!():*", "%s", "🌸", "ada' | 'bob", "ﷺ" * 100, "\ufffe", "..", "__"]
)
def test_no_query_is_an_error(cast: Cast, path: str, query: str) -> None:
    assert cast.ada.api.get(path, query={"q": query}).status_code == 200


def test_a_cursor_of_another_query_is_refused(cast: Cast, drain_outbox: Drain) -> None:
    for n in range(4):
        make_member(f"singer{n}")
    drain_outbox()
    cursor = cast.ada.api.get("/search/users/", query={"q": "singer", "limit": 2}).json()["next"]
    for path, q in (("/search/users/", "song"), ("/search/posts/", "singer")):
        response = cast.ada.api.get(path, query={"q": q, "limit": 2, "cursor": cursor})
        assert (response.status_code, response.json()["code"]) == (400, "invalid-cursor")


@pytest.mark.parametrize("path", ["/search/users/", "/search/hashtags/", "/search/"])
def test_without_the_graph_search_answers_503(cast: Cast, settings: Any, path: str) -> None:
    """R03: who is hidden from the viewer is not known, not even of hashtags."""
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    response = cast.ada.api.get(path, query={"q": "bob"})
    assert (response.status_code, response.json()["code"]) == (503, "graph-unavailable")


def cost(member: Member, path: str, monkeypatch: pytest.MonkeyPatch, **query: Any) -> tuple[int, int]:
    """SQL and graph queries of one call, the session's facts being cached."""
    asked: list[str] = []
    plain = driver.read

    def counting(cypher: str, /, **options: Any) -> Any:
        asked.append(cypher)
        return plain(cypher, **options)

    member.api.get(path, query=query)
    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
        patch.setattr(driver, "read", counting)
        assert member.api.get(path, query=query).status_code == 200
    return len(queries), len(asked)


def test_a_page_costs_the_same_whatever_its_length(
    cast: Cast, drain_outbox: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(25):
        make_member(f"harbour{n}")
        publish(cast.ada, f"harbour {n} with @bob #harbour{n}")
    drain_outbox()
    most = {
        "/search/users/": (3, 1),
        "/search/posts/": (4, 1),
        "/search/hashtags/": (3, 1),
        "/search/": (9, 3),
    }
    for path, allowed in most.items():
        small, large = (cost(cast.ada, path, monkeypatch, q="harbour", limit=limit) for limit in (2, 20))
        assert small == large, path
        assert all(spent <= limit for spent, limit in zip(large, allowed, strict=True)), (path, large)


def test_searching_has_a_limit_of_its_own(cast: Cast, settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 1.0
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "search": (2, 60, 2)}
    answers = [cast.ada.api.get(path, query={"q": "bob"}).status_code for path in OPERATIONS[:3]]
    assert answers == [200, 200, 429]
    assert cast.ada.api.get("/users/me/").status_code == 200
