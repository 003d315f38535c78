"""Scheduled posts when workers race, die and come back: once each, and none forgotten (R54, R59)."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from content.models import Post
from content.services.posts import publish_due
from content.tests.kit import ids_of, publish, together
from project.kernel.clock import now


def schedule(member, number, **body):
    """Scheduled posts whose time has just come."""
    posts = [
        publish(member, state="scheduled", publish_at="2100-01-01T00:00:00Z", **body)["id"]
        for _ in range(number)
    ]
    Post.objects.filter(pk__in=posts).update(publish_at=now() - timedelta(seconds=1))
    return posts


def worker() -> int:
    """A process of its own that publishes what is due, as a worker's child does; its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        # The parent's connection is not this process's to use or, by forgetting it, to close.
        inherited = connections["default"]
        del connections["default"]
        publish_due()
        assert inherited is not connections["default"]
    finally:
        os._exit(0)


def waiting_for_the_hashtags() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'content_posthashtag'::regclass"
        )
        return int(cursor.fetchone()[0])


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_every_post_to_the_next_one(threaded_cast):
    ada = threaded_cast.ada
    posts = schedule(ada, 3, caption="#later")
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Publishing stops at its last write: the posts' rows are locked and changed, nothing is committed.
            cursor.execute("LOCK TABLE content_posthashtag IN ACCESS EXCLUSIVE MODE")
        pid = worker()
        until(lambda: waiting_for_the_hashtags() == 1)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert set(Post.objects.filter(pk__in=posts).values_list("state", "version")) == {("scheduled", 1)}
    # The server may take a moment to notice that the worker is gone.
    total = 0

    def all_published():
        nonlocal total
        total += publish_due()
        return total >= 3

    until(all_published)
    assert total == 3
    assert set(Post.objects.filter(pk__in=posts).values_list("state", "version")) == {("published", 2)}
    assert sorted(ids_of(threaded_cast.bob.api.get("/posts/", query={"hashtag": "later"}))) == posts
    assert publish_due() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_race_publish_each_post_once_and_an_author_who_replans_wins(threaded_cast):
    ada = threaded_cast.ada
    posts = schedule(ada, 6)
    moved = posts[0]

    def replan():
        body = {"publish_at": "2100-01-01T00:00:00Z", "state": "scheduled"}
        return ada.api.patch(f"/posts/{moved}/", body).status_code

    answers = together([publish_due, publish_due, replan])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    rows = dict(Post.objects.values_list("pk", "version"))
    assert {rows[post] for post in posts[1:]} == {2}
    # Published and then taken back to its plan, or planned anew before its turn: never half of each.
    post = Post.objects.get(pk=moved)
    assert (post.state, post.published_at) == ("scheduled", None)
    assert publish_due() == 0


def test_a_post_that_cannot_be_published_now_keeps_no_other_waiting(cast, settings):
    # Whom it may mention is asked of the graph again.
    asking = schedule(cast.ada, 1, caption="with @bob")
    plain = schedule(cast.ada, 1)
    url, settings.NEO4J_URL = settings.NEO4J_URL, "bolt://127.0.0.1:1"
    assert publish_due() == 1
    assert dict(Post.objects.values_list("pk", "state")) == {asking[0]: "scheduled", plain[0]: "published"}
    settings.NEO4J_URL = url
    assert publish_due() == 1
