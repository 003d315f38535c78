"""Mutes over the API (R30, R34)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from graph.bulk import relationship_totals
from project.kernel.clock import now
from social.tests.test_relationships import relation

ALL = {"posts": True, "stories": True, "notifications": True, "expires_at": None}


def muted(viewer):
    return {row["account"]["username"]: row["muting"] for row in viewer.api.get("/mute/").json()["results"]}


def test_r34_a_mute_without_a_body_mutes_everything_and_is_201_then_200(cast):
    first, again = cast.ada.api.post("/mute/bob/"), cast.ada.api.post(f"/mute/{cast.bob.id}/", {})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == relation(cast.ada, cast.bob)
    assert first.json()["muting"] == ALL
    assert relation(cast.bob, cast.ada)["muting"] is None
    assert muted(cast.ada) == {"bob": ALL}
    assert muted(cast.bob) == {}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"posts": True}, (True, False, False)),
        ({"stories": True, "notifications": None}, (False, True, False)),
        ({"posts": False, "stories": True, "notifications": True}, (False, True, True)),
    ],
)
def test_r34_switches_that_are_not_sent_are_off_where_one_is(cast, body, expected):
    muting = cast.ada.api.post("/mute/bob/", body).json()["muting"]
    assert tuple(muting[name] for name in ("posts", "stories", "notifications")) == expected


def test_r34_muting_again_replaces_switches_and_time(cast):
    until = (now() + timedelta(hours=1)).isoformat()
    first = cast.ada.api.post("/mute/bob/", {"posts": True, "expires_at": until}).json()["muting"]
    assert first["expires_at"] is not None
    again = cast.ada.api.post("/mute/bob/", {"stories": True})
    assert again.status_code == 200
    assert again.json()["muting"] == {**ALL, "posts": False, "notifications": False}
    assert relationship_totals()["MUTES"] == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"posts": False}, ""),
        ({"posts": False, "stories": False, "notifications": False}, ""),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "tomorrow"}, "/expires_at"),
        ({"posts": 1}, "/posts"),
        ({"forever": True}, "/forever"),
    ],
)
def test_r34_a_mute_of_nothing_or_in_the_past_is_422(cast, body, pointer):
    answer = cast.ada.api.post("/mute/bob/", body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert relation(cast.ada, cast.bob)["muting"] is None


def test_r34_a_mute_is_over_when_its_time_has_come(cast, time_machine):
    start = now()
    time_machine.move_to(start, tick=False)
    cast.ada.api.post("/mute/bob/", {"expires_at": (start + timedelta(minutes=2)).isoformat()})
    time_machine.move_to(start + timedelta(minutes=2, microseconds=-1), tick=False)
    assert relation(cast.ada, cast.bob)["muting"] is not None
    assert list(muted(cast.ada)) == ["bob"]
    time_machine.move_to(start + timedelta(minutes=2), tick=False)
    assert relation(cast.ada, cast.bob)["muting"] is None
    assert muted(cast.ada) == {}
    assert cast.ada.api.post("/mute/bob/").status_code == 201


def test_r30_unmuting_is_always_204(cast):
    cast.ada.api.post("/mute/bob/")
    for _ in range(2):
        assert cast.ada.api.delete("/mute/bob/").status_code == 204
    assert muted(cast.ada) == {}
    cast.ada.api.post("/mute/bob/")
    cast.bob.block(cast.ada)
    assert cast.ada.api.delete("/mute/bob/").status_code == 204
    assert relationship_totals()["MUTES"] == 0


def test_r30_whoever_blocks_me_or_is_gone_cannot_be_muted(cast):
    cast.bob.block(cast.ada)
    assert cast.cyd.api.post("/deactivate-account/").status_code == 204
    for name in ("bob", "cyd", "nobody"):
        assert cast.ada.api.post(f"/mute/{name}/").status_code == 404
    answer = cast.ada.api.post("/mute/ada/")
    assert (answer.status_code, answer.json()["code"]) == (422, "self-relationship")
    assert relationship_totals()["MUTES"] == 0


def test_r34_strangers_private_and_scoped_blocked_accounts_can_be_muted(cast):
    cast.bob.go_private()
    cast.cyd.block(cast.ada, "posts")
    for name in ("bob", "cyd"):
        assert cast.ada.api.post(f"/mute/{name}/").status_code == 201
    assert muted(cast.ada).keys() == {"bob", "cyd"}


def test_r32_a_block_either_way_takes_the_muted_one_out_of_the_list(cast):
    for name in ("bob", "cyd"):
        cast.ada.api.post(f"/mute/{name}/")
    cast.bob.block(cast.ada)
    cast.ada.block(cast.cyd)
    assert muted(cast.ada) == {}
    cast.bob.api.delete("/block/ada/")
    assert muted(cast.ada).keys() == {"bob"}


def test_r82_a_mute_repeated_with_its_key_answers_as_the_first(cast):
    headers = {"Idempotency-Key": "m"}
    first = cast.ada.api.post("/mute/bob/", {"posts": True}, headers=headers)
    again = cast.ada.api.post("/mute/bob/", {"posts": True}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = cast.ada.api.post("/mute/bob/", {"stories": True}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
