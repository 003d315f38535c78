"""Stories: telling, the 24 hours by the clock, seeing, deleting, and what is removed later (R22, R32, R36, R50,
R54, R56, R82)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from content.models import Media, MediaState, MediaTag, Story, StoryReply, StoryView
from content.services import stories
from content.services.media import sweep_unattached
from content.services.purge import purge_stories, purge_story_replies, purge_story_views
from content.tasks import sweep_expired_stories
from content.tests.kit import ids_of, publish, ready_media
from content.tests.stories_kit import (
    age,
    expire,
    names,
    tell,
    told_at,
    tray,
    view,
    viewer_count,
    viewers,
)
from project.kernel.errors import NotFound
from project.kernel.viewer import Viewer
from project.testing.client import ApiClient
from social.models import AccountState
from social.services.account_state import leave

# ---- telling


def test_a_story_is_answered_whole(cast):
    media = ready_media(cast.ada.id, alt_text="a boat")
    story = tell(cast.ada, media=media, audience="close_friends", allow_replies=False)
    assert story["author"]["username"] == "ada"
    assert (story["media"]["id"], story["media"]["alt_text"]) == (media, "a boat")
    assert (story["audience"], story["allow_replies"]) == ("close_friends", False)
    assert (story["viewed"], story["viewer_count"]) == (True, 0)
    created, expires = (datetime.fromisoformat(story[name]) for name in ("created_at", "expires_at"))
    assert expires - created == timedelta(hours=24)
    assert cast.ada.api.get(f"/stories/{story['id']}/").json().keys() == story.keys()
    assert tell(cast.ada)["audience"] == "everyone"


def test_a_video_can_be_a_story(cast):
    assert tell(cast.ada, media=ready_media(cast.ada.id, kind="video"))["media"]["kind"] == "video"


def test_r32_people_tagged_on_the_picture_are_shown_to_who_may_find_them(cast):
    media = ready_media(cast.ada.id)
    for position, member in enumerate((cast.bob, cast.cyd)):
        MediaTag.objects.create(media_id=media, account_id=member.id, position=position, x=0.5, y=0.25)
    cast.bob.block(cast.dan)
    story = tell(cast.ada, media=media)

    def tagged(member):
        shown = member.api.get(f"/stories/{story['id']}/").json()
        return [tag["account"]["username"] for tag in shown["media"]["tagged"]]

    assert tagged(cast.ada) == ["bob", "cyd"]
    assert tagged(cast.dan) == ["cyd"]
    (entry,) = cast.ada.api.get("/stories/").json()["results"]
    assert len(entry["stories"][0]["media"]["tagged"]) == 2


@pytest.mark.parametrize("state", [MediaState.PENDING, MediaState.PROCESSING, MediaState.FAILED])
def test_r54_unready_media_is_409(cast, state):
    media = ready_media(cast.ada.id, state=state, reason="broken" if state == MediaState.FAILED else "")
    answer = cast.ada.api.post("/stories/", {"media": media})
    assert (answer.status_code, answer.json()["code"]) == (409, "media-not-ready")
    assert not Story.objects.exists()


def test_anothers_media_and_unknown_media_look_the_same(cast):
    answers = [
        cast.ada.api.post("/stories/", {"media": media}) for media in (ready_media(cast.bob.id), 987654321)
    ]
    assert [a.status_code for a in answers] == [422, 422]
    assert [a.json()["errors"] for a in answers] == [
        [{"pointer": "/media", "code": "unknown_media", "message": "There is no such media of yours."}]
    ] * 2


def test_a_media_is_in_one_post_or_one_story(cast):
    in_post = publish(cast.ada)["media"][0]["id"]
    in_story = tell(cast.ada)["media"]["id"]
    for media in (in_post, in_story):
        refused = cast.ada.api.post("/stories/", {"media": media})
        assert (refused.status_code, refused.json()["code"]) == (409, "media-attached")
    refused = cast.ada.api.post("/posts/", {"media": [in_story]})
    assert (refused.status_code, refused.json()["code"]) == (409, "media-attached")
    assert cast.ada.api.delete(f"/media/{in_story}/").json()["code"] == "media-attached"
    assert cast.ada.api.put("/profiles/ada/avatar/", {"media": in_story}).json()["code"] == "media-attached"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"media": "1"},
        {"media": 1, "audience": "nobody"},
        {"media": 1, "allow_replies": "yes"},
        {"media": 1, "expires_at": "2100-01-01T00:00:00Z"},
        {"media": 1, "viewer_count": 5},
    ],
)
def test_what_does_not_fit_is_422(cast, body):
    assert cast.ada.api.post("/stories/", body).status_code == 422


def test_r82_a_repeat_with_the_same_key_tells_one_story(cast):
    body, headers = {"media": ready_media(cast.ada.id)}, {"Idempotency-Key": "k"}
    first, again = (cast.ada.api.post("/stories/", body, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Story.objects.count() == 1
    other = {**body, "allow_replies": False}
    assert cast.ada.api.post("/stories/", other, headers=headers).status_code == 422


def test_there_is_an_end_to_how_many_stories_live_at_once(cast, monkeypatch):
    monkeypatch.setattr(stories, "MOST_LIVE", 2)
    first = tell(cast.ada)
    tell(cast.ada)
    refused = cast.ada.api.post("/stories/", {"media": ready_media(cast.ada.id)})
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-stories")
    tell(cast.bob)
    expire(first)
    tell(cast.ada)


# ---- 24 hours

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "lives"),
    [
        (timedelta(0), True),
        (timedelta(hours=23, minutes=59, seconds=59), True),
        (timedelta(hours=24) - timedelta(microseconds=1), True),
        (timedelta(hours=24), False),
        (timedelta(hours=24, seconds=1), False),
        (timedelta(days=30), False),
    ],
)
def test_r56_a_story_is_there_for_24_hours_by_the_clock_alone(cast, staff, later, lives):
    cast.bob.follow(cast.ada)
    with time_machine.travel(NOON, tick=False):
        ada = ApiClient(cast.ada.account)
        story = ada.post("/stories/", {"media": ready_media(cast.ada.id)}).json()
    shown = [story["id"]] if lives else []
    with time_machine.travel(NOON + later, tick=False):
        # No job has run: the row is there.
        assert Story.objects.filter(pk=story["id"]).exists()
        for member in (cast.ada, cast.bob, staff):
            api = ApiClient(member.account)
            assert api.get(f"/stories/{story['id']}/").status_code == (200 if lives else 404)
            assert ids_of(api.get("/users/ada/stories/")) == shown
            profile = api.get("/profiles/ada/").json()
            assert profile["has_story"] is lives
            in_tray = [s["id"] for e in api.get("/stories/").json()["results"] for s in e["stories"]]
            assert in_tray == ([] if member is staff else shown)
            view_status = api.put(f"/stories/{story['id']}/view/").status_code
            assert view_status == (204 if lives else 404)
        assert ApiClient(cast.ada.account).get(f"/stories/{story['id']}/viewers/").status_code == (
            200 if lives else 404
        )
        bob = ApiClient(cast.bob.account)
        reply = bob.post(f"/stories/{story['id']}/reply/", {"text": "hello"})
        assert reply.status_code == (201 if lives else 404)
        assert bob.get(f"/media/{story['media']['id']}/").status_code == (200 if lives else 404)
        # The picture stays its owner's until the sweep.
        assert ApiClient(cast.ada.account).get(f"/media/{story['media']['id']}/").status_code == 200
        deleted = ApiClient(staff.account).delete(f"/stories/{story['id']}/")
        assert deleted.status_code == (204 if lives else 404)


def test_r56_the_sweep_removes_story_views_and_media_after_the_grace_time(cast, settings, drain_outbox):
    settings.STORY_GRACE = timedelta(hours=2)
    live, over, long_over = (tell(cast.ada) for _ in range(3))
    age(over, timedelta(hours=25, minutes=59))
    view(cast.bob, long_over)
    age(long_over, timedelta(hours=26))
    assert sweep_expired_stories() == 1
    assert sweep_expired_stories() == 0
    assert set(Story.objects.values_list("id", flat=True)) == {live["id"], over["id"]}
    assert not StoryView.objects.exists()
    assert not Media.objects.filter(pk=long_over["media"]["id"]).exists()
    assert Media.objects.count() == 2


def test_r54_the_sweep_of_unattached_uploads_knows_stories(cast):
    story, loose = tell(cast.ada), ready_media(cast.ada.id)
    assert sweep_unattached(moment=datetime.now(UTC) + timedelta(days=2)) == 1
    assert [row.pk for row in Media.objects.all()] == [story["media"]["id"]]
    assert loose != story["media"]["id"]


# ---- seeing


def test_r56_a_view_counts_once_and_its_author_not_at_all(cast):
    story = tell(cast.ada)
    path = f"/stories/{story['id']}/"
    assert cast.bob.api.get(path).json()["viewed"] is False
    for _ in range(3):
        assert view(cast.bob, story) == 204
    assert view(cast.ada, story) == 204
    assert view(cast.cyd, story) == 204
    assert viewer_count(story) == StoryView.objects.count() == 2
    assert cast.ada.api.get(path).json()["viewer_count"] == 2
    shown = cast.bob.api.get(path).json()
    assert (shown["viewed"], shown["viewer_count"]) == (True, None)
    assert cast.dan.api.get(path).json()["viewed"] is False
    assert viewers(cast.ada, story) == ["cyd", "bob"]
    assert view(cast.bob, {"id": 987654321}) == 404


def test_a_view_by_the_privilege_of_staff_leaves_no_trace(cast, staff):
    story = tell(cast.ada, audience="close_friends")
    assert view(staff, story) == 204
    assert viewer_count(story) == 0
    public = tell(cast.ada)
    assert view(staff, public) == 204
    assert viewers(cast.ada, public) == ["sam"]
    cast.ada.block(staff)
    other = tell(cast.ada)
    assert view(staff, other) == 204
    assert viewer_count(other) == 0


def test_the_list_of_viewers_is_its_authors_alone(cast, staff):
    story, secret = tell(cast.ada), tell(cast.ada, audience="close_friends")
    assert cast.bob.api.get(f"/stories/{story['id']}/viewers/").status_code == 403
    assert staff.api.get(f"/stories/{story['id']}/viewers/").status_code == 403
    assert cast.bob.api.get(f"/stories/{secret['id']}/viewers/").status_code == 404
    row = {"viewed_at", "id", "username", "full_name", "avatar_url", "is_private"}
    view(cast.bob, story)
    (found,) = cast.ada.api.get(f"/stories/{story['id']}/viewers/").json()["results"]
    assert found.keys() == row


def test_r32_r36_viewers_across_a_block_are_left_out_and_the_count_stays(cast):
    story = tell(cast.ada)
    for member in (cast.bob, cast.cyd, cast.dan):
        view(member, story)
    cast.ada.block(cast.bob)
    cast.cyd.block(cast.ada)
    assert viewers(cast.ada, story) == ["dan"]
    assert cast.ada.api.get(f"/stories/{story['id']}/").json()["viewer_count"] == 3
    cast.ada.api.delete("/block/bob/")
    assert viewers(cast.ada, story) == ["dan", "bob"]


def test_r17_r36_who_leaves_leaves_the_viewer_counts_and_comes_back_into_them(cast):
    first, second = tell(cast.ada), tell(cast.ada)
    for story in (first, second):
        view(cast.bob, story)
        view(cast.cyd, story)
    leave(cast.bob.id, AccountState.DEACTIVATED)
    assert (viewer_count(first), viewer_count(second)) == (1, 1)
    assert viewers(cast.ada, first) == ["cyd"]
    back = ApiClient().post("/restore-account/", {"identifier": "bob", "password": "correct horse battery"})
    assert back.status_code == 200, back.content
    assert (viewer_count(first), viewer_count(second)) == (2, 2)
    assert viewers(cast.ada, first) == ["cyd", "bob"]


def test_r17_the_stories_of_who_leaves_are_gone_at_once(cast):
    cast.bob.follow(cast.ada)
    story = tell(cast.ada)
    leave(cast.ada.id, AccountState.DEACTIVATED)
    assert names(cast.bob) == []
    assert cast.bob.api.get(f"/stories/{story['id']}/").status_code == 404
    assert cast.bob.api.get(f"/media/{story['media']['id']}/").status_code == 404
    assert view(cast.bob, story) == 404


def test_viewers_are_paged_both_ways(cast):
    story = tell(cast.ada)
    for member in (cast.bob, cast.cyd, cast.dan):
        view(member, story)
    path = f"/stories/{story['id']}/viewers/"
    assert [row["username"] for row in cast.ada.api.pages(path, limit=1)] == ["dan", "cyd", "bob"]
    first = cast.ada.api.get(path, query={"limit": 2}).json()
    second = cast.ada.api.get(path, query={"limit": 2, "cursor": first["next"]}).json()
    back = cast.ada.api.get(path, query={"limit": 2, "cursor": second["previous"]}).json()
    assert back["results"] == first["results"]


# ---- deleting


def test_r50_owner_or_staff_deletes_a_story_and_its_media_goes(cast, staff):
    mine, theirs = tell(cast.ada), tell(cast.ada, audience="close_friends")
    view(cast.bob, mine)
    assert cast.bob.api.delete(f"/stories/{mine['id']}/").status_code == 403
    assert cast.bob.api.delete(f"/stories/{theirs['id']}/").status_code == 404
    assert cast.ada.api.delete(f"/stories/{mine['id']}/").status_code == 204
    assert cast.ada.api.delete(f"/stories/{mine['id']}/").status_code == 404
    cast.ada.block(staff)
    assert staff.api.delete(f"/stories/{theirs['id']}/").status_code == 204
    assert not Story.objects.exists()
    assert not StoryView.objects.exists()
    assert not Media.objects.exists()


def test_r17_the_purge_removes_what_an_account_told_saw_and_answered(cast):
    mine, theirs = tell(cast.ada), tell(cast.bob)
    view(cast.ada, theirs)
    view(cast.bob, mine)
    view(cast.cyd, theirs)
    for member, story in ((cast.ada, theirs), (cast.bob, mine), (cast.cyd, theirs)):
        assert member.api.post(f"/stories/{story['id']}/reply/", {"text": "hi"}).status_code == 201
    leave(cast.ada.id, AccountState.DELETED)
    for step in (purge_stories, purge_story_views, purge_story_replies):
        assert step(cast.ada.id) > 0
        assert step(cast.ada.id) == 0
    assert [row.pk for row in Story.objects.all()] == [theirs["id"]]
    assert [row.account_id for row in StoryView.objects.all()] == [cast.cyd.id]
    assert [row.author_id for row in StoryReply.objects.all()] == [cast.cyd.id]
    assert viewer_count(theirs) == 1
    assert not Media.objects.filter(owner_id=cast.ada.id).exists()


# ---- an account's stories


def test_an_accounts_stories_come_oldest_first_and_paged(cast):
    told = [told_at(cast.ada, minutes)["id"] for minutes in (50, 40, 30, 20, 10)]
    tell(cast.bob)
    assert ids_of(cast.cyd.api.get("/users/ada/stories/")) == told
    assert ids_of(cast.cyd.api.get(f"/users/{cast.ada.id}/stories/")) == told
    assert [s["id"] for s in cast.cyd.api.pages("/users/ada/stories/", limit=2)] == told
    assert ids_of(cast.dan.api.get("/users/bob/stories/")) != []
    assert cast.cyd.api.get("/users/nobody/stories/").status_code == 404


def test_r22_the_list_of_a_private_account_is_403(cast):
    cast.bob.follow(cast.ada)
    cast.ada.go_private()
    story = tell(cast.ada)
    assert ids_of(cast.bob.api.get("/users/ada/stories/")) == [story["id"]]
    refused = cast.cyd.api.get("/users/ada/stories/")
    assert (refused.status_code, refused.json()["code"]) == (403, "private-account")
    assert cast.cyd.api.get("/profiles/ada/").json()["has_story"] is False


def test_stories_are_for_people_who_are_signed_in(cast, anonymous):
    story = tell(cast.ada)
    for method, path in (
        ("GET", "/stories/"),
        ("GET", f"/stories/{story['id']}/"),
        ("GET", "/users/ada/stories/"),
        ("PUT", f"/stories/{story['id']}/view/"),
        ("GET", f"/stories/{story['id']}/viewers/"),
        ("POST", f"/stories/{story['id']}/reply/"),
    ):
        assert anonymous.call(method, path).status_code == 401, path
    assert anonymous.get(f"/media/{story['media']['id']}/").status_code == 404
    assert anonymous.get("/profiles/ada/").json()["has_story"] is False


def test_a_story_that_is_gone_cannot_be_seen(cast):
    story = tell(cast.ada)
    stories.remove_story(story["id"])
    for act in (
        lambda: stories.remove_story(story["id"]),
        lambda: stories.view_story(actor=Viewer(cast.bob.id), story_id=story["id"]),
    ):
        with pytest.raises(NotFound):
            act()
    assert tray(cast.ada) == []
