"""Comments: policy, threads, deletion, and counts that are always the rows' (R17, R22, R32, R36, R52)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction

from content.models import Comment, Like, PostCounters
from content.services.comments import create_comment, delete_comment
from content.services.counters import recount, recount_for_account
from content.tests.kit import comment, count_queries, ids_of, publish, together
from project.kernel.clock import now
from project.kernel.viewer import Viewer
from project.testing.cast import make_member
from social.models import Account, AccountState


def counts(post):
    """The stored counts: of the post, and of each thread."""
    return (
        PostCounters.objects.get(pk=post["id"]).comment_count,
        dict(Comment.objects.filter(reply_to=None).values_list("id", "reply_count")),
    )


def switch(member, state):
    with transaction.atomic():
        Account.objects.filter(pk=member.id).update(state=state)
        recount_for_account(member.id)


def test_a_comment_and_a_reply_to_a_reply_stand_in_one_thread(cast):
    post = publish(cast.ada)
    first = comment(cast.bob, post, "  look, @ada and @nobody_here ")
    assert first["text"] == "look, @ada and @nobody_here"
    assert [a["username"] for a in first["mentions"]] == ["ada"]
    assert (first["reply_to"], first["reply_count"], first["edited_at"]) == (None, 0, None)
    reply = comment(cast.cyd, post, reply_to=first["id"])
    deeper = comment(cast.ada, post, reply_to=reply["id"])
    assert reply["reply_to"] == deeper["reply_to"] == first["id"]
    assert cast.dan.api.get(f"/comments/{first['id']}/").json()["reply_count"] == 2
    assert ids_of(cast.dan.api.get(f"/posts/{post['id']}/comments/")) == [first["id"]]
    assert ids_of(cast.dan.api.get(f"/comments/{first['id']}/replies/")) == [reply["id"], deeper["id"]]
    assert cast.dan.api.get(f"/posts/{post['id']}/").json()["comment_count"] == 3
    assert cast.bob.api.post(f"/posts/{post['id']}/comment/", {"text": "by the alias"}).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": " \n "}, "/text"),
        ({"text": None}, "/text"),
        ({"text": "x" * 1001}, "/text"),
        ({"text": "\x00"}, "/text"),
        ({"text": "x", "reply_to": 987654321}, "/reply_to"),
        ({"text": "x", "reply_to": 2**63}, "/reply_to"),
        ({"text": "x", "reply_to": "1"}, "/reply_to"),
        ({"text": "x", "post": 1}, "/post"),
    ],
)
def test_what_does_not_fit_is_422_and_says_where(cast, body, pointer):
    post = publish(cast.ada)
    response = cast.bob.api.post(f"/posts/{post['id']}/comments/", body)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, pointer)


def test_a_reply_must_be_to_a_comment_of_the_same_post_that_one_may_see(cast):
    post, other = publish(cast.ada), publish(cast.ada)
    elsewhere = comment(cast.bob, other)
    hidden = comment(cast.cyd, post)
    cast.cyd.block(cast.bob)
    for target in (elsewhere, hidden):
        response = cast.bob.api.post(
            f"/posts/{post['id']}/comments/", {"text": "x", "reply_to": target["id"]}
        )
        assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "unknown_comment")


# policy → who of {author, one whom she follows, a follower, a stranger} may comment
POLICIES = {
    "everyone": {"ada", "bob", "cyd", "dan"},
    "following": {"ada", "bob"},
    "followers": {"ada", "cyd"},
    "nobody": {"ada"},
}


@pytest.mark.parametrize("policy", POLICIES)
def test_the_comment_policy_lets_in_whom_it_names_and_always_the_author(cast, policy):
    cast.ada.follow(cast.bob)
    cast.cyd.follow(cast.ada)
    post = publish(cast.ada, comment_policy=policy)
    for name in ("ada", "bob", "cyd", "dan"):
        response = getattr(cast, name).api.post(f"/posts/{post['id']}/comments/", {"text": "hi"})
        if name in POLICIES[policy]:
            assert response.status_code == 201, name
        else:
            assert (response.status_code, response.json()["code"]) == (403, "comments-restricted"), name


def test_r22_a_private_accounts_comment_is_seen_by_whoever_sees_the_post(cast, anonymous):
    post = publish(cast.ada)
    cast.bob.go_private()
    made = comment(cast.bob, post)
    for reader in (cast.cyd.api, anonymous):
        assert ids_of(reader.get(f"/posts/{post['id']}/comments/")) == [made["id"]]
        assert reader.get(f"/comments/{made['id']}/").json()["author"]["is_private"] is True


def test_r32_a_thread_hides_across_a_block_with_its_replies_and_comes_back(cast):
    post = publish(cast.ada)
    thread = comment(cast.bob, post)
    reply = comment(cast.dan, post, reply_to=thread["id"])
    answer = comment(cast.bob, post, reply_to=comment(cast.dan, post)["id"])
    cast.cyd.block(cast.bob)
    cyd = cast.cyd.api
    assert ids_of(cyd.get(f"/posts/{post['id']}/comments/")) == [answer["reply_to"]]
    assert ids_of(cyd.get(f"/comments/{answer['reply_to']}/replies/")) == []
    for hidden in (thread, reply, answer):
        assert cyd.get(f"/comments/{hidden['id']}/").status_code == 404
    assert cyd.get(f"/comments/{thread['id']}/replies/").status_code == 404
    # R36: the counts are the same for every viewer.
    assert cyd.get(f"/posts/{post['id']}/").json()["comment_count"] == 4
    assert ids_of(cast.bob.api.get(f"/comments/{thread['id']}/replies/")) == [reply["id"]]
    cyd.delete(f"/block/{cast.bob.id}/")
    assert cyd.get(f"/comments/{reply['id']}/").status_code == 200


def test_comments_of_a_hidden_post_are_hidden(cast):
    post = publish(cast.ada)
    made = comment(cast.bob, post)
    cast.ada.go_private()
    assert cast.cyd.api.get(f"/comments/{made['id']}/").status_code == 404
    assert cast.cyd.api.get(f"/comments/{made['id']}/replies/").status_code == 404
    assert cast.cyd.api.get(f"/posts/{post['id']}/comments/").status_code == 404


def test_r52_only_the_author_of_a_comment_edits_it(cast, staff):
    post = publish(cast.ada)
    made = comment(cast.bob, post, "by @ada")
    path = f"/comments/{made['id']}/"
    for member in (cast.ada, cast.cyd, staff):
        assert member.api.patch(path, {"text": "x"}).status_code == 403
    edited = cast.bob.api.patch(path, {"text": "by @cyd"}).json()
    assert (edited["text"], [a["username"] for a in edited["mentions"]]) == ("by @cyd", ["cyd"])
    assert edited["edited_at"] is not None
    assert cast.bob.api.patch(path, {"text": " "}).status_code == 422
    assert cast.bob.api.patch("/comments/987654321/", {"text": "x"}).status_code == 404


def test_r52_own_comments_all_on_ones_post_and_all_for_staff_can_be_deleted(cast, staff):
    post = publish(cast.ada)
    for deleter, status in ((cast.bob, 204), (cast.ada, 204), (staff, 204), (cast.cyd, 403)):
        made = comment(cast.bob, post)
        assert deleter.api.delete(f"/comments/{made['id']}/").status_code == status
    assert cast.bob.api.delete("/comments/987654321/").status_code == 404
    assert counts(post)[0] == 1


def test_r52_deleting_a_parent_deletes_its_thread_and_a_reply_only_itself(cast):
    post = publish(cast.ada)
    kept, thread = comment(cast.bob, post), comment(cast.bob, post)
    replies = [comment(cast.cyd, post, reply_to=thread["id"]) for _ in range(3)]
    cast.cyd.api.delete(f"/comments/{replies[0]['id']}/")
    assert counts(post) == (4, {kept["id"]: 0, thread["id"]: 2})
    cast.bob.api.delete(f"/comments/{thread['id']}/")
    assert counts(post) == (1, {kept["id"]: 0})
    assert cast.cyd.api.get(f"/comments/{replies[1]['id']}/").status_code == 404


def test_orderings_and_pages_of_threads(cast):
    post = publish(cast.ada)
    path = f"/posts/{post['id']}/comments/"
    made = [comment(cast.bob, post)["id"] for _ in range(6)]
    for at, number in ((1, 2), (4, 2), (3, 1)):
        for _ in range(number):
            comment(cast.cyd, post, reply_to=made[at])
    new = list(reversed(made))
    top = [made[at] for at in (4, 1, 3, 5, 2, 0)]
    for ordering, wanted in (("new", new), ("top", top)):
        assert [c["id"] for c in cast.dan.api.pages(path, ordering=ordering, limit=2)] == wanted
        first = cast.dan.api.get(path, query={"ordering": ordering, "limit": 4}).json()
        last = cast.dan.api.get(
            path, query={"ordering": ordering, "limit": 4, "cursor": first["next"]}
        ).json()
        back = cast.dan.api.get(
            path, query={"ordering": ordering, "limit": 4, "cursor": last["previous"]}
        ).json()
        assert back["results"] == first["results"]
    assert ids_of(cast.dan.api.get(path)) == new
    assert cast.dan.api.get(path, query={"ordering": "old"}).status_code == 422


def test_r17_an_inactive_accounts_threads_are_gone_and_return_complete(cast):
    post = publish(cast.ada)
    thread = comment(cast.bob, post)
    other = comment(cast.cyd, post)
    comment(cast.cyd, post, reply_to=thread["id"])
    comment(cast.bob, post, reply_to=other["id"])
    comment(cast.dan, post, reply_to=other["id"])
    whole = counts(post)
    assert whole == (5, {thread["id"]: 1, other["id"]: 2})
    switch(cast.bob, AccountState.DEACTIVATED)
    assert counts(post) == (2, {thread["id"]: 0, other["id"]: 1})
    assert ids_of(cast.ada.api.get(f"/posts/{post['id']}/comments/")) == [other["id"]]
    assert cast.ada.api.get(f"/comments/{thread['id']}/").status_code == 404
    switch(cast.cyd, AccountState.SUSPENDED)
    assert counts(post)[0] == 0
    switch(cast.bob, AccountState.ACTIVE)
    assert counts(post) == (1, {thread["id"]: 0, other["id"]: 0})
    switch(cast.cyd, AccountState.ACTIVE)
    assert counts(post) == whole


@pytest.mark.django_db(transaction=True)
def test_counts_stay_equal_to_the_rows_whatever_runs_at_once(threaded_cast):
    """Comments, replies, deletions of threads, and accounts that leave and return, all on one post."""
    cast = threaded_cast
    post = publish(cast.ada)
    rng = random.Random(11)
    viewers = [Viewer(member.id) for member in (cast.ada, cast.bob, cast.cyd)]
    for _ in range(4):
        heads = [create_comment(actor=rng.choice(viewers), post_id=post["id"], text="head") for _ in range(4)]
        calls: list[Any] = []
        for _ in range(8):
            viewer, head = rng.choice(viewers), rng.choice(heads)
            calls.append(
                lambda viewer=viewer, head=head: create_comment(
                    actor=viewer, post_id=post["id"], text="reply", reply_to=head
                )
            )
        calls += [lambda head=head: delete_comment(actor=viewers[0], comment_id=head) for head in heads[:2]]
        calls += [lambda: switch(cast.dan, AccountState.DEACTIVATED), lambda: switch(cast.bob, "suspended")]
        calls += [lambda: switch(cast.bob, AccountState.ACTIVE), lambda: switch(cast.dan, "active")]
        errors = [answer for answer in together(calls) if isinstance(answer, Exception)]
        # Refused because what they hang on was gone: an answer. A deadlock would be a bug.
        assert all(hasattr(error, "status") for error in errors), errors
        switch(cast.bob, AccountState.ACTIVE)
    kept = counts(post)
    recount([post["id"]])
    assert counts(post) == kept
    assert kept[0] == Comment.objects.filter(counted=True).count() > 0


def test_lists_of_comments_and_likers_cost_the_same_from_1_to_50(cast, monkeypatch):
    post = publish(cast.ada)
    people = [make_member(f"person{n}").id for n in range(50)]
    numbers: dict[str, set[tuple[int, int]]] = {}
    for total in (1, 20, 50):
        known = Comment.objects.count()
        Comment.objects.bulk_create(
            [
                Comment(post_id=post["id"], author_id=person, text="hi", created_at=now())
                for person in people[known:total]
            ]
        )
        Like.objects.bulk_create(
            [Like(post_id=post["id"], account_id=person, created_at=now()) for person in people[known:total]]
        )
        recount([post["id"]])
        for end in ("comments/", "likes/"):
            path = f"/posts/{post['id']}/{end}"
            cast.bob.api.get(path)
            with count_queries(monkeypatch) as seen:
                page = cast.bob.api.get(path, query={"limit": 50}).json()["results"]
            assert len(page) == total
            numbers.setdefault(end, set()).add(seen.numbers)
    for end, found in numbers.items():
        assert len(found) == 1, f"{end}: {found}"
        sql, graph = found.pop()
        assert sql <= 6, end
        assert graph <= 2, end
