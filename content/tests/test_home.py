"""Home with reposts and followed hashtags: what is on it, where, and that a post is there once (R53, R58, R59)."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from content.models import Hashtag, HashtagFollow, Post, Repost
from content.tests.kit import count_queries, ids_of, publish
from content.tests.test_feed import bulk_posts
from graph.rows import AccountFacts
from graph.writes.mutes import mute
from project.kernel.clock import now
from project.testing.cast import make_member
from social.models import AccountState
from social.services.account_state import leave

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def repost(member, post):
    assert member.api.put(f"/posts/{post['id']}/repost/").status_code == 201


def follow_hashtag(member, name):
    HashtagFollow.objects.create(account_id=member.id, hashtag=Hashtag.objects.get(name=name))


def home(member, **query) -> list[tuple[int, str | None]]:
    """(post id, who reposted it) from the top."""
    answer = member.api.get("/feed/", query=query)
    assert answer.status_code == 200, answer.content
    return [
        (post["id"], post["reposted_by"] and post["reposted_by"]["username"])
        for post in answer.json()["results"]
    ]


def facts(member):
    return AccountFacts(member.id, member.username, "", False, True)


def mute_posts(member, other):
    mute(facts(member), facts(other), posts=True, stories=True, notifications=True, expires_at=None)


def test_r59_what_those_followed_repost_is_on_home_at_the_time_of_the_repost(cast):
    old = publish(cast.ada)
    newer = publish(cast.bob)
    cast.bob.follow(cast.cyd)
    assert home(cast.bob) == [(newer["id"], None)]
    repost(cast.cyd, old)
    assert home(cast.bob) == [(old["id"], "cyd"), (newer["id"], None)]
    listed = cast.bob.api.get("/posts/", query={"feed": "home"}).json()["results"]
    assert [(p["id"], p["reposted_by"] and p["reposted_by"]["id"]) for p in listed] == [
        (old["id"], cast.cyd.id),
        (newer["id"], None),
    ]
    # Not on the home of who reposted, nor of who follows nobody.
    assert home(cast.cyd) == home(cast.dan) == []
    assert cast.cyd.api.delete(f"/posts/{old['id']}/repost/").status_code == 204
    assert home(cast.bob) == [(newer["id"], None)]


def test_r58_a_post_reposted_by_three_and_its_author_is_there_once_where_it_was_first(cast):
    eve = make_member("eve")
    post, other = publish(cast.ada), publish(eve)
    for member in (cast.cyd, cast.dan, eve):
        cast.bob.follow(member)
    for member in (cast.dan, cast.cyd, eve, cast.ada):
        repost(member, post)
    # The first of those whom bob follows, and no later one moves it.
    assert home(cast.bob) == [(post["id"], "dan"), (other["id"], None)]
    cast.bob.follow(cast.ada)
    # Whose author is followed stands at its publication.
    assert home(cast.bob) == [(other["id"], None), (post["id"], None)]
    cast.bob.api.delete(f"/follow/{cast.ada.id}/")
    cast.dan.api.delete(f"/posts/{post['id']}/repost/")
    assert home(cast.bob) == [(post["id"], "cyd"), (other["id"], None)]
    # One's own post does not come back by a repost either.
    own = publish(cast.bob)
    latest = publish(eve)
    repost(cast.dan, own)
    assert [id_ for id_, _ in home(cast.bob)] == [latest["id"], own["id"], post["id"], other["id"]]


@pytest.mark.parametrize(
    "close",
    [
        lambda cast, post: cast.ada.go_private(),
        lambda cast, post: cast.ada.api.patch(f"/posts/{post['id']}/", {"audience": "followers"}),
        lambda cast, post: cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "draft"}),
        lambda cast, post: cast.ada.block(cast.bob),
        lambda cast, post: cast.ada.block(cast.bob, "posts"),
        lambda cast, post: cast.bob.block(cast.ada),
        lambda cast, post: mute_posts(cast.bob, cast.ada),
        lambda cast, post: leave(cast.ada.id, AccountState.DEACTIVATED),
        lambda cast, post: leave(cast.cyd.id, AccountState.DEACTIVATED),
        lambda cast, post: mute_posts(cast.bob, cast.cyd),
        lambda cast, post: cast.cyd.block(cast.bob),
        lambda cast, post: cast.cyd.block(cast.bob, "posts"),
        lambda cast, post: cast.bob.api.delete(f"/follow/{cast.cyd.id}/"),
    ],
    ids=[
        "author-private",
        "followers-only",
        "unpublished",
        "author-blocks",
        "author-hides-posts",
        "author-blocked",
        "author-muted",
        "author-gone",
        "reposter-gone",
        "reposter-muted",
        "reposter-blocks",
        "reposter-hides-posts",
        "reposter-unfollowed",
    ],
)
def test_r53_a_repost_leaves_home_at_once_when_it_may_not_be_seen(cast, close):
    post = publish(cast.ada)
    cast.bob.follow(cast.cyd)
    repost(cast.cyd, post)
    assert home(cast.bob) == [(post["id"], "cyd")]
    close(cast, post)
    assert home(cast.bob) == []
    assert ids_of(cast.bob.api.get("/posts/", query={"feed": "home", "ordering": "-id"})) == []


def test_r59_the_reposts_of_a_private_account_are_for_its_followers(cast):
    post = publish(cast.ada)
    cast.bob.follow(cast.cyd)
    repost(cast.cyd, post)
    cast.cyd.go_private()
    assert home(cast.bob) == [(post["id"], "cyd")]


def test_r59_public_posts_with_followed_hashtags_are_on_home_once_at_their_publication(cast):
    both = publish(cast.ada, caption="#sun and #sea")
    mine = publish(cast.bob, caption="#sun")
    publish(cast.ada, caption="#sun", audience="followers")
    publish(cast.ada, caption="#sun", state="draft")
    publish(cast.ada, caption="#moon")
    for name in ("sun", "sea"):
        follow_hashtag(cast.bob, name)
    assert home(cast.bob) == [(mine["id"], None), (both["id"], None)]
    # A repost by somebody followed does not bring it a second time, nor move it.
    cast.bob.follow(cast.cyd)
    repost(cast.cyd, both)
    assert home(cast.bob) == [(mine["id"], None), (both["id"], None)]
    assert home(cast.dan) == []
    mute_posts(cast.bob, cast.ada)
    assert home(cast.bob) == [(mine["id"], None)]


@pytest.mark.parametrize(
    "close",
    [
        lambda cast, post: cast.ada.go_private(),
        lambda cast, post: cast.ada.api.patch(f"/posts/{post['id']}/", {"audience": "close_friends"}),
        lambda cast, post: cast.ada.api.patch(f"/posts/{post['id']}/", {"caption": "no tag"}),
        lambda cast, post: cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "draft"}),
        lambda cast, post: cast.ada.block(cast.bob),
        lambda cast, post: leave(cast.ada.id, AccountState.DEACTIVATED),
        lambda cast, post: Hashtag.objects.filter(name="sun").update(banned=True),
        lambda cast, post: HashtagFollow.objects.all().delete(),
    ],
    ids=["private", "audience", "edited", "unpublished", "blocks", "gone", "banned", "unfollowed"],
)
def test_r57_what_is_not_under_a_followed_hashtag_any_more_leaves_home_at_once(cast, close):
    post = publish(cast.ada, caption="#sun")
    follow_hashtag(cast.bob, "sun")
    assert home(cast.bob) == [(post["id"], None)]
    close(cast, post)
    assert home(cast.bob) == []
    assert ids_of(cast.bob.api.get("/posts/", query={"feed": "home", "ordering": "id"})) == []


def test_home_in_another_order_is_made_of_the_same(cast):
    mine = publish(cast.bob, caption="mine")
    reposted, tagged = publish(cast.ada, caption="one"), publish(cast.ada, caption="#sun")
    publish(cast.ada, caption="neither")
    cast.bob.follow(cast.cyd)
    repost(cast.cyd, reposted)
    follow_hashtag(cast.bob, "sun")
    path = "/posts/"
    wanted = [mine["id"], reposted["id"], tagged["id"]]
    assert ids_of(cast.bob.api.get(path, query={"feed": "home", "ordering": "id"})) == wanted
    assert sorted(id_ for id_, _ in home(cast.bob)) == wanted
    assert ids_of(cast.bob.api.get(path, query={"feed": "home", "search": "one"})) == [reposted["id"]]
    assert (
        ids_of(cast.bob.api.get(path, query={"feed": "home", "author": "ada", "ordering": "id"}))
        == wanted[1:]
    )


def scatter(cast, seed: int, *, ties: bool) -> None:
    """Posts of six people at random times, some under a hashtag that bob follows, reposted at random."""
    rng = random.Random(seed)
    eve, fay = make_member("eve"), make_member("fay")
    authors = [cast.ada, cast.bob, cast.cyd, cast.dan, eve, fay]
    for member in (cast.ada, cast.cyd, cast.dan):
        cast.bob.follow(member)
    publish(cast.bob, caption="#sun")
    follow_hashtag(cast.bob, "sun")
    tag = Hashtag.objects.get(name="sun")
    for author in authors:
        bulk_posts(author.id, 8)
    for post in Post.objects.all():
        moment = START if ties else START + timedelta(minutes=rng.randrange(60))
        Post.objects.filter(pk=post.pk).update(published_at=moment)
        if rng.random() < 0.2:
            post.hashtags.get_or_create(
                hashtag=tag, defaults={"position": 0, "published_at": moment, "counted": True}
            )
        post.hashtags.update(published_at=moment)
        for member in authors:
            if rng.random() < 0.3:
                Repost.objects.create(
                    post_id=post.pk,
                    account_id=member.id,
                    created_at=START if ties else moment + timedelta(minutes=rng.randrange(60)),
                )


def expected_home(viewer_id: int, followed: list[int]) -> list[tuple[int, int | None]]:
    """The definition of a home, by hand."""
    entries: list[tuple[Any, int, int | None]] = []
    for post in Post.objects.filter(state="published"):
        if post.author_id in {viewer_id, *followed} or post.hashtags.filter(hashtag__name="sun").exists():
            entries.append((post.published_at, post.pk, None))
            continue
        first = post.reposts.filter(account_id__in=followed).order_by("created_at", "account_id").first()
        if first is not None:
            entries.append((first.created_at, post.pk, first.account_id))
    return [(id_, who) for _, id_, who in sorted(entries, key=lambda entry: entry[:2], reverse=True)]


@pytest.mark.parametrize("ties", [False, True])
def test_r58_pages_equal_the_definition_and_walk_back_the_same_way(cast, ties):
    scatter(cast, 7, ties=ties)
    wanted = expected_home(cast.bob.id, [cast.ada.id, cast.cyd.id, cast.dan.id])
    assert len({who for _, who in wanted}) == 4, "not every kind of entry is there"
    for limit in (1, 7, 100):
        walked = [
            (post["id"], post["reposted_by"] and post["reposted_by"]["id"])
            for post in cast.bob.api.pages("/feed/", limit=limit)
        ]
        assert walked == wanted
    pages, cursor = [], None
    while True:
        query = {"limit": 5, **({"cursor": cursor} if cursor else {})}
        pages.append(cast.bob.api.get("/feed/", query=query).json())
        cursor = pages[-1]["next"]
        if cursor is None:
            break
    # Full pages while there is more.
    assert {len(page["results"]) for page in pages[:-1]} == {5}
    cursor = pages[-1]["previous"]
    for page in reversed(pages[:-1]):
        back = cast.bob.api.get("/feed/", query={"limit": 5, "cursor": cursor}).json()
        assert [p["id"] for p in back["results"]] == [p["id"] for p in page["results"]]
        cursor = back["previous"]


@pytest.mark.django_db(transaction=True)
def test_r58_no_gap_and_no_repeat_while_others_publish_and_repost(threaded_cast):
    cast = threaded_cast
    scatter(cast, 11, ties=False)
    followed = [cast.ada.id, cast.cyd.id, cast.dan.id]
    before = {id_ for id_, _ in expected_home(cast.bob.id, followed)}
    everything = list(Post.objects.values_list("pk", flat=True))
    stop = threading.Event()

    def write(member, seed):
        rng = random.Random(seed)
        try:
            while not stop.is_set():
                # Old posts, on home and not, as well as new ones.
                targets = [rng.choice(everything) for _ in range(3)] + bulk_posts(member.id, 1)
                Repost.objects.bulk_create(
                    [Repost(post_id=id_, account_id=member.id, created_at=now()) for id_ in set(targets)],
                    ignore_conflicts=True,
                )
        finally:
            connections.close_all()

    people = (cast.ada, cast.cyd, cast.dan)
    writers = [threading.Thread(target=write, args=(member, n)) for n, member in enumerate(people)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            walked = [post["id"] for post in cast.bob.api.pages("/feed/", limit=7)]
            assert len(walked) == len(set(walked)), "a post came twice"
            assert before <= set(walked), "a post was skipped"
    finally:
        stop.set()
        for writer in writers:
            writer.join()


def test_a_page_of_reposts_costs_the_same_from_1_to_50(cast, monkeypatch):
    cast.bob.follow(cast.cyd)
    cast.bob.follow(cast.dan)
    numbers: dict[str, set[tuple[int, int]]] = {}
    posts: list[int] = []
    for total in (2, 20, 50):
        new = bulk_posts(cast.ada.id, total - len(posts), people=[cast.bob.id])
        posts += new
        Repost.objects.bulk_create(
            [
                Repost(post_id=id_, account_id=(cast.cyd.id, cast.dan.id)[id_ % 2], created_at=now())
                for id_ in new
            ]
        )
        for id_ in new:
            cast.bob.api.put(f"/posts/{id_}/save/")
        for path, query, length in (
            ("/feed/", {}, total),
            ("/users/cyd/posts/", {"tab": "reposts"}, sum(id_ % 2 == 0 for id_ in posts)),
            ("/users/bob/posts/", {"tab": "tagged"}, total),
            ("/saved/", {}, total),
            ("/posts/popular/", {"window": "day"}, total),
        ):
            cast.bob.api.get(path, query=query)
            with count_queries(monkeypatch) as seen:
                page = cast.bob.api.get(path, query={**query, "limit": 50}).json()["results"]
            assert len(page) == length, path
            numbers.setdefault(path, set()).add(seen.numbers)
    for path, found in numbers.items():
        assert len(found) == 1, f"{path}: {found}"
        sql, graph = found.pop()
        assert sql <= 7, path
        assert graph <= 2, path
