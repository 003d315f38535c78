"""The close friends list over the API (R30, R32, R35)."""

from __future__ import annotations

from graph.bulk import relationship_totals
from social.tests.test_relationships import names, relation


def test_r35_a_close_friend_is_201_then_200_and_only_the_owner_knows(cast):
    first, again = cast.ada.api.post("/close-friend/bob/"), cast.ada.api.post("/close-friend/bob/")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == relation(cast.ada, cast.bob)
    assert first.json()["close_friend"] is True
    assert relation(cast.bob, cast.ada)["close_friend"] is False
    page = cast.ada.api.get("/close-friend/")
    assert (names(page), page.json()["count"]) == (["bob"], 1)
    assert cast.bob.api.get("/close-friend/").json()["count"] == 0


def test_r35_the_list_can_be_searched_and_paged_newest_first(cast):
    for name in ("bob", "cyd", "dan"):
        cast.ada.api.post(f"/close-friend/{name}/")
    assert names(cast.ada.api.get("/close-friend/", query={"search": "chari"})) == ["cyd"]
    assert cast.ada.api.get("/close-friend/", query={"search": "chari"}).json()["count"] == 3
    assert [row["username"] for row in cast.ada.api.pages("/close-friend/", limit=1)] == ["dan", "cyd", "bob"]


def test_r30_taking_off_is_always_204(cast):
    cast.ada.api.post("/close-friend/bob/")
    for _ in range(2):
        assert cast.ada.api.delete("/close-friend/bob/").status_code == 204
    cast.bob.block(cast.ada)
    assert cast.ada.api.delete("/close-friend/bob/").status_code == 204


def test_r30_nobody_across_a_block_or_gone_becomes_a_close_friend(cast):
    cast.bob.block(cast.ada)
    assert cast.cyd.api.post("/deactivate-account/").status_code == 204
    for name in ("bob", "cyd", "nobody"):
        assert cast.ada.api.post(f"/close-friend/{name}/").status_code == 404
    cast.ada.block(cast.dan)
    answer = cast.ada.api.post("/close-friend/dan/")
    assert (answer.status_code, answer.json()["code"]) == (409, "blocking")
    answer = cast.ada.api.post("/close-friend/ada/")
    assert (answer.status_code, answer.json()["code"]) == (422, "self-relationship")
    assert relationship_totals()["CLOSE_FRIEND"] == 0


def test_r32_a_full_block_by_either_ends_close_friendship_both_ways_for_good(cast):
    cast.ada.api.post("/close-friend/bob/")
    cast.bob.api.post("/close-friend/ada/")
    cast.bob.block(cast.ada)
    assert relationship_totals()["CLOSE_FRIEND"] == 0
    cast.bob.api.delete("/block/ada/")
    assert relation(cast.ada, cast.bob)["close_friend"] is False


def test_r82_adding_with_a_repeated_key_answers_as_the_first(cast):
    headers = {"Idempotency-Key": "c"}
    first = cast.ada.api.post("/close-friend/bob/", headers=headers)
    again = cast.ada.api.post("/close-friend/bob/", headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert cast.ada.api.post("/close-friend/cyd/", headers=headers).status_code == 422
