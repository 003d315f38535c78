"""Writing posts: create, edit, state, delete, and the conventions around it (R50, R54, R57, R82)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from content.models import Comment, Hashtag, Like, Media, MediaState, Post
from content.services.posts import publish_due
from content.tests.kit import comment, ids_of, publish, ready_media, together
from project.kernel.clock import now


def problem(response: Any) -> tuple[int, str]:
    """Status and code of an error; pointer and code of its field where it has one."""
    body = response.json()
    return response.status_code, body["errors"][0]["pointer"] if body["errors"] else body["code"]


def test_a_post_comes_back_with_everything_that_was_written(cast):
    media = [ready_media(cast.ada.id) for _ in range(3)]
    post = publish(
        cast.ada,
        title=" Dawn ",
        caption="First #Light with @bob and @nobody_here\nand #light again",
        media=[media[2], media[0], media[1]],
        tagged=[cast.cyd.id, cast.bob.id],
        location="Lisbon",
        comment_policy="following",
        audience="followers",
    )
    assert post["title"] == "Dawn"
    assert post["hashtags"] == ["light"]
    assert [a["username"] for a in post["mentions"]] == ["bob"]
    assert [a["username"] for a in post["tagged"]] == ["cyd", "bob"]
    assert [m["id"] for m in post["media"]] == [media[2], media[0], media[1]]
    assert all(m["variants"] for m in post["media"])
    assert (post["location"], post["comment_policy"], post["audience"]) == (
        "Lisbon",
        "following",
        "followers",
    )
    assert (post["state"], post["publish_at"], post["edited_at"]) == ("published", None, None)
    assert post["published_at"] == post["created_at"] == post["updated_at"]
    assert (post["like_count"], post["comment_count"], post["share_count"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"media": []}, "/media"),
        ({"media": [1] * 11}, "/media"),
        ({"media": [2**63]}, "/media/0"),
        ({"media": [0]}, "/media/0"),
        ({"media": ["5"]}, "/media/0"),
        ({"media": [True]}, "/media/0"),
        ({"media": None}, "/media"),
        ({"media": 5}, "/media"),
        ({"media": [987654321]}, "/media/0"),
        ({"title": "x" * 201}, "/title"),
        ({"caption": "x" * 2201}, "/caption"),
        ({"caption": "\x00"}, "/caption"),
        ({"caption": None}, "/caption"),
        ({"location": "x" * 121}, "/location"),
        ({"audience": "nobody"}, "/audience"),
        ({"state": "deleted"}, "/state"),
        ({"state": "scheduled"}, "/publish_at"),
        ({"state": "scheduled", "publish_at": "2020-01-01T00:00:00Z"}, "/publish_at"),
        ({"state": "scheduled", "publish_at": "9999-01-01T00:00:00Z"}, "/publish_at"),
        ({"state": "scheduled", "publish_at": "2100-01-01"}, "/publish_at"),
        ({"publish_at": "2100-01-01T00:00:00Z"}, "/publish_at"),
        ({"tagged": [987654321]}, "/tagged/0"),
        ({"tagged": list(range(1, 22))}, "/tagged"),
        ({"tagged": [1, 1]}, "/tagged"),
        ({"like_count": 5}, "/like_count"),
        ({"author": 1}, "/author"),
    ],
)
def test_what_does_not_fit_is_422_and_says_where(cast, body, pointer):
    if "media" not in body:
        body = {**body, "media": [ready_media(cast.ada.id)]}
    assert problem(cast.ada.api.post("/posts/", body)) == (422, pointer)
    assert not Post.objects.exists()


def test_r54_media_must_be_ones_own_ready_and_free(cast):
    mine, theirs = ready_media(cast.ada.id), ready_media(cast.bob.id)
    waiting = ready_media(cast.ada.id, state=MediaState.PROCESSING)

    def post(*media, **more):
        return cast.ada.api.post("/posts/", {"media": media, **more})

    assert problem(post(mine, theirs)) == (422, "/media/1")
    assert problem(post(waiting)) == (409, "media-not-ready")
    assert post(mine).status_code == 201
    assert problem(post(mine)) == (409, "media-attached")
    draft = post(waiting, state="draft").json()
    assert problem(cast.ada.api.patch(f"/posts/{draft['id']}/", {"state": "published"})) == (
        409,
        "media-not-ready",
    )
    Media.objects.filter(pk=waiting).update(state=MediaState.READY)
    assert cast.ada.api.patch(f"/posts/{draft['id']}/", {"state": "published"}).status_code == 200


def test_people_who_cannot_be_found_cannot_be_tagged(cast):
    cast.bob.block(cast.ada)
    media = [ready_media(cast.ada.id)]
    for stranger in (cast.bob.id, 987654321):
        response = cast.ada.api.post("/posts/", {"media": media, "tagged": [cast.cyd.id, stranger]})
        assert problem(response) == (422, "/tagged/1")
    assert cast.ada.api.post("/posts/", {"media": media, "tagged": [cast.ada.id]}).status_code == 201


def test_a_patch_changes_what_it_names_and_marks_a_visible_edit(cast):
    post = publish(cast.ada, title="One", caption="#old @bob", tagged=[cast.cyd.id])
    path = f"/posts/{post['id']}/"
    policy = cast.ada.api.patch(path, {"comment_policy": "nobody", "audience": "followers"}).json()
    assert (policy["comment_policy"], policy["audience"], policy["edited_at"]) == (
        "nobody",
        "followers",
        None,
    )
    same = cast.ada.api.patch(path, {"title": "One"}).json()
    assert same["updated_at"] == policy["updated_at"]
    edited = cast.ada.api.patch(path, {"caption": "#new @cyd"}).json()
    assert (edited["title"], edited["hashtags"]) == ("One", ["new"])
    assert [a["username"] for a in edited["mentions"]] == ["cyd"]
    assert edited["edited_at"] == edited["updated_at"] > policy["updated_at"]
    assert edited["published_at"] == post["published_at"]
    cleared = cast.ada.api.patch(path, {"title": "", "tagged": []}).json()
    assert (cleared["title"], cleared["tagged"], cleared["caption"]) == ("", [], "#new @cyd")
    for field in ("title", "caption", "media", "tagged", "state", "publish_at", "audience"):
        assert problem(cast.ada.api.patch(path, {field: None})) == (422, f"/{field}")


def test_r57_hashtag_pages_follow_the_edit_and_the_delete(cast):
    post = publish(cast.ada, caption="#one #two")
    path = f"/posts/{post['id']}/"

    def under(name):
        return ids_of(cast.bob.api.get("/posts/", query={"hashtag": f"#{name.upper()}"}))

    assert under("one") == under("two") == [post["id"]]
    cast.ada.api.patch(path, {"caption": "#two #three"})
    assert (under("one"), under("two"), under("three")) == ([], [post["id"]], [post["id"]])
    cast.ada.api.patch(path, {"state": "draft"})
    assert under("two") == []
    cast.ada.api.patch(path, {"state": "published"})
    cast.ada.api.delete(path)
    assert under("two") == under("three") == []
    assert Hashtag.objects.count() == 3


def test_media_can_be_reordered_and_what_is_replaced_goes(cast):
    a, b, c, d = (ready_media(cast.ada.id) for _ in range(4))
    post = publish(cast.ada, media=[a, b, c])
    path = f"/posts/{post['id']}/"
    changed = cast.ada.api.patch(path, {"media": [c, d, a]}).json()
    assert [m["id"] for m in changed["media"]] == [c, d, a]
    assert changed["edited_at"] is not None
    assert set(Media.objects.values_list("id", flat=True)) == {a, c, d}
    assert problem(cast.ada.api.patch(path, {"media": []})) == (422, "/media")
    assert [m["id"] for m in cast.ada.api.get(path).json()["media"]] == [c, d, a]


def test_a_put_writes_everything_anew_but_never_publishes_by_silence(cast):
    post = publish(cast.ada, title="One", caption="#old", location="Here", audience="followers")
    media = [m["id"] for m in post["media"]]
    path = f"/posts/{post['id']}/"
    replaced = cast.ada.api.put(path, {"media": media, "caption": "new"}).json()
    assert (replaced["title"], replaced["caption"], replaced["location"]) == ("", "new", "")
    assert (replaced["audience"], replaced["hashtags"]) == ("everyone", [])
    draft = publish(cast.ada, state="draft", media=[])
    path = f"/posts/{draft['id']}/"
    assert cast.ada.api.put(path, {"caption": "still a draft"}).json()["state"] == "draft"
    assert problem(cast.ada.api.put(path, {"state": "published"})) == (422, "/media")


def test_if_match_guards_against_lost_updates(cast):
    post = publish(cast.ada)
    path = f"/posts/{post['id']}/"
    first = cast.ada.api.get(path)["ETag"]
    # The counts are part of the ETag, but not of the version that If-Match compares.
    cast.bob.api.put(f"{path}like/")
    liked = cast.ada.api.get(path)["ETag"]
    assert liked != first
    changed = cast.ada.api.patch(path, {"title": "mine"}, headers={"If-Match": first})
    assert changed.status_code == 200
    late = cast.ada.api.patch(path, {"title": "yours"}, headers={"If-Match": liked})
    assert problem(late) == (412, "precondition-failed")
    assert cast.ada.api.put(path, {}, headers={"If-Match": '"nonsense"'}).status_code == 412
    assert cast.ada.api.get(path).json()["title"] == "mine"
    assert changed["ETag"] == cast.ada.api.get(path)["ETag"]


def test_if_none_match_saves_the_body_until_anything_shown_changes(cast):
    post = publish(cast.ada)
    path = f"/posts/{post['id']}/"
    etag = cast.bob.api.get(path)["ETag"]
    fresh = cast.bob.api.get(path, headers={"If-None-Match": etag})
    assert (fresh.status_code, fresh.content, fresh["ETag"]) == (304, b"", etag)
    cast.bob.api.put(f"{path}like/")
    assert cast.bob.api.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_r50_only_the_owner_edits_and_only_owner_or_staff_delete(cast, staff):
    post = publish(cast.ada)
    path = f"/posts/{post['id']}/"
    body = {"media": [m["id"] for m in post["media"]]}
    for member in (cast.bob, staff):
        assert problem(member.api.patch(path, {"title": "x"})) == (403, "forbidden")
        assert problem(member.api.put(path, body)) == (403, "forbidden")
    assert cast.bob.api.delete(path).status_code == 403
    hidden = publish(cast.ada, audience="followers")
    for call in (cast.bob.api.patch, cast.bob.api.put, cast.bob.api.delete):
        assert call(f"/posts/{hidden['id']}/", {}).status_code == 404
    assert staff.api.delete(path).status_code == 204
    assert cast.ada.api.get(path).status_code == 404


def test_deleting_a_post_takes_likes_comments_and_media_along(cast):
    post = publish(cast.ada, caption="#gone @bob", tagged=[cast.bob.id])
    cast.bob.api.put(f"/posts/{post['id']}/like/")
    first = comment(cast.bob, post)
    comment(cast.ada, post, reply_to=first["id"])
    assert cast.ada.api.delete(f"/posts/{post['id']}/").status_code == 204
    assert not Like.objects.exists()
    assert not Comment.objects.exists()
    assert not Media.objects.exists()
    assert cast.ada.api.delete(f"/posts/{post['id']}/").status_code == 404


def test_a_draft_published_today_is_todays(cast):
    cast.bob.follow(cast.ada)
    draft = publish(cast.ada, state="draft")
    newer = publish(cast.ada)
    assert draft["published_at"] is None
    published = cast.ada.api.patch(f"/posts/{draft['id']}/", {"state": "published"}).json()
    assert published["published_at"] > newer["published_at"]
    assert ids_of(cast.bob.api.get("/feed/")) == [draft["id"], newer["id"]]
    back = cast.ada.api.patch(f"/posts/{draft['id']}/", {"state": "draft"}).json()
    assert (back["published_at"], back["edited_at"]) == (None, None)
    assert ids_of(cast.bob.api.get("/feed/")) == [newer["id"]]


def test_a_scheduled_post_appears_at_its_time_once_and_waits_for_its_media(cast):
    cast.bob.follow(cast.ada)
    waiting = ready_media(cast.ada.id, state=MediaState.PROCESSING)
    post = publish(
        cast.ada, state="scheduled", publish_at="2100-01-01T00:00:00Z", media=[waiting], caption="#later"
    )
    assert publish_due() == 0
    Post.objects.update(publish_at=now() - timedelta(seconds=1))
    assert publish_due() == 0, "its media are not ready"
    Media.objects.update(state=MediaState.READY)
    assert publish_due() == 1
    assert publish_due() == 0
    shown = cast.bob.api.get(f"/posts/{post['id']}/").json()
    assert (shown["state"], shown["publish_at"], shown["edited_at"]) == ("published", None, None)
    assert ids_of(cast.bob.api.get("/feed/")) == [post["id"]]
    assert ids_of(cast.bob.api.get("/posts/", query={"hashtag": "later"})) == [post["id"]]


@pytest.mark.django_db(transaction=True)
def test_many_workers_publish_a_scheduled_post_once(threaded_cast):
    ada = threaded_cast.ada
    posts = [publish(ada, state="scheduled", publish_at="2100-01-01T00:00:00Z") for _ in range(5)]
    Post.objects.update(publish_at=now() - timedelta(seconds=1))
    assert sum(together([publish_due] * 8)) == 5
    assert {Post.objects.get(pk=post["id"]).version for post in posts} == {2}


def test_r82_the_same_key_creates_once_and_another_body_is_refused(cast):
    media = [ready_media(cast.ada.id)]
    headers = {"Idempotency-Key": "k-1"}
    body = {"media": media, "caption": "once"}
    first = cast.ada.api.post("/posts/", body, headers=headers)
    again = cast.ada.api.post("/posts/", body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Post.objects.count() == 1
    other = cast.ada.api.post("/posts/", {**body, "caption": "twice"}, headers=headers)
    assert problem(other) == (422, "idempotency-key-reused")
    # Rendered afresh: what is gone meanwhile is not shown again.
    cast.ada.api.delete(f"/posts/{first.json()['id']}/")
    assert cast.ada.api.post("/posts/", body, headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b"{", "application/json", 400),
        (b'{"caption": "\xff"}', "application/json", 400),
        (b'{"caption": "\\ud800"}', "application/json", 400),
        (b'{"media": [1e400]}', "application/json", 400),
        (b'{"media": [NaN]}', "application/json", 400),
        (b'{"caption": "x"}', "text/plain", 415),
        (b"[" * 100_000, "application/json", 400),
    ],
)
def test_hostile_bodies_are_never_500(cast, raw, content_type, status):
    response = cast.ada.api.post("/posts/", raw=raw, content_type=content_type)
    assert response.status_code == status, response.content


def test_hostile_paths_and_queries_are_never_500(cast):
    ada = cast.ada.api
    # What cannot be an id is the id of nothing.
    for impossible in ("99999999999999999999", "-1", "0", "abc", "1.5"):
        for path in (f"/posts/{impossible}/", f"/comments/{impossible}/", f"/posts/{impossible}/likes/"):
            assert ada.get(path).status_code == 404, path
    for query in (
        {"cursor": "forged"},
        {"cursor": "\x00"},
        {"author": "\x00"},
        {"search": "\x00"},
        {"limit": "0"},
        {"limit": "101"},
        {"ordering": "caption"},
        {"created__gte": "yesterday"},
        {"created__gte": "9999-12-31"},
        {"created__gte": "2026-02-30"},
        {"created__date__range": "2026-01-02,2026-01-01"},
        {"created__date__range": "2026-01-02"},
        {"hashtag": "two words"},
        {"feed": "other"},
    ):
        assert ada.get("/posts/", query=query).status_code in (400, 422), query
    assert ids_of(ada.get("/posts/", query={"author": "no.such.one"})) == []
    assert ids_of(ada.get("/posts/", query={"author": "99999999999999999999"})) == []
