"""The home feed: what is on it (R59), pages while others write (R58), the graph away (R03), what it costs."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection, connections

from content.models import Comment, Like, Post, PostCounters, PostMedia, PostMention, PostTag
from content.services.counters import recount
from content.tests.kit import VARIANTS, count_queries, ids_of, publish, ready_media
from graph import driver
from graph.errors import GraphUnavailable
from project.kernel.clock import now
from project.testing.cast import make_member


def bulk_posts(author_id: int, number: int, *, people: Sequence[int] = ()) -> list[int]:
    """Published posts with all that can hang on one, written past the services; ids, oldest first."""
    from content.models import Media

    media = Media.objects.bulk_create(
        [
            Media(owner_id=author_id, state="ready", width=300, height=300, variants=VARIANTS)
            for _ in range(2 * number)
        ]
    )
    posts = Post.objects.bulk_create(
        [
            Post(author_id=author_id, caption=f"post {n}", state="published", published_at=now())
            for n in range(number)
        ]
    )
    PostCounters.objects.bulk_create([PostCounters(post=post) for post in posts])
    PostMedia.objects.bulk_create(
        [PostMedia(post=posts[n // 2], media=medium, position=n % 2) for n, medium in enumerate(media)]
    )
    models: list[Any] = [PostTag, PostMention]
    for model in models:
        model.objects.bulk_create(
            [
                model(post=post, account_id=person, position=place)
                for post in posts
                for place, person in enumerate(people)
            ]
        )
    return [post.pk for post in posts]


def test_r59_home_holds_ones_own_posts_and_those_of_whom_one_follows(cast):
    own = publish(cast.bob)
    followed = publish(cast.ada)
    publish(cast.cyd)
    cast.bob.follow(cast.ada)
    assert ids_of(cast.bob.api.get("/feed/")) == [followed["id"], own["id"]]
    assert ids_of(cast.bob.api.get("/feed/", query={"mode": "latest"})) == [followed["id"], own["id"]]
    assert cast.bob.api.get("/feed/", query={"mode": "other"}).status_code == 422
    assert ids_of(cast.dan.api.get("/feed/")) == []
    # Following and unfollowing count at once, for old posts too.
    cast.bob.api.delete(f"/follow/{cast.ada.id}/")
    assert ids_of(cast.bob.api.get("/feed/")) == [own["id"]]


def test_a_block_and_a_switch_to_private_empty_the_feed_before_the_relay_has_run(cast):
    post = publish(cast.ada)
    cast.bob.follow(cast.ada)
    cast.ada.go_private()
    assert ids_of(cast.bob.api.get("/feed/")) == [post["id"]]
    cast.ada.block(cast.bob)
    assert ids_of(cast.bob.api.get("/feed/")) == []


@pytest.mark.parametrize("ties", [False, True])
def test_r58_pages_equal_a_plain_sort_and_walk_back_the_same_way(cast, ties):
    random.seed(7)
    authors = [cast.ada, cast.bob, cast.cyd, cast.dan]
    for member in (cast.ada, cast.cyd):
        cast.bob.follow(member)
    for _ in range(12):
        bulk_posts(random.choice(authors).id, random.randint(1, 4))
    if ties:
        Post.objects.update(published_at=now())
    wanted = list(
        Post.objects.filter(author_id__in=[cast.ada.id, cast.bob.id, cast.cyd.id])
        .order_by("-published_at", "-id")
        .values_list("id", flat=True)
    )
    for limit in (1, 3, 7, 100):
        assert [post["id"] for post in cast.bob.api.pages("/feed/", limit=limit)] == wanted
    assert [post["id"] for post in cast.bob.api.pages("/posts/", feed="home", limit=4)] == wanted
    first = cast.bob.api.get("/feed/", query={"limit": 5}).json()
    second = cast.bob.api.get("/feed/", query={"limit": 5, "cursor": first["next"]}).json()
    back = cast.bob.api.get("/feed/", query={"limit": 5, "cursor": second["previous"]}).json()
    assert back["results"] == first["results"]
    assert (first["previous"], back["previous"]) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_r58_no_gap_and_no_repeat_while_four_authors_publish(threaded_cast):
    cast = threaded_cast
    authors = [cast.ada, cast.cyd, cast.dan, make_member("eve")]
    for member in authors:
        cast.bob.follow(member)
        bulk_posts(member.id, 25)
    before = set(Post.objects.values_list("id", flat=True))
    stop = threading.Event()

    def write(member):
        try:
            while not stop.is_set():
                made = bulk_posts(member.id, 1)
                if made[0] % 3 == 0:
                    Post.objects.filter(pk=made[0]).delete()
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(member,)) for member in authors]
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


def test_a_page_costs_the_same_from_1_to_50_posts_and_at_most_6_sql_and_2_graph_queries(cast, monkeypatch):
    people = [make_member(f"extra{n}").id for n in range(5)]
    cast.bob.follow(cast.ada)
    cast.bob.follow(cast.cyd)
    avatar = ready_media(cast.ada.id)
    cast.ada.account.profile.avatar_media_id = avatar
    cast.ada.account.profile.save()
    first = bulk_posts(cast.ada.id, 1, people=people)
    numbers: dict[str, set[tuple[int, int]]] = {}
    for total in (1, 20, 50):
        missing = total - Post.objects.count()
        bulk_posts(cast.ada.id, missing // 2, people=people)
        bulk_posts(cast.cyd.id, missing - missing // 2, people=people)
        Like.objects.get_or_create(post_id=first[0], account_id=cast.bob.id, defaults={"created_at": now()})
        for name, path, query in (
            ("feed", "/feed/", {}),
            ("list", "/posts/", {}),
            ("list by likes", "/posts/", {"ordering": "-likes"}),
            ("grid", "/users/ada/posts/", {}),
        ):
            cast.bob.api.get(path)
            with count_queries(monkeypatch) as seen:
                page = cast.bob.api.get(path, query={**query, "limit": 50}).json()["results"]
            assert len(page) == (total if name != "grid" else Post.objects.filter(author=cast.ada.id).count())
            numbers.setdefault(name, set()).add(seen.numbers)
    for name, found in numbers.items():
        assert len(found) == 1, f"{name}: {found}"
        sql, graph = found.pop()
        assert sql <= 6, name
        assert graph <= 2, name


def test_signed_out_reading_never_asks_the_graph(cast, anonymous, monkeypatch):
    post = publish(cast.ada, caption="#sun @bob", tagged=[cast.cyd.id])
    cast.bob.api.post(f"/posts/{post['id']}/comments/", {"text": "hi @ada"})
    cast.bob.api.put(f"/posts/{post['id']}/like/")
    for path in ("/posts/", *(f"/posts/{post['id']}/{end}" for end in ("", "likes/", "comments/"))):
        with count_queries(monkeypatch) as seen:
            assert anonymous.get(path).status_code == 200
        assert seen.graph == [], path


def test_r03_with_the_graph_away_private_things_are_503_and_public_ones_go_on(cast, anonymous, monkeypatch):
    post = publish(cast.ada)

    def away(*args, **options):
        raise GraphUnavailable

    monkeypatch.setattr(driver, "_run", away)
    bob = cast.bob.api
    for response in (
        bob.get("/feed/"),
        bob.get("/posts/"),
        bob.get(f"/posts/{post['id']}/"),
        bob.get(f"/posts/{post['id']}/comments/"),
        bob.put(f"/posts/{post['id']}/like/"),
        bob.post(f"/posts/{post['id']}/comments/", {"text": "hi"}),
    ):
        assert (response.status_code, response.json()["code"]) == (503, "graph-unavailable")
    assert anonymous.get(f"/posts/{post['id']}/").status_code == 200
    # One's own is nobody else's business, the graph's neither.
    assert cast.ada.api.get(f"/posts/{post['id']}/").status_code == 200
    assert not Like.objects.exists()
    assert not Comment.objects.exists()


def test_counts_written_past_the_services_are_repaired(cast):
    posts = bulk_posts(cast.ada.id, 2)
    Like.objects.create(post_id=posts[0], account_id=cast.bob.id, created_at=now())
    recount(posts)
    assert cast.ada.api.get(f"/posts/{posts[0]}/").json()["like_count"] == 1


def test_the_feed_reads_the_index_alone(cast):
    from content.feed.skeletons import END, MAX_ID, MERGE_FORWARDS

    for member in (cast.ada, cast.cyd, cast.dan):
        bulk_posts(member.id, 200)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE content_post")
        params: dict[str, Any] = {
            "authors": [cast.ada.id, cast.cyd.id, cast.dan.id],
            "at": END,
            "id": MAX_ID,
            "n": 21,
        }
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + MERGE_FORWARDS, params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Only Scan using content_post_by_author" in plan
    assert "Seq Scan" not in plan
