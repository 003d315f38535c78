"""Reading and changing profiles (R21, R38, conditional requests)."""

from __future__ import annotations

import pytest

from graph.bulk import account_facts
from social.models import Account


def test_sensitive_fields_are_for_the_owner_and_staff(cast, staff):
    own = cast.ada.api.get("/profiles/ada/").json()
    assert own["email"] == "ada@example.org"
    assert staff.api.get("/profiles/ada/").json()["email"] == "ada@example.org"
    body = cast.bob.api.get("/profiles/ada/").content.decode()
    assert "ada@example.org" not in body
    assert '"email"' not in body


def test_a_profile_is_found_by_id_and_by_username_whatever_its_case(cast):
    assert cast.bob.api.get("/profiles/ADA/").json() == cast.bob.api.get(f"/profiles/{cast.ada.id}/").json()


def test_a_change_bumps_the_version_and_reaches_graph_and_search(cast, drain_outbox):
    answer = cast.ada.api.patch("/profiles/ada/", {"full_name": "Ada King", "bio": "Notes\non engines"})
    assert answer.json()["full_name"] == "Ada King"
    drain_outbox()
    assert account_facts([cast.ada.id])[cast.ada.id].full_name == "Ada King"
    cast.ada.api.patch("/profiles/ada/", {"bio": ""})
    assert cast.bob.api.get("/profiles/ada/").json()["bio"] == ""
    assert Account.objects.get(pk=cast.ada.id).version == 3


def test_only_the_owner_changes_a_profile(cast, staff):
    for other in (cast.bob, staff):
        assert other.api.patch("/profiles/ada/", {"bio": "x"}).status_code == 403
    cast.ada.block(cast.bob)
    assert cast.bob.api.patch("/profiles/ada/", {"bio": "x"}).status_code == 404


def test_if_match_guards_against_lost_updates(cast):
    etag = cast.ada.api.get("/profiles/ada/")["ETag"]
    first = cast.ada.api.patch("/profiles/ada/", {"bio": "one"}, headers={"If-Match": etag})
    assert first.status_code == 200
    late = cast.ada.api.patch("/profiles/ada/", {"bio": "two"}, headers={"If-Match": etag})
    assert (late.status_code, late.json()["code"]) == (412, "precondition-failed")
    now = cast.ada.api.patch("/profiles/ada/", {"bio": "two"}, headers={"If-Match": first["ETag"]})
    assert now.status_code == 200
    assert cast.ada.api.patch("/profiles/ada/", {"bio": "3"}, headers={"If-Match": "*"}).status_code == 200
    assert cast.ada.api.patch("/profiles/ada/", {"bio": "4"}, headers={"If-Match": '"x"'}).status_code == 412


def test_if_none_match_spares_an_unchanged_profile_and_notices_a_new_follower(cast):
    etag = cast.bob.api.get("/profiles/ada/")["ETag"]
    same = cast.bob.api.get("/profiles/ada/", headers={"If-None-Match": etag})
    assert (same.status_code, same.content) == (304, b"")
    cast.cyd.follow(cast.ada)
    assert cast.bob.api.get("/profiles/ada/", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"full_name": None},
        {"full_name": "x" * 61},
        {"bio": "x" * 501},
        {"bio": "nul\x00"},
        {"website": "javascript:alert(1)"},
        {"gender": "robot"},
        {"is_private": "yes"},
        {"is_private": 1},
        {"is_staff": True},
        {"username": "other"},
        {"unknown": 1},
    ],
)
def test_bad_changes_are_422_and_change_nothing(cast, body):
    before = cast.ada.api.get("/users/me/").json()
    assert cast.ada.api.patch("/profiles/ada/", body).status_code == 422
    assert cast.ada.api.get("/users/me/").json() == before


def test_r38_closing_reaches_the_node_before_the_answer(cast):
    cast.bob.go_private()
    assert account_facts([cast.bob.id])[cast.bob.id].private is True
    cast.bob.go_private(False)
    assert account_facts([cast.bob.id])[cast.bob.id].private is False


def test_r38_a_follow_becomes_a_request_if_either_store_says_private(cast):
    Account.objects.filter(pk=cast.bob.id).update(is_private=True)
    assert cast.ada.follow(cast.bob).json()["state"] == "requested"


def test_hidden_lists_are_403_for_others_only(cast):
    cast.ada.api.patch("/profiles/ada/", {"show_followers": False})
    assert cast.bob.api.get("/followers/ada/").json()["code"] == "list-hidden"
    assert cast.bob.api.get("/following/ada/").status_code == 200
    assert cast.ada.api.get("/followers/ada/").status_code == 200
