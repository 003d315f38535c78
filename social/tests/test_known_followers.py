"""Followers whom the viewer follows (R17, R22, R32)."""

from __future__ import annotations

from project.testing.cast import make_member
from social.tests.test_relationships import names

KNOWN = "/followers/bob/known/"


def test_known_followers_are_those_i_follow_who_follow_them_newest_first(cast):
    for fan in (cast.cyd, cast.dan, make_member("eve")):
        fan.follow(cast.bob)
    for friend in (cast.dan, cast.cyd, cast.bob):
        cast.ada.follow(friend)
    assert names(cast.ada.api.get(KNOWN)) == ["dan", "cyd"]
    assert names(cast.ada.api.get(KNOWN, query={"search": "chari"})) == ["cyd"]
    assert [row["username"] for row in cast.ada.api.pages(KNOWN, limit=1)] == ["dan", "cyd"]
    assert names(cast.dan.api.get(KNOWN)) == []


def test_r22_the_known_followers_of_a_private_account_are_403_to_strangers(cast):
    cast.ada.follow(cast.cyd)
    cast.cyd.follow(cast.bob)
    cast.bob.go_private()
    answer = cast.ada.api.get(KNOWN)
    assert (answer.status_code, answer.json()["code"]) == (403, "private-account")
    assert cast.cyd.api.get(KNOWN).status_code == 200


def test_a_hidden_list_of_followers_hides_the_known_ones_too(cast):
    cast.bob.api.patch("/profiles/bob/", {"show_followers": False})
    answer = cast.ada.api.get(KNOWN)
    assert (answer.status_code, answer.json()["code"]) == (403, "list-hidden")
    assert cast.bob.api.get(KNOWN).status_code == 200


def test_r32_known_followers_are_404_across_a_block_and_hide_whom_a_block_hides(cast):
    cast.ada.follow(cast.cyd)
    cast.cyd.follow(cast.bob)
    cast.bob.block(cast.dan)
    for viewer, path in ((cast.dan, KNOWN), (cast.bob, "/followers/dan/known/")):
        assert viewer.api.get(path).status_code == 404
    assert names(cast.ada.api.get(KNOWN)) == ["cyd"]
    cast.cyd.block(cast.ada)
    assert names(cast.ada.api.get(KNOWN)) == []
