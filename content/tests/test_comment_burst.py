"""The asynchronous path of comments: 202, a durable queue, and the same rules twice (R01, R51, R52, R82)."""

from __future__ import annotations

from typing import Any

import pytest

from content.models import Comment, PostCounters, QueuedComment
from content.services.comment_burst import accept_comment, all_queued, is_burst, write_queued
from content.services.comments import create_comment
from content.tests.kit import comment, count_queries, ids_of, publish, together
from project.kernel.redis import get_redis
from project.kernel.viewer import Viewer
from project.outbox.models import OutboxRow
from project.outbox.relay import drain
from project.testing.cast import make_member
from social.models import AccountState
from social.services.account_state import leave


@pytest.fixture
def burst(settings: Any) -> None:
    """Every comment is queued."""
    settings.COMMENT_BURST_PER_SECOND = 0


def queue(member: Any, post: dict[str, Any], text: str = "hi", **body: Any) -> int:
    """A comment that is accepted; the id that it will have."""
    response = member.api.post(f"/posts/{post['id']}/comments/", {"text": text, **body})
    assert response.status_code == 202, response.content
    assert list(response.json()) == ["id"]
    return int(response.json()["id"])


def comment_count(post: dict[str, Any]) -> int:
    return PostCounters.objects.get(pk=post["id"]).comment_count


@pytest.mark.usefixtures("burst")
def test_a_queued_comment_stands_under_its_id_once_the_queue_is_worked_off(cast, drain_outbox):
    post = publish(cast.ada)
    first = queue(cast.bob, post, "  look, @ada ")
    path = f"/comments/{first}/"
    assert cast.bob.api.get(path).status_code == 404
    assert ids_of(cast.bob.api.get(f"/posts/{post['id']}/comments/")) == []
    assert comment_count(post) == 0
    drain_outbox()
    shown = cast.dan.api.get(path).json()
    assert (shown["id"], shown["text"], shown["author"]["username"]) == (first, "look, @ada", "bob")
    assert [a["username"] for a in shown["mentions"]] == ["ada"]
    reply = queue(cast.cyd, post, reply_to=first)
    deeper = queue(cast.dan, post, reply_to=first)
    drain_outbox()
    assert ids_of(cast.dan.api.get(f"{path}replies/")) == [reply, deeper]
    assert cast.dan.api.get(path).json()["reply_count"] == 2
    assert comment_count(post) == 3
    assert not QueuedComment.objects.exists()


@pytest.mark.usefixtures("burst")
def test_r80_a_second_delivery_and_a_rebuild_write_nothing_twice(cast):
    post = publish(cast.ada)
    ids = [queue(cast.bob, post), queue(cast.cyd, post)]
    assert list(all_queued()) == [[str(id_) for id_ in ids]]
    for _ in range(2):
        write_queued(ids)
    assert comment_count(post) == Comment.objects.count() == 2
    assert list(all_queued()) == []


@pytest.mark.usefixtures("burst")
def test_r82_a_repeat_gets_the_same_202_and_there_is_one_comment(cast, drain_outbox):
    post = publish(cast.ada)
    path, headers = f"/posts/{post['id']}/comments/", {"Idempotency-Key": "k"}
    first = cast.bob.api.post(path, {"text": "hi"}, headers=headers)
    again = cast.bob.api.post(path, {"text": "hi"}, headers=headers)
    drain_outbox()
    later = cast.bob.api.post(path, {"text": "hi"}, headers=headers)
    assert {response.status_code for response in (first, again, later)} == {202}
    assert first.json() == again.json() == later.json()
    assert ids_of(cast.ada.api.get(path)) == [first.json()["id"]]
    assert cast.bob.api.post(path, {"text": "other"}, headers=headers).status_code == 422


@pytest.mark.usefixtures("burst")
def test_what_may_not_be_written_is_refused_at_once(cast):
    closed = publish(cast.ada, comment_policy="nobody")
    hidden = publish(cast.ada, audience="close_friends")
    open_ = publish(cast.ada)
    refused = cast.bob.api.post(f"/posts/{closed['id']}/comments/", {"text": "hi"})
    assert (refused.status_code, refused.json()["code"]) == (403, "comments-restricted")
    assert cast.bob.api.post(f"/posts/{hidden['id']}/comments/", {"text": "hi"}).status_code == 404
    wrong = cast.bob.api.post(f"/posts/{open_['id']}/comments/", {"text": "hi", "reply_to": 987654321})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "unknown_comment")
    assert not QueuedComment.objects.exists()


def _blocks(cast: Any, post: dict[str, Any]) -> None:
    cast.ada.block(cast.bob)


def _is_blocked(cast: Any, post: dict[str, Any]) -> None:
    cast.bob.block(cast.ada)


def _hides_posts(cast: Any, post: dict[str, Any]) -> None:
    cast.ada.block(cast.bob, "posts")


def _goes_private(cast: Any, post: dict[str, Any]) -> None:
    cast.ada.go_private()


def _closes_comments(cast: Any, post: dict[str, Any]) -> None:
    cast.ada.api.patch(f"/posts/{post['id']}/", {"comment_policy": "following"})


def _takes_back(cast: Any, post: dict[str, Any]) -> None:
    cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "draft"})


def _deletes(cast: Any, post: dict[str, Any]) -> None:
    cast.ada.api.delete(f"/posts/{post['id']}/")


def _leaves(cast: Any, post: dict[str, Any]) -> None:
    leave(cast.bob.id, AccountState.DEACTIVATED)


MEANWHILE = [
    _blocks,
    _is_blocked,
    _hides_posts,
    _goes_private,
    _closes_comments,
    _takes_back,
    _deletes,
    _leaves,
]


@pytest.mark.usefixtures("burst")
@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_r01_what_is_not_allowed_any_more_when_it_is_written_is_dropped(cast, drain_outbox, meanwhile):
    post = publish(cast.ada)
    cast.ada.follow(cast.cyd)
    cast.cyd.follow(cast.ada)
    bobs, cyds = queue(cast.bob, post), queue(cast.cyd, post)
    meanwhile(cast, post)
    drain_outbox()
    gone = meanwhile in (_takes_back, _deletes)
    assert list(Comment.objects.values_list("pk", flat=True)) == ([] if gone else [cyds])
    assert not Comment.objects.filter(pk=bobs).exists()
    assert not QueuedComment.objects.exists()
    if meanwhile is not _deletes:
        assert comment_count(post) == Comment.objects.count()


@pytest.mark.usefixtures("burst")
def test_a_reply_whose_thread_is_gone_when_it_is_written_is_dropped(cast, drain_outbox, settings):
    post = publish(cast.ada)
    thread = queue(cast.cyd, post)
    drain_outbox()
    queue(cast.bob, post, reply_to=thread)
    cast.cyd.api.delete(f"/comments/{thread}/")
    drain_outbox()
    assert comment_count(post) == Comment.objects.count() == 0


@pytest.mark.usefixtures("burst")
def test_r52_its_author_withdraws_a_comment_that_waits_and_nobody_else_does(cast, drain_outbox):
    post = publish(cast.ada)
    mine = queue(cast.bob, post)
    assert cast.cyd.api.delete(f"/comments/{mine}/").status_code == 404
    assert cast.bob.api.delete(f"/comments/{mine}/").status_code == 204
    drain_outbox()
    assert comment_count(post) == Comment.objects.count() == 0


@pytest.mark.usefixtures("burst")
def test_r03_with_the_graph_away_what_was_accepted_waits(cast, settings):
    post = publish(cast.ada)
    id_ = queue(cast.bob, post)
    address, settings.NEO4J_URL = settings.NEO4J_URL, "bolt://127.0.0.1:1"
    drain()
    assert list(QueuedComment.objects.values_list("pk", flat=True)) == [id_]
    settings.NEO4J_URL = address
    OutboxRow.objects.update(due_at="2000-01-01T00:00:00Z")
    drain()
    assert comment_count(post) == Comment.objects.count() == 1


def test_only_what_is_above_the_limit_of_a_second_is_queued(cast, settings):
    settings.COMMENT_BURST_PER_SECOND = 3
    assert [is_burst(1) for _ in range(3)].count(True) == 0
    answers = [is_burst(2) for _ in range(20)]
    # The second may turn while they are counted.
    assert answers.count(True) >= 10
    assert answers[:3] == [False] * 3
    settings.COMMENT_BURST_PER_SECOND = -1
    assert not any(is_burst(3) for _ in range(20))
    settings.COMMENT_BURST_PER_SECOND = 1
    get_redis.cache_clear()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    try:
        assert not any(is_burst(4) for _ in range(3))
    finally:
        get_redis.cache_clear()


def test_writing_costs_the_same_from_1_to_50(cast, monkeypatch):
    post = publish(cast.ada)
    people = [make_member(f"person{number}").id for number in range(50)]
    drain()
    numbers = set()
    for total in (1, 50):
        ids = [accept_comment(actor=Viewer(id_), post_id=post["id"], text="hi") for id_ in people[:total]]
        with count_queries(monkeypatch) as seen:
            write_queued(ids)
        numbers.add(seen.numbers)
    assert len(numbers) == 1, numbers
    assert comment_count(post) == Comment.objects.count() == 51


@pytest.mark.django_db(transaction=True)
def test_counts_are_the_rows_where_both_paths_and_several_relays_run_at_once(threaded_cast):
    cast = threaded_cast
    post = publish(cast.ada)
    head = comment(cast.ada, post)["id"]
    viewers = [Viewer(member.id) for member in (cast.bob, cast.cyd, cast.dan)]
    ids = [
        accept_comment(actor=viewer, post_id=post["id"], text="queued", reply_to=reply_to)
        for viewer in viewers
        for reply_to in (None, head, None, head)
    ]
    calls: list[Any] = [lambda part=part: write_queued(part) for part in (ids, ids[::-1], ids[3:9], ids)]
    calls += [
        lambda v=v: create_comment(actor=v, post_id=post["id"], text="plain", reply_to=head) for v in viewers
    ]
    errors = [answer for answer in together(calls) if isinstance(answer, Exception)]
    assert errors == []
    assert comment_count(post) == Comment.objects.filter(counted=True).count() == 1 + 12 + 3
    assert Comment.objects.get(pk=head).reply_count == Comment.objects.filter(reply_to=head).count() == 9
