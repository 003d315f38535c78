"""Who sees a story: viewers × owners × audiences, on every operation that shows one or tells of it (R01, R17,
R20, R22, R32-R35, R56). What is expected is written down here again, from the rules and not from the code."""

from __future__ import annotations

import pytest

from content.tests.stories_kit import befriend, expire, mute_stories, tell
from project.testing.cast import make_member
from social.models import Account, AccountState

AUDIENCES = ("everyone", "close_friends")
OWNERS = ("public", "private", "gone", "expired")
VIEWERS = (
    "owner",
    "stranger",
    "follower",
    "requester",
    "close_follower",
    "close_stranger",
    "blocked",
    "blocker",
    "no_stories",
    "no_posts",
    "muter",
    "staff",
    "blocked_staff",
)
FOLLOWERS = {"follower", "close_follower", "no_stories", "no_posts", "muter"}
CLOSE = {"close_follower", "close_stranger", "no_stories", "no_posts", "muter"}
HIDDEN = {"blocked", "blocker", "blocked_staff"}


def as_anybody(who, owner, audience):
    """Whether `who` is among those to whom the story is shown, the privilege of staff apart."""
    if owner in ("gone", "expired"):
        return False
    if who == "owner":
        return True
    if who in HIDDEN or who == "no_stories":
        return False
    if owner == "private" and who not in FOLLOWERS:
        return False
    return audience == "everyone" or who in CLOSE


def by_id(who, owner, audience):
    """Whether `who` may open the story by its id."""
    if owner in ("gone", "expired"):
        return False
    return who in ("staff", "blocked_staff") or as_anybody(who, owner, audience)


def list_status(who, owner):
    """What the list of the owner's stories answers."""
    if owner == "gone" or who in ("blocked", "blocker"):
        return 404
    if owner == "private" and who not in FOLLOWERS | {"owner", "staff", "blocked_staff"}:
        return 403
    return 200


def in_tray(who, owner, audience, *, muted_too):
    """Whether the story is in the tray of `who`."""
    if who not in FOLLOWERS | {"owner"} or (who == "muter" and not muted_too):
        return False
    return as_anybody(who, owner, audience)


@pytest.fixture
def people(cast):
    """Everybody in their relation to ada; ada is `owner`."""
    ada = cast.ada
    found = {
        who: make_member(f"v_{who}", is_staff=who in ("staff", "blocked_staff"))
        for who in VIEWERS
        if who != "owner"
    }
    for who in FOLLOWERS:
        found[who].follow(ada)
    for who in CLOSE:
        befriend(ada, found[who])
    ada.block(found["blocked"])
    ada.block(found["blocked_staff"])
    found["blocker"].block(ada)
    ada.block(found["no_stories"], "stories")
    ada.block(found["no_posts"], "posts")
    mute_stories(found["muter"], ada)
    return {"owner": ada, **found}


@pytest.mark.parametrize("owner", OWNERS)
def test_r01_every_operation_gives_the_verdict_of_the_rules(people, owner):
    ada = people["owner"]
    if owner == "private":
        ada.go_private()
        people["requester"].follow(ada)
    told = {audience: tell(ada, audience=audience) for audience in AUDIENCES}
    if owner == "expired":
        for story in told.values():
            expire(story)
    if owner == "gone":
        Account.objects.filter(pk=ada.id).update(state=AccountState.SUSPENDED)
    for who, member in people.items():
        if (who, owner) == ("owner", "gone"):
            continue
        check(who, member.api, owner, told)


def check(who, api, owner, told):
    """All operations for one viewer."""
    ids = {audience: story["id"] for audience, story in told.items()}
    visible = {a for a in AUDIENCES if as_anybody(who, owner, a)}
    for muted_too in (False, True):
        body = api.get("/stories/", query={"include_muted": str(muted_too).lower()}).json()
        shown = {story["id"] for entry in body["results"] for story in entry["stories"]}
        assert shown == {ids[a] for a in AUDIENCES if in_tray(who, owner, a, muted_too=muted_too)}, (
            who,
            muted_too,
        )
        assert len(body["results"]) == bool(shown), who

    listed = api.get("/users/ada/stories/")
    assert listed.status_code == list_status(who, owner), who
    if listed.status_code == 200:
        assert {story["id"] for story in listed.json()["results"]} == {ids[a] for a in visible}, who

    for path in ("/profiles/ada/", "/users/ada/"):
        profile = api.get(path)
        if profile.status_code == 200:
            assert profile.json()["has_story"] is bool(visible), (who, path)
        else:
            assert (profile.status_code, visible) == (404, set()), (who, path)

    for audience, story in told.items():
        opens = by_id(who, owner, audience)
        one = f"/stories/{story['id']}/"
        where = (who, owner, audience)
        assert api.get(one).status_code == (200 if opens else 404), where
        seers = 200 if who == "owner" else 403
        assert api.get(f"{one}viewers/").status_code == (seers if opens else 404), where
        assert api.put(f"{one}view/").status_code == (204 if opens else 404), where
        # One's own media, and any for staff, whatever shows them.
        media = opens or who == "owner" or (owner != "gone" and who in ("staff", "blocked_staff"))
        assert api.get(f"/media/{story['media']['id']}/").status_code == (200 if media else 404), where
        reply = api.post(f"{one}reply/", {"text": "hello"})
        answers = as_anybody(who, owner, audience)
        assert reply.status_code == ((403 if who == "owner" else 201) if answers else 404), where


def test_r35_to_others_a_story_for_close_friends_never_was(people):
    story = tell(people["owner"], audience="close_friends")
    stranger = people["follower"].api

    def told(story_id):
        body = stranger.get(f"/stories/{story_id}/").json()
        return {key: value for key, value in body.items() if key != "request_id"}

    assert told(story["id"]) == told(987654321)


def test_r35_who_is_taken_off_the_list_sees_nothing_any_more(cast):
    from graph.writes.close_friends import remove_close_friend

    cast.bob.follow(cast.ada)
    befriend(cast.ada, cast.bob)
    story = tell(cast.ada, audience="close_friends")
    assert cast.bob.api.get(f"/stories/{story['id']}/").status_code == 200
    remove_close_friend(cast.ada.id, cast.bob.id)
    assert cast.bob.api.get(f"/stories/{story['id']}/").status_code == 404
    assert cast.bob.api.get("/profiles/ada/").json()["has_story"] is False
    assert cast.bob.api.get("/stories/").json()["results"] == []
