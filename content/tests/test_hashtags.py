"""Hashtags: who finds which, their counts and pages, following them, the ban list (R32, R36, R57, R58)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db.models import Count, Q

from content.models import Hashtag, HashtagFollow, PostHashtag
from content.services.counters import recount
from content.services.hashtags import follow_hashtag, set_banned
from content.services.posts import delete_post, update_post
from content.tests.kit import count_queries, ids_of, publish, together
from content.tests.stories_kit import facts
from graph.writes.close_friends import add_close_friend
from graph.writes.mutes import mute
from project.kernel.viewer import Viewer
from social.models import AccountState
from social.services.account_state import come_back, leave


def count_of(api: Any, name: str) -> int | None:
    """`post_count` as the API tells it; None for 404."""
    response = api.get(f"/hashtags/{name}/")
    assert response.status_code in (200, 404), response.content
    return response.json().get("post_count")


def counts_equal_the_rows() -> bool:
    """Whether every count is the number of its counted uses, and every use is counted as its post is."""
    public = Q(
        post__state="published",
        post__audience="everyone",
        post__author__state="active",
        post__author__is_private=False,
    )
    wrong = PostHashtag.objects.filter(Q(counted=True) & ~public | Q(counted=False) & public)
    tags = Hashtag.objects.annotate(rows=Count("uses", filter=Q(uses__counted=True)))
    return not wrong.exists() and all(tag.rows == tag.post_count for tag in tags)


def test_a_hashtag_is_found_by_any_spelling_of_its_name_and_by_nobody_before_it_is_used(cast, anonymous):
    publish(cast.ada, caption="#Straße and #ＦＵＬＬ")
    for spelling in ("straße", "STRASSE", "Stra%C3%9Fe"):
        shown = cast.bob.api.get(f"/hashtags/{spelling}/").json()
        assert shown == {"name": "strasse", "post_count": 1, "following": False}
    assert count_of(anonymous, "full") == 1
    for unknown in ("never_used", "1", "a b", "%23strasse", "x" * 101):
        response = cast.bob.api.get(f"/hashtags/{unknown}/")
        assert (response.status_code, response.json()["code"]) == (404, "not-found"), unknown
        assert cast.bob.api.get(f"/hashtags/{unknown}/posts/").status_code == 404, unknown
        assert cast.bob.api.put(f"/hashtags/{unknown}/follow/").status_code == 404, unknown


def test_r57_the_count_follows_publication_edit_audience_and_deletion(cast, anonymous):
    draft = publish(cast.ada, caption="#sun", state="draft")
    assert count_of(anonymous, "sun") is None
    post = publish(cast.ada, caption="#sun #sea #sun")
    path = f"/posts/{post['id']}/"
    steps: list[tuple[str, dict[str, Any], int | None, int | None]] = [
        (f"/posts/{draft['id']}/", {"state": "published"}, 2, 1),
        (path, {"caption": "#sun"}, 2, None),
        (path, {"audience": "followers"}, 1, None),
        (path, {"audience": "close_friends", "caption": "#sea"}, 1, None),
        (path, {"audience": "everyone"}, 1, 1),
        (path, {"state": "draft"}, 1, None),
        (path, {"state": "published"}, 1, 1),
    ]
    for where, change, sun, sea in steps:
        assert cast.ada.api.patch(where, change).status_code == 200
        assert (count_of(anonymous, "sun"), count_of(anonymous, "sea")) == (sun, sea), change
        assert counts_equal_the_rows()
    assert cast.ada.api.delete(path).status_code == 204
    assert cast.ada.api.delete(f"/posts/{draft['id']}/").status_code == 204
    assert (count_of(anonymous, "sun"), count_of(anonymous, "sea")) == (None, None)
    assert Hashtag.objects.filter(post_count=0).count() == 2


def test_r17_r21_a_count_is_without_those_who_are_gone_or_private_at_once(cast, anonymous):
    publish(cast.ada, caption="#sun")
    publish(cast.bob, caption="#sun")
    cast.ada.go_private()
    assert count_of(anonymous, "sun") == 1
    leave(cast.bob.id, AccountState.DEACTIVATED)
    assert count_of(anonymous, "sun") is None
    cast.ada.go_private(False)
    assert count_of(anonymous, "sun") == 1
    # Turning private and public while one is away changes nothing; neither does leaving twice.
    leave(cast.bob.id, AccountState.SUSPENDED)
    assert counts_equal_the_rows()
    come_back(cast.bob.id, suspended_too=True)
    assert count_of(anonymous, "sun") == 2
    assert counts_equal_the_rows()


def test_rows_written_past_the_services_are_counted_by_recount(cast, anonymous):
    post = publish(cast.ada, caption="#sun")
    tag = Hashtag.objects.create(name="bulk")
    PostHashtag.objects.create(post_id=post["id"], hashtag=tag, position=1, published_at=post["published_at"])
    recount([post["id"]])
    recount([post["id"]])
    assert count_of(anonymous, "bulk") == 1
    assert counts_equal_the_rows()


def test_r32_a_hashtag_leads_nowhere_for_who_may_see_none_of_its_posts(cast, anonymous, staff):
    """A name that only a private account uses, or only somebody across a block, is no name that one could find."""
    publish(cast.ada, caption="#secret")
    cast.ada.go_private()
    publish(cast.cyd, caption="#blocked")
    cast.cyd.block(cast.bob)
    publish(cast.dan, caption="#close", audience="close_friends")
    cast.bob.follow(cast.dan)
    for name in ("secret", "blocked", "close"):
        for path, call in (("", "get"), ("posts/", "get"), ("follow/", "put")):
            assert getattr(cast.bob.api, call)(f"/hashtags/{name}/{path}").status_code == 404, (name, path)
        assert staff.api.get(f"/hashtags/{name}/").status_code == 200
    assert count_of(anonymous, "secret") is count_of(anonymous, "close") is None
    assert count_of(anonymous, "blocked") == count_of(cast.dan.api, "blocked") == 1
    # The author, and who may see a post by another way, find the name; the count stays that of public posts.
    assert count_of(cast.ada.api, "secret") == 0
    add_close_friend(facts(cast.dan), facts(cast.bob))
    assert count_of(cast.bob.api, "close") == 0
    cast.cyd.api.delete(f"/block/{cast.bob.id}/")
    assert count_of(cast.bob.api, "blocked") == 1


def test_a_page_shows_what_each_viewer_may_see(cast, anonymous):
    public = publish(cast.ada, caption="#sun")
    followers = publish(cast.ada, caption="#sun", audience="followers")
    close = publish(cast.cyd, caption="#sun", audience="close_friends")
    draft = publish(cast.ada, caption="#sun", state="draft")
    assert draft["state"] == "draft"
    cast.bob.follow(cast.ada)
    private = publish(cast.dan, caption="#sun")
    cast.bob.follow(cast.dan)
    cast.dan.go_private()
    add_close_friend(facts(cast.cyd), facts(cast.bob))
    path = "/hashtags/sun/posts/"
    for ordering in ("new", "top"):
        seen = {
            who: set(ids_of(api.get(path, query={"ordering": ordering})))
            for who, api in (("bob", cast.bob.api), ("cyd", cast.cyd.api), ("nobody", anonymous))
        }
        assert seen["bob"] == {post["id"] for post in (public, followers, close, private)}
        assert seen["cyd"] == {public["id"], close["id"]}
        assert seen["nobody"] == {public["id"]}
    # R33, R34: a scoped block hides, a mute does not.
    mute(facts(cast.bob), facts(cast.ada), posts=True, stories=True, notifications=True, expires_at=None)
    cast.dan.block(cast.bob, "posts")
    assert set(ids_of(cast.bob.api.get(path))) == {post["id"] for post in (public, followers, close)}


def test_orderings_and_pages_walk_forth_and_back(cast, anonymous):
    made = [publish(cast.ada, caption=f"#sun {number}")["id"] for number in range(7)]
    publish(cast.ada, caption="#rain")
    for at, likers in ((1, "bcd"), (4, "bc"), (2, "b"), (6, "b")):
        for member in (cast.bob, cast.cyd, cast.dan):
            if member.username[0] in likers:
                member.api.put(f"/posts/{made[at]}/like/")
    wanted = {"new": made[::-1], "top": [made[at] for at in (1, 4, 6, 2, 5, 3, 0)]}
    path = "/hashtags/SUN/posts/"
    for api in (anonymous, cast.bob.api):
        assert ids_of(api.get(path)) == wanted["new"]
        for ordering, ids in wanted.items():
            query: dict[str, Any] = {"ordering": ordering, "limit": 3}
            first = api.get(path, query=query).json()
            second = api.get(path, query={**query, "cursor": first["next"]}).json()
            third = api.get(path, query={**query, "cursor": second["next"]}).json()
            pages = [first, second, third]
            assert [post["id"] for page in pages for post in page["results"]] == ids
            assert third["next"] is None
            back = api.get(path, query={**query, "cursor": second["previous"]}).json()
            assert back["results"] == first["results"]
        foreign = api.get("/hashtags/rain/posts/", query={"limit": 3, "cursor": first["next"]})
        assert (foreign.status_code, foreign.json()["code"]) == (400, "invalid-cursor")
    assert anonymous.get(path, query={"ordering": "old"}).status_code == 422


def test_following_a_hashtag_is_201_then_200_and_leaving_it_always_204(cast, anonymous):
    publish(cast.ada, caption="#sun")
    bob = cast.bob.api
    path = "/hashtags/Sun/follow/"
    first, again = bob.put(path), bob.put("/hashtags/SUN/follow/")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() == {"name": "sun", "post_count": 1, "following": True}
    assert cast.cyd.api.get("/hashtags/sun/").json()["following"] is False
    assert bob.get("/search/hashtags/", query={"q": "sun"}).status_code == 200
    for _ in range(2):
        assert bob.delete(path).status_code == 204
    assert bob.delete("/hashtags/never_used/follow/").status_code == 204
    assert bob.get("/hashtags/sun/").json()["following"] is False
    for method in ("put", "delete"):
        assert getattr(anonymous, method)(path).status_code == 401


def test_a_followed_hashtag_stays_while_nothing_stands_under_it(cast):
    post = publish(cast.ada, caption="#sun")
    cast.bob.api.put("/hashtags/sun/follow/")
    cast.ada.api.delete(f"/posts/{post['id']}/")
    assert cast.bob.api.get("/hashtags/sun/").json() == {"name": "sun", "post_count": 0, "following": True}
    assert ids_of(cast.bob.api.get("/hashtags/sun/posts/")) == []
    assert [row["name"] for row in cast.bob.api.get("/followed-hashtags/").json()["results"]] == ["sun"]
    assert cast.bob.api.delete("/hashtags/sun/follow/").status_code == 204
    assert count_of(cast.bob.api, "sun") is None


def test_the_list_of_followed_hashtags_is_ones_own_latest_first(cast, anonymous):
    publish(cast.ada, caption="#one #two #three #four #five")
    names = ["one", "two", "three", "four", "five"]
    for name in names:
        cast.bob.api.put(f"/hashtags/{name}/follow/")
    cast.cyd.api.put("/hashtags/one/follow/")
    found = cast.bob.api.pages("/followed-hashtags/", limit=2)
    assert [row["name"] for row in found] == names[::-1]
    assert all(row["following"] and row["post_count"] == 1 for row in found)
    assert [row["name"] for row in cast.cyd.api.pages("/followed-hashtags/")] == ["one"]
    assert anonymous.get("/followed-hashtags/").status_code == 401


def test_search_tells_which_hashtags_one_follows(cast, drain_outbox):
    publish(cast.ada, caption="#sunset #sunrise")
    drain_outbox()
    cast.bob.api.put("/hashtags/sunset/follow/")
    found = cast.bob.api.get("/search/hashtags/", query={"q": "sun"}).json()["results"]
    assert {row["name"]: row["following"] for row in found} == {"sunset": True, "sunrise": False}


def test_r57_a_banned_hashtag_has_no_page_is_not_found_and_comes_back_complete(
    cast, anonymous, staff, drain_outbox
):
    post = publish(cast.ada, caption="#sun #sea")
    cast.bob.api.put("/hashtags/sun/follow/")
    set_banned(Hashtag.objects.get(name="sun").pk, True)
    drain_outbox()
    for api in (anonymous, cast.bob.api, cast.ada.api):
        assert api.get("/hashtags/sun/").status_code == 404
        assert api.get("/hashtags/sun/posts/").status_code == 404
        assert ids_of(api.get("/posts/", query={"hashtag": "sun"})) == []
        names = [row["name"] for row in api.get("/trending/hashtags/").json()["results"]]
        assert names == ["sea"]
    assert cast.cyd.api.put("/hashtags/sun/follow/").status_code == 404
    assert cast.bob.api.get("/followed-hashtags/").json()["results"] == []
    assert cast.bob.api.get("/search/hashtags/", query={"q": "sun"}).json()["results"] == []
    # Staff see what they have banned; the post stays what its author wrote.
    assert staff.api.get("/hashtags/sun/").json()["post_count"] == 1
    assert cast.bob.api.get(f"/posts/{post['id']}/").json()["hashtags"] == ["sun", "sea"]
    set_banned(Hashtag.objects.get(name="sun").pk, False)
    drain_outbox()
    assert cast.bob.api.get("/hashtags/sun/").json() == {"name": "sun", "post_count": 1, "following": True}
    assert len(cast.bob.api.get("/search/hashtags/", query={"q": "sun"}).json()["results"]) == 1


@pytest.mark.parametrize("switch", ["get", "posts", "followed", "trending"])
def test_every_list_costs_the_same_from_1_to_50(cast, monkeypatch, switch):
    path = {
        "get": "/hashtags/sun/",
        "posts": "/hashtags/sun/posts/",
        "followed": "/followed-hashtags/",
        "trending": "/trending/hashtags/",
    }[switch]
    numbers = set()
    made = 0
    for total in (1, 50):
        while made < total:
            publish(cast.ada, caption=f"#sun #tag{made}")
            follow_hashtag(actor=Viewer(cast.bob.id), hashtag_id=Hashtag.objects.get(name=f"tag{made}").pk)
            made += 1
        cast.bob.api.get(path)
        with count_queries(monkeypatch) as seen:
            body = cast.bob.api.get(path, query={"limit": 50} if switch != "get" else {}).json()
        if switch != "get":
            assert len(body["results"]) == min(50, total + (switch == "trending"))
        # Whether the ranking of trends is made anew depends on the time that has passed.
        numbers.add((len([sql for sql in seen.sql if "power(2" not in sql]), len(seen.graph)))
    assert len(numbers) == 1, numbers
    sql, graph = numbers.pop()
    assert sql <= 6
    assert graph <= 2


@pytest.mark.django_db(transaction=True)
def test_r37_many_follows_of_one_hashtag_at_once_leave_one_row(threaded_cast):
    publish(threaded_cast.ada, caption="#sun")
    tag, bob = Hashtag.objects.get(name="sun"), Viewer(threaded_cast.bob.id)
    answers = together([lambda: follow_hashtag(actor=bob, hashtag_id=tag.pk)] * 20)
    assert sorted(answers) == [False] * 19 + [True]
    assert HashtagFollow.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_counts_stay_equal_to_the_uses_whatever_runs_at_once(threaded_cast):
    """New posts, edits, switches of audience, deletions, and authors that leave, return and turn private."""
    cast = threaded_cast
    rng = random.Random(5)
    tags = ["#a", "#b", "#c", "#d"]
    for _ in range(4):
        posts = [
            (member, [publish(member, caption=" ".join(rng.sample(tags, 3))) for _ in range(3)])
            for member in (cast.ada, cast.bob)
        ]
        calls: list[Any] = []
        for member, theirs in posts:
            viewer = Viewer(member.id)
            for post, change in zip(
                theirs, ({"caption": "#d #a"}, {"audience": "followers"}, {"state": "draft"}), strict=True
            ):
                calls.append(
                    lambda viewer=viewer, post=post, change=change: update_post(
                        actor=viewer, post_id=post["id"], changes=change
                    )
                )
            calls.append(lambda viewer=viewer, post=theirs[0]: delete_post(actor=viewer, post_id=post["id"]))
            calls.append(lambda member=member: publish(member, caption="#c #a #b"))
        calls += [
            lambda: cast.ada.go_private(),
            lambda: leave(cast.bob.id, AccountState.SUSPENDED),
            lambda: come_back(cast.bob.id, suspended_too=True),
            lambda: cast.ada.go_private(False),
        ]
        rng.shuffle(calls)
        errors = [answer for answer in together(calls) if isinstance(answer, Exception)]
        # Refused because it was gone, or not there to return, or a 401 to who had just left; a deadlock is a bug.
        assert all(hasattr(error, "status") or isinstance(error, AssertionError) for error in errors), errors
        assert counts_equal_the_rows()
        come_back(cast.bob.id, suspended_too=True)
        assert counts_equal_the_rows()
        cast.bob.api = type(cast.bob.api)(cast.bob.account.__class__.objects.get(pk=cast.bob.id))
