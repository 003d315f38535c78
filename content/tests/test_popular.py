"""Popular posts: most liked of a window, judged like explore (R34)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from content.models import Post
from content.tests.kit import ids_of, publish
from graph.rows import AccountFacts
from graph.writes.mutes import mute
from project.kernel.clock import now


def facts(member):
    return AccountFacts(member.id, member.username, "", False, True)


@pytest.fixture
def five(cast):
    """Posts of ada, published 0, 2, 8, 40 and 400 days ago, each liked by as many as its place says."""
    posts = []
    for place, days in enumerate((0, 2, 8, 40, 400)):
        post = publish(cast.ada)["id"]
        Post.objects.filter(pk=post).update(published_at=now() - timedelta(days=days))
        for liker in (cast.ada, cast.bob, cast.cyd, cast.dan)[:place]:
            liker.api.put(f"/posts/{post}/like/")
        posts.append(post)
    return posts


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"window": "all"}, [4, 3, 2, 1, 0]),
        ({"window": "month"}, [2, 1, 0]),
        ({"window": "week"}, [1, 0]),
        ({"window": "day"}, [0]),
    ],
)
def test_the_most_liked_of_a_window_come_first(five, cast, anonymous, query, expected):
    expected = [five[place] for place in expected]
    assert ids_of(anonymous.get("/posts/popular/", query=query)) == expected
    assert [p["id"] for p in cast.dan.api.pages("/posts/popular/", **query, limit=2)] == expected


def test_of_two_alike_the_newer_comes_first_and_an_unlike_counts_at_once(five, cast):
    cast.dan.api.put(f"/posts/{five[3]}/like/")
    assert ids_of(cast.bob.api.get("/posts/popular/"))[:2] == [five[4], five[3]]
    newest = publish(cast.bob)["id"]
    assert ids_of(cast.bob.api.get("/posts/popular/"))[-2:] == [newest, five[0]]
    cast.dan.api.delete(f"/posts/{five[4]}/like/")
    cast.cyd.api.delete(f"/posts/{five[4]}/like/")
    assert ids_of(cast.bob.api.get("/posts/popular/"))[0] == five[3]


def test_r34_what_may_not_be_seen_or_is_muted_is_not_popular_here(five, cast, anonymous):
    publish(cast.ada, audience="followers")
    publish(cast.ada, state="draft")
    mute(facts(cast.bob), facts(cast.ada), posts=True, stories=True, notifications=True, expires_at=None)
    assert ids_of(cast.bob.api.get("/posts/popular/")) == []
    cast.ada.block(cast.cyd)
    assert ids_of(cast.cyd.api.get("/posts/popular/")) == []
    assert len(ids_of(anonymous.get("/posts/popular/"))) == 5
    cast.ada.go_private()
    assert ids_of(anonymous.get("/posts/popular/")) == []
    assert cast.dan.api.get("/posts/popular/", query={"window": "decade"}).status_code == 422
