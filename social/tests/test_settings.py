"""Settings: stored, versioned, and enforced (R40)."""

from __future__ import annotations

import pytest

from content.tests.kit import comment, publish, ready_media

DEFAULTS = {
    "allow_messages_from": "everyone",
    "allow_mentions_from": "everyone",
    "show_activity_status": True,
    "show_followers": True,
    "show_following": True,
    "language": "",
    "updated_at": None,
}


def test_an_account_starts_with_the_defaults(cast):
    assert cast.ada.api.get("/settings/").json() == DEFAULTS
    kinds = cast.ada.api.get("/settings/notifications/").json()
    assert kinds["like"] == {"in_app": True, "push": True, "email": False}
    assert len(kinds) == 11


def test_changes_stay_and_are_mine_alone(cast):
    answer = cast.ada.api.patch("/settings/", {"allow_mentions_from": "nobody", "language": "de"})
    assert (answer.json()["allow_mentions_from"], answer.json()["language"]) == ("nobody", "de")
    assert cast.ada.api.get("/settings/").json() == answer.json()
    assert cast.bob.api.get("/settings/").json() == DEFAULTS
    assert cast.ada.api.patch("/settings/", {"language": ""}).json()["language"] == ""


def test_notification_switches_change_one_by_one(cast):
    cast.ada.api.patch("/settings/notifications/", {"like": {"push": False}, "follow": {"email": True}})
    body = cast.ada.api.patch("/settings/notifications/", {"like": {"email": True}}).json()
    assert body["like"] == {"in_app": True, "push": False, "email": True}
    assert body["follow"] == {"in_app": True, "push": True, "email": True}
    assert body["comment"] == {"in_app": True, "push": True, "email": False}


def test_if_match_guards_settings_against_lost_updates(cast):
    etag = cast.ada.api.get("/settings/")["ETag"]
    assert cast.ada.api.get("/settings/", headers={"If-None-Match": etag}).status_code == 304
    first = cast.ada.api.patch("/settings/", {"language": "fr"}, headers={"If-Match": etag})
    assert first.status_code == 200
    late = cast.ada.api.patch(
        "/settings/notifications/", {"like": {"push": False}}, headers={"If-Match": etag}
    )
    assert late.status_code == 412


@pytest.mark.parametrize(
    "body",
    [
        {"allow_messages_from": "friends"},
        {"allow_mentions_from": None},
        {"show_activity_status": "yes"},
        {"language": "Deutsch!"},
        {"account_id": 1},
        {"version": 9},
    ],
)
def test_bad_settings_are_422(cast, body):
    assert cast.ada.api.patch("/settings/", body).status_code == 422
    assert cast.ada.api.get("/settings/").json() == DEFAULTS


@pytest.mark.parametrize(
    "body", [{"like": None}, {"like": {"push": 1}}, {"like": {"fax": True}}, {"poke": {}}]
)
def test_bad_notification_settings_are_422(cast, body):
    assert cast.ada.api.patch("/settings/notifications/", body).status_code == 422


def test_settings_need_an_account(anonymous):
    assert anonymous.get("/settings/").status_code == 401


@pytest.mark.parametrize(
    ("policy", "nobody_follows", "author_follows", "followed_by_the_named"),
    [
        ("everyone", True, True, True),
        ("followers", False, True, False),
        ("following", False, False, True),
        ("nobody", False, False, False),
    ],
)
def test_r40_who_may_mention_and_tag_me(cast, policy, nobody_follows, author_follows, followed_by_the_named):
    """bob writes, ada is named: strangers first, then bob follows ada, then only ada follows bob."""
    cast.ada.api.patch("/settings/", {"allow_mentions_from": policy})

    def named():
        post = publish(cast.bob, caption="look, @ada")
        note = comment(cast.bob, post, "hi @ada")
        body = {"media": [ready_media(cast.bob.id)], "tagged": [cast.ada.id]}
        tagged = cast.bob.api.post("/posts/", body).status_code == 201
        mentioned = [m["username"] for m in post["mentions"]] == ["ada"]
        assert mentioned == tagged == ([m["username"] for m in note["mentions"]] == ["ada"])
        return mentioned

    assert named() is nobody_follows
    cast.bob.follow(cast.ada)
    assert named() is author_follows
    cast.bob.api.delete("/follow/ada/")
    cast.ada.follow(cast.bob)
    assert named() is followed_by_the_named


def test_r40_one_may_always_mention_oneself(cast):
    cast.ada.api.patch("/settings/", {"allow_mentions_from": "nobody"})
    assert [m["username"] for m in publish(cast.ada, caption="me, @ada")["mentions"]] == ["ada"]
