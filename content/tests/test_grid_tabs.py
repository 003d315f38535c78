"""The tabs of a profile: reposts and where somebody is tagged, judged like everything else (R01, R22, R53)."""

from __future__ import annotations

import pytest

from content.models import MediaTag
from content.tests.kit import ids_of, publish
from social.models import AccountState
from social.services.account_state import leave


def tab(viewer, whose, name, **query):
    return viewer.api.get(f"/users/{whose.username}/posts/", query={"tab": name, **query})


def test_r53_reposts_are_by_time_of_the_repost_and_say_who(cast):
    first, second, own = publish(cast.ada), publish(cast.dan), publish(cast.bob)
    for post in (second, first, own):
        cast.bob.api.put(f"/posts/{post['id']}/repost/")
    wanted = [own["id"], first["id"], second["id"]]
    for viewer in (cast.bob, cast.cyd, cast.ada):
        answer = tab(viewer, cast.bob, "reposts")
        assert ids_of(answer) == wanted
        assert {post["reposted_by"]["username"] for post in answer.json()["results"]} == {"bob"}
    path = f"/users/{cast.bob.id}/posts/"
    assert [post["id"] for post in cast.cyd.api.pages(path, tab="reposts", limit=1)] == wanted
    assert ids_of(tab(cast.cyd, cast.bob, "posts")) == [own["id"]]
    assert tab(cast.cyd, cast.bob, "else").status_code == 422
    # A cursor belongs to its tab.
    cursor = tab(cast.cyd, cast.bob, "reposts", limit=1).json()["next"]
    assert tab(cast.cyd, cast.bob, "tagged", cursor=cursor).json()["code"] == "invalid-cursor"


@pytest.mark.parametrize(
    "close",
    [
        lambda cast, post: cast.ada.go_private(),
        lambda cast, post: cast.ada.api.patch(f"/posts/{post['id']}/", {"audience": "followers"}),
        lambda cast, post: cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "draft"}),
        lambda cast, post: cast.ada.api.delete(f"/posts/{post['id']}/"),
        lambda cast, post: cast.ada.block(cast.cyd),
        lambda cast, post: leave(cast.ada.id, AccountState.DEACTIVATED),
    ],
    ids=["private", "followers-only", "unpublished", "deleted", "blocks", "gone"],
)
def test_r53_a_repost_leaves_the_profile_when_its_post_may_not_be_seen(cast, close):
    post = publish(cast.ada)
    # A follower, for whom the post itself may stay.
    cast.cyd.follow(cast.ada)
    cast.bob.api.put(f"/posts/{post['id']}/repost/")
    assert ids_of(tab(cast.cyd, cast.bob, "reposts")) == [post["id"]]
    close(cast, post)
    assert ids_of(tab(cast.cyd, cast.bob, "reposts")) == []


def test_r22_a_private_accounts_tabs_are_403_and_across_a_block_404(cast):
    post = publish(cast.ada, tagged=[cast.bob.id])
    cast.bob.api.put(f"/posts/{post['id']}/repost/")
    cast.dan.follow(cast.bob)
    cast.bob.go_private()
    for name in ("reposts", "tagged"):
        assert tab(cast.cyd, cast.bob, name).json()["code"] == "private-account"
        assert ids_of(tab(cast.dan, cast.bob, name)) == [post["id"]]
    cast.bob.block(cast.dan)
    for name in ("reposts", "tagged"):
        assert tab(cast.dan, cast.bob, name).status_code == 404
        assert tab(cast.bob, cast.dan, name).status_code == 404


def test_r33_who_hides_posts_from_somebody_hides_reposts_too(cast):
    post = publish(cast.ada)
    cast.bob.api.put(f"/posts/{post['id']}/repost/")
    cast.bob.block(cast.cyd, "posts")
    assert ids_of(tab(cast.cyd, cast.bob, "reposts")) == []
    assert ids_of(tab(cast.dan, cast.bob, "reposts")) == [post["id"]]


def test_posts_on_which_somebody_is_tagged_are_those_that_the_viewer_may_see(cast):
    open_to_all = publish(cast.ada, tagged=[cast.bob.id, cast.dan.id])
    secret = publish(cast.ada, tagged=[cast.bob.id], audience="followers")
    publish(cast.ada, tagged=[cast.bob.id], state="draft")
    publish(cast.ada, caption="@bob is only mentioned")
    own = publish(cast.bob, tagged=[cast.bob.id])
    cast.cyd.follow(cast.ada)
    assert ids_of(tab(cast.cyd, cast.bob, "tagged")) == [own["id"], secret["id"], open_to_all["id"]]
    assert ids_of(tab(cast.dan, cast.bob, "tagged")) == [own["id"], open_to_all["id"]]
    assert ids_of(tab(cast.cyd, cast.dan, "tagged")) == [open_to_all["id"]]
    # On a picture is on the post, and once is enough.
    shown = publish(cast.cyd, tagged=[cast.bob.id])
    media_id = shown["media"][0]["id"]
    MediaTag.objects.create(media_id=media_id, account_id=cast.bob.id, position=0)
    MediaTag.objects.create(media_id=media_id, account_id=cast.dan.id, position=1)
    assert ids_of(tab(cast.dan, cast.bob, "tagged")) == [shown["id"], own["id"], open_to_all["id"]]
    assert ids_of(tab(cast.cyd, cast.dan, "tagged")) == [shown["id"], open_to_all["id"]]
    cast.cyd.api.delete(f"/posts/{shown['id']}/")
    cast.ada.block(cast.dan)
    assert ids_of(tab(cast.dan, cast.bob, "tagged")) == [own["id"]]
    cast.ada.api.patch(f"/posts/{secret['id']}/", {"tagged": []})
    path = f"/users/{cast.bob.id}/posts/"
    walked = [post["id"] for post in cast.cyd.api.pages(path, tab="tagged", limit=1)]
    assert walked == [own["id"], open_to_all["id"]]
