"""What a block must not do: shield a comment from moderation, or leave a trace in replays and hashtags."""

from __future__ import annotations

from content.tests.kit import comment, publish


def test_r52_the_posts_owner_and_staff_delete_a_comment_whose_author_blocks_them(cast, staff):
    post = publish(cast.ada)
    one, two = comment(cast.cyd, post, "first insult"), comment(cast.cyd, post, "second insult")
    cast.cyd.block(cast.ada)
    cast.cyd.block(staff)
    assert cast.bob.api.delete(f"/comments/{one['id']}/").status_code == 403
    assert cast.ada.api.delete(f"/comments/{one['id']}/").status_code == 204
    assert staff.api.delete(f"/comments/{two['id']}/").status_code == 204
    assert cast.bob.api.get(f"/posts/{post['id']}/comments/").json()["results"] == []
    assert cast.bob.api.get(f"/posts/{post['id']}/").json()["comment_count"] == 0


def test_r82_a_replayed_follow_tells_what_is_so_now(cast):
    headers = {"Idempotency-Key": "k"}
    first = cast.bob.api.post("/follow/ada/", headers=headers)
    assert (first.status_code, first.json()["state"]) == (201, "following")
    cast.ada.block(cast.bob)
    assert cast.bob.api.post("/follow/ada/", headers=headers).status_code == 404
    cast.ada.api.delete("/block/bob/")
    assert cast.bob.api.post("/follow/ada/", headers=headers).status_code == 404
    cast.bob.follow(cast.ada)
    assert cast.bob.api.post("/follow/ada/", headers=headers).json()["state"] == "following"


def test_r32_a_hashtag_that_only_a_blocked_account_uses_is_not_found(cast, drain_outbox):
    publish(cast.ada, caption="#zzunique #zzshared")
    publish(cast.cyd, caption="#zzshared")
    drain_outbox()
    cast.ada.block(cast.bob)
    for viewer, names in ((cast.dan, {"zzunique", "zzshared"}), (cast.bob, {"zzshared"})):
        found = viewer.api.get("/search/hashtags/?q=zz").json()["results"]
        assert {row["name"] for row in found} == names
        both = viewer.api.get("/search/?q=zz").json()["hashtags"]
        assert {row["name"] for row in both} == names


def test_r03_a_503_on_a_profile_change_means_that_nothing_changed(cast, settings):
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    assert cast.ada.api.patch("/profiles/ada/", {"bio": "not stored"}).status_code == 503
    cast.ada.account.profile.refresh_from_db()
    assert cast.ada.account.profile.bio == ""
    assert cast.ada.api.put("/profiles/ada/status/", {"text": "not stored"}).status_code == 503
    cast.ada.account.profile.refresh_from_db()
    assert cast.ada.account.profile.status_text == ""


def test_texts_that_are_too_short_or_long_are_told_in_characters(cast):
    post = publish(cast.ada)
    (problem,) = cast.ada.api.post(f"/posts/{post['id']}/comments/", {"text": ""}).json()["errors"]
    assert (problem["code"], problem["message"]) == ("string_too_short", "must have at least 1 characters")
