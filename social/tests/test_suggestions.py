"""Whom the product suggests to follow."""

from __future__ import annotations

from content.tests.kit import comment, count_queries, publish
from graph.bulk import load_follows
from project.kernel.clock import now
from project.testing.cast import make_member
from social import popular
from social.models import AccountState, Dismissal
from social.services.account_state import leave
from social.tests.test_list_costs import crowd


def suggested(viewer, **query):
    return [row["account"]["username"] for row in viewer.api.pages("/explore/users/", **query)]


def test_a_dismissed_account_is_never_suggested_again_to_that_viewer(cast, drain_outbox):
    drain_outbox()
    cast.bob.follow(cast.cyd)
    cast.ada.follow(cast.bob)
    assert suggested(cast.ada) == ["cyd", "dan"]
    for _ in range(2):
        assert cast.ada.api.delete("/explore/users/cyd/").status_code == 204
    assert cast.ada.api.delete(f"/explore/users/{cast.dan.id}/").status_code == 204
    assert Dismissal.objects.count() == 2
    assert suggested(cast.ada) == []
    assert "cyd" in suggested(cast.dan)
    # It is a choice about a list, nothing between the two.
    assert cast.ada.follow(cast.cyd).status_code == 201


def test_who_is_hidden_or_oneself_cannot_be_dismissed(cast):
    cast.bob.block(cast.ada)
    for name in ("bob", "nobody"):
        assert cast.ada.api.delete(f"/explore/users/{name}/").status_code == 404
    answer = cast.ada.api.delete("/explore/users/ada/")
    assert (answer.status_code, answer.json()["code"]) == (422, "self-relationship")


def walk(viewer, limit=2):
    return viewer.api.pages("/explore/users/", limit=limit)


def test_mutuals_come_first_then_shared_interests_then_popular_ones_and_nobody_twice(cast, drain_outbox):
    """bob and cyd follow dan, bob follows eve, too; gil and hal post with ada's hashtags; ivy is followed."""
    eve, gil, hal, ivy, jon = (make_member(name) for name in ("eve", "gil", "hal", "ivy", "jon"))
    drain_outbox()
    for fan, other in ((cast.bob, cast.dan), (cast.cyd, cast.dan), (cast.bob, eve), (jon, ivy)):
        fan.follow(other)
    for friend in (cast.bob, cast.cyd):
        cast.ada.follow(friend)
    publish(cast.ada, caption="#harbour #fog")
    publish(gil, caption="#harbour")
    publish(hal, caption="#harbour #fog")
    publish(cast.dan, caption="#harbour #fog")
    for limit in (1, 2, 50):
        rows = walk(cast.ada, limit)
        assert [(row["account"]["username"], row["mutual_count"], row["reason"]) for row in rows] == [
            ("dan", 2, "mutual_follows"),
            ("eve", 1, "mutual_follows"),
            ("hal", 0, "shared_interests"),
            ("gil", 0, "shared_interests"),
            ("ivy", 0, "popular"),
            ("jon", 0, "popular"),
        ]
    assert {m["username"] for m in rows[0]["mutuals"]} == {"bob", "cyd"}
    assert rows[2]["mutuals"] == []


def test_interests_come_from_what_i_post_and_like_and_only_from_public_posts_of_public_accounts(cast):
    eve, gil = make_member("eve"), make_member("gil")
    liked = publish(cast.bob, caption="#kites")
    cast.ada.api.put(f"/posts/{liked['id']}/like/")
    publish(cast.cyd, caption="#kites", audience="followers")
    publish(cast.dan, caption="#kites", state="draft")
    publish(eve, caption="#kites")
    eve.go_private()
    publish(gil, caption="#other")
    comment(gil, liked, "#kites")
    reasons = {row["account"]["username"]: row["reason"] for row in walk(cast.ada)}
    assert [name for name, reason in reasons.items() if reason == "shared_interests"] == ["bob"]
    assert "eve" not in reasons


def test_followed_asked_blocked_muted_dismissed_and_gone_accounts_are_in_no_part(cast, drain_outbox):
    """Each of them is a friend's friend, posts with ada's hashtag, and is popular."""
    ada, bob = cast.ada, cast.bob
    names = ("followed", "asked", "blocked", "blocker", "muted", "dismissed", "suspended", "gone", "shown")
    who = {name: make_member(f"w{name}") for name in names}
    drain_outbox()
    ada.follow(bob)
    publish(ada, caption="#tag")
    for member in who.values():
        bob.follow(member)
        cast.cyd.follow(member)
        publish(member, caption="#tag")
    assert len([row for row in walk(ada) if row["reason"] == "mutual_follows"]) == len(names)
    ada.follow(who["followed"])
    who["asked"].go_private()
    ada.follow(who["asked"])
    ada.block(who["blocked"])
    who["blocker"].block(ada)
    ada.api.post(f"/mute/{who['muted'].id}/", {"stories": True})
    ada.api.delete(f"/explore/users/{who['dismissed'].id}/")
    leave(who["suspended"].id, AccountState.SUSPENDED)
    assert who["gone"].api.post("/deactivate-account/").status_code == 204
    for _ in range(2):
        assert [row["account"]["username"] for row in walk(ada) if row["account"]["username"][0] == "w"] == [
            "wshown"
        ]
        bob.api.delete("/follow/wshown/")
        ada.api.delete("/follow/bob/")


def test_a_new_account_gets_popular_public_ones(cast):
    ids = crowd("fan", 4)
    load_follows((id_, cast.bob.id, now()) for id_ in ids)
    load_follows((id_, cast.cyd.id, now()) for id_ in ids[:2])
    cast.bob.go_private()
    rows = walk(cast.ada)
    assert rows[0]["account"]["username"] == "cyd"
    assert {row["reason"] for row in rows} == {"popular"}
    assert "bob" not in [row["account"]["username"] for row in rows]


def test_the_popular_list_of_a_big_service_is_kept_and_what_it_shows_is_not(cast, monkeypatch):
    monkeypatch.setattr(popular, "MOST", 3)
    ids = crowd("fan", 5)
    for target, fans in ((cast.bob, 5), (cast.cyd, 4), (cast.dan, 3)):
        load_follows((id_, target.id, now()) for id_ in ids[:fans])
    assert [row["account"]["username"] for row in walk(cast.ada)] == ["bob", "cyd", "dan"]
    with count_queries(monkeypatch) as seen:
        cast.bob.go_private()
        assert cast.cyd.api.post("/deactivate-account/").status_code == 204
        assert [row["account"]["username"] for row in walk(cast.ada)] == ["dan"]
    assert not any("candidate.active AND NOT candidate.private" in statement for statement in seen.graph)


def test_a_page_costs_the_same_whatever_its_length(cast, monkeypatch):
    ids = crowd("fan", 30)
    cast.ada.follow(cast.bob)
    load_follows((cast.bob.id, id_, now()) for id_ in ids)
    cost = []
    for limit in (2, 20):
        with count_queries(monkeypatch) as seen:
            assert len(cast.ada.api.get("/explore/users/", query={"limit": limit}).json()["results"]) == limit
        cost.append(seen.numbers)
    assert cost[0] == cost[1]
    assert cost[0][1] == 2
    with count_queries(monkeypatch) as seen:
        cast.cyd.api.get("/explore/users/", query={"limit": 10})
    assert seen.numbers[1] <= 4
