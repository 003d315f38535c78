"""The status beside a name: text, emoji, expiry read at read time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from project.kernel.clock import now

PATH = "/profiles/ada/status/"


def shown(member, user="ada"):
    return member.api.get(f"/profiles/{user}/").json()["status"]


def test_a_status_is_shown_to_others_until_cleared(cast):
    answer = cast.ada.api.put(PATH, {"text": " reading ", "emoji": "📚"})
    assert answer.status_code == 200
    assert answer.json()["status"] == {"text": "reading", "emoji": "📚", "expires_at": None}
    assert shown(cast.bob) == answer.json()["status"]
    assert cast.bob.api.get("/users/ada/").json()["status"] == answer.json()["status"]
    cast.ada.api.put(PATH, {"emoji": "🌊"})
    assert shown(cast.bob) == {"text": "", "emoji": "🌊", "expires_at": None}
    assert cast.ada.api.delete(PATH).status_code == 204
    assert cast.ada.api.delete(PATH).status_code == 204
    assert shown(cast.bob) is None


def test_a_status_ends_by_the_clock_alone(cast):
    end = now().replace(microsecond=0) + timedelta(hours=1)
    assert cast.ada.api.put(PATH, {"text": "busy", "expires_at": end.isoformat()}).status_code == 200
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        fresh = type(cast.ada.api)(cast.bob.account)
        assert fresh.get("/profiles/ada/").json()["status"]["text"] == "busy"
    with time_machine.travel(end, tick=False):
        fresh = type(cast.ada.api)(cast.bob.account)
        assert fresh.get("/profiles/ada/").json()["status"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "  "},
        {"text": "x" * 61},
        {"text": "x", "emoji": "y" * 9},
        {"text": "nul\x00"},
        {"text": None},
        {"text": "late", "expires_at": "2020-01-01T00:00:00Z"},
        {"text": "no zone", "expires_at": "2099-01-01T00:00:00"},
        {"text": "x", "colour": "red"},
    ],
)
def test_a_bad_status_is_422_and_changes_nothing(cast, body):
    cast.ada.api.put(PATH, {"text": "before"})
    assert cast.ada.api.put(PATH, body).status_code == 422
    assert shown(cast.ada)["text"] == "before"


def test_only_the_owner_sets_it_and_who_blocks_sees_none(cast, staff):
    cast.ada.api.put(PATH, {"text": "mine"})
    for other in (cast.bob, staff):
        assert other.api.put(PATH, {"text": "theirs"}).status_code == 403
        assert other.api.delete(PATH).status_code == 403
    cast.bob.block(cast.ada)
    assert shown(cast.bob) is None
    assert cast.bob.api.put(PATH, {"text": "theirs"}).status_code == 404


def test_r22_a_private_accounts_status_is_for_its_followers(cast, staff):
    cast.bob.follow(cast.ada)
    cast.ada.api.put(PATH, {"text": "among us"})
    cast.ada.go_private()
    assert shown(cast.bob)["text"] == "among us"
    assert shown(cast.cyd) is None
    assert shown(staff)["text"] == "among us"


def test_if_match_guards_the_status_and_the_etag_follows_it(cast):
    etag = cast.ada.api.get("/profiles/ada/")["ETag"]
    first = cast.ada.api.put(PATH, {"text": "one"}, headers={"If-Match": etag})
    assert first.status_code == 200
    assert first["ETag"] != etag
    assert cast.ada.api.put(PATH, {"text": "two"}, headers={"If-Match": etag}).status_code == 412
