"""Likes of comments (R51), and taking back what is one's own where one is shut out by now (R30, R52)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction

from content.models import Comment, CommentLike, Like, PostCounters
from content.services.comment_likes import like_comment, unlike_comment
from content.services.comments import remove_comment
from content.services.counters import recount, recount_for_account
from content.services.purge import purge_comment_likes
from content.tests.kit import comment, ids_of, publish, together
from project.kernel.viewer import Viewer
from project.testing.cast import make_member
from social.models import Account, AccountState


def switch(member_id: int, state: str) -> None:
    with transaction.atomic():
        Account.objects.filter(pk=member_id).update(state=state)
        recount_for_account(member_id)


def likes_of(comment_id: int) -> tuple[int, int]:
    """The stored count and the number of counted rows."""
    rows = CommentLike.objects.filter(comment_id=comment_id, counted=True).count()
    return Comment.objects.get(pk=comment_id).like_count, rows


def test_r51_a_like_of_a_comment_is_201_then_200_and_taking_it_back_204_twice(cast, anonymous):
    made = comment(cast.bob, publish(cast.ada))
    assert (made["like_count"], made["has_liked"]) == (0, False)
    path = f"/comments/{made['id']}/like/"
    first, again = cast.cyd.api.put(path), cast.cyd.api.put(path)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["id"], first.json()["like_count"], first.json()["has_liked"]) == (
        made["id"],
        1,
        True,
    )
    shown = cast.dan.api.get(f"/comments/{made['id']}/").json()
    assert (shown["like_count"], shown["has_liked"]) == (1, False)
    assert anonymous.put(path).status_code == anonymous.delete(path).status_code == 401
    assert [cast.cyd.api.delete(path).status_code for _ in range(2)] == [204, 204]
    assert likes_of(made["id"]) == (0, 0)
    assert cast.cyd.api.put("/comments/987654321/like/").status_code == 404
    assert cast.cyd.api.delete("/comments/987654321/like/").status_code == 404


def test_a_reply_is_liked_like_a_comment_and_nothing_is_on_a_draft(cast):
    post = publish(cast.ada)
    reply = comment(cast.bob, post, reply_to=comment(cast.ada, post)["id"])
    assert cast.cyd.api.put(f"/comments/{reply['id']}/like/").status_code == 201
    shown = cast.cyd.api.get(f"/comments/{reply['reply_to']}/replies/").json()["results"]
    assert [(row["like_count"], row["has_liked"]) for row in shown] == [(1, True)]
    cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "draft"})
    refused = cast.ada.api.put(f"/comments/{reply['id']}/like/")
    assert (refused.status_code, refused.json()["code"]) == (409, "post-not-published")
    assert cast.cyd.api.put(f"/comments/{reply['id']}/like/").status_code == 404


def test_r32_a_hidden_comment_cannot_be_liked(cast):
    post = publish(cast.ada)
    made = comment(cast.bob, post)
    reply = comment(cast.dan, post, reply_to=made["id"])
    cast.bob.block(cast.cyd)
    for hidden in (made, reply):
        assert cast.cyd.api.put(f"/comments/{hidden['id']}/like/").status_code == 404
        assert cast.cyd.api.delete(f"/comments/{hidden['id']}/like/").status_code == 404


def test_top_threads_are_most_likes_first_then_most_replies_then_newest(cast):
    post = publish(cast.ada)
    made = [comment(cast.bob, post)["id"] for _ in range(5)]
    for at, likers in ((0, (cast.bob, cast.cyd)), (2, (cast.bob,)), (3, (cast.cyd,))):
        for member in likers:
            member.api.put(f"/comments/{made[at]}/like/")
    comment(cast.cyd, post, reply_to=made[2])
    comment(cast.cyd, post, reply_to=made[1])
    path = f"/posts/{post['id']}/comments/"
    wanted = [made[at] for at in (0, 2, 3, 1, 4)]
    assert ids_of(cast.dan.api.get(path, query={"ordering": "top"})) == wanted
    assert [row["id"] for row in cast.dan.api.pages(path, ordering="top", limit=2)] == wanted


def test_r17_the_count_is_without_accounts_that_are_gone(cast):
    made = comment(cast.bob, publish(cast.ada))
    for member in (cast.ada, cast.cyd, cast.dan):
        member.api.put(f"/comments/{made['id']}/like/")
    switch(cast.cyd.id, AccountState.DEACTIVATED)
    switch(cast.dan.id, AccountState.DELETED)
    assert likes_of(made["id"]) == (1, 1)
    assert purge_comment_likes(cast.dan.id) == 1
    assert purge_comment_likes(cast.dan.id) == 0
    # The author of the comment away: the likes of others stay counted for when they return.
    switch(cast.bob.id, AccountState.DEACTIVATED)
    switch(cast.cyd.id, AccountState.ACTIVE)
    switch(cast.bob.id, AccountState.ACTIVE)
    assert likes_of(made["id"]) == (2, 2)
    recount([made["post_id"]])
    assert likes_of(made["id"]) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_r51_fifty_likes_at_once_leave_exact_counts(threaded_cast):
    cast = threaded_cast
    made = comment(cast.bob, publish(cast.ada))
    people = [make_member(f"person{number}").id for number in range(9)] + [cast.cyd.id]
    for act, count in ((like_comment, 10), (unlike_comment, 0)):
        calls: list[Any] = []
        for person in people * 5:
            calls.append(lambda act=act, person=person: act(actor=Viewer(person), comment_id=made["id"]))
        assert sorted(map(str, together(calls))) == ["False"] * 40 + ["True"] * 10
        assert likes_of(made["id"]) == (count, count)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_likes_stay_equal_to_the_rows_whatever_runs_at_once(threaded_cast):
    """Likes, unlikes, deletions of liked threads, and likers that leave and return, on the same comments."""
    cast = threaded_cast
    post = publish(cast.ada)
    rng = random.Random(3)
    people = [cast.bob.id, cast.cyd.id, cast.dan.id]
    for _ in range(5):
        heads = [comment(cast.ada, post)["id"] for _ in range(4)]
        calls: list[Any] = []
        for _ in range(24):
            act = rng.choice([like_comment, like_comment, unlike_comment])
            viewer, head = Viewer(rng.choice(people)), rng.choice(heads)
            calls.append(lambda act=act, viewer=viewer, head=head: act(actor=viewer, comment_id=head))
        calls += [lambda head=head: remove_comment(head) for head in heads[:2]]
        calls += [lambda: switch(cast.bob.id, "suspended"), lambda: switch(cast.bob.id, "active")]
        rng.shuffle(calls)
        errors = [answer for answer in together(calls) if isinstance(answer, Exception)]
        assert all(hasattr(error, "status") for error in errors), errors
        switch(cast.bob.id, AccountState.ACTIVE)
        assert all(stored == rows for stored, rows in (likes_of(head) for head in heads[2:]))
    assert PostCounters.objects.get(pk=post["id"]).comment_count == Comment.objects.count() == 10


@pytest.mark.parametrize("shut_out", ["blocked", "private", "draft"])
def test_r30_r52_what_is_ones_own_can_be_taken_back_where_one_is_shut_out(cast, shut_out):
    """Comment, like of the post and like of a comment; who has nothing there gets the 404 of what never was."""
    post = publish(cast.ada)
    mine, others = comment(cast.bob, post), comment(cast.dan, post)
    reply = comment(cast.bob, post, reply_to=others["id"])
    cast.bob.api.put(f"/posts/{post['id']}/like/")
    cast.bob.api.put(f"/comments/{others['id']}/like/")
    if shut_out == "blocked":
        cast.ada.block(cast.bob)
        cast.ada.block(cast.cyd)
    elif shut_out == "private":
        cast.ada.go_private()
    else:
        cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "draft"})
    own = [f"/comments/{reply['id']}/", f"/comments/{mine['id']}/"]
    paths = [f"/comments/{others['id']}/like/", f"/posts/{post['id']}/like/", *own]
    nothing = cast.cyd.api.delete("/comments/987654321/").json()
    for path in paths:
        refused = cast.cyd.api.delete(path)
        assert refused.status_code == 404, path
        assert {**refused.json(), "request_id": ""} == {**nothing, "request_id": ""}
    assert cast.bob.api.delete(f"/comments/{others['id']}/").status_code == 404
    assert cast.bob.api.patch(own[1], {"text": "still here"}).status_code == 404
    assert [cast.bob.api.delete(path).status_code for path in paths] == [204] * 4
    assert [cast.bob.api.delete(path).status_code for path in paths] == [404] * 4
    assert PostCounters.objects.values_list("like_count", "comment_count").get(pk=post["id"]) == (0, 1)
    assert Like.objects.count() == CommentLike.objects.count() == 0


def test_r03_taking_ones_own_back_needs_no_graph(cast, settings):
    post = publish(cast.ada)
    made = comment(cast.bob, post)
    cast.bob.api.put(f"/comments/{made['id']}/like/")
    cast.bob.api.put(f"/posts/{post['id']}/like/")
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    for path in (f"/comments/{made['id']}/like/", f"/posts/{post['id']}/like/", f"/comments/{made['id']}/"):
        assert cast.bob.api.delete(path).status_code == 204


def test_r32_r40_a_name_across_a_block_stays_plain_text(cast):
    post = publish(cast.ada)
    cast.cyd.block(cast.bob)
    cast.dan.api.patch("/settings/", {"allow_mentions_from": "nobody"})
    made = comment(cast.bob, post, "@cyd @dan @ada look")
    assert [a["username"] for a in made["mentions"]] == ["ada"]
    seen = cast.ada.api.get(f"/comments/{made['id']}/").json()
    assert (seen["text"], [a["username"] for a in seen["mentions"]]) == ("@cyd @dan @ada look", ["ada"])
    caption = publish(cast.bob, caption="@cyd @ada")
    assert [a["username"] for a in caption["mentions"]] == ["ada"]
