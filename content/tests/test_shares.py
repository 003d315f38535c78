"""Reposts and sends: what may be passed on, exact counts, who sees them (R17, R32, R36, R53)."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from content.models import Post, PostCounters, Repost, Share
from content.services.counters import recount, recount_for_account
from content.services.posts import delete_post
from content.services.shares import repost_post, share_post, unrepost_post
from content.tests.kit import ids_of, publish, together
from project.kernel.clock import now
from project.kernel.errors import NotFound, Unauthenticated
from project.kernel.viewer import Viewer
from project.testing.cast import make_member
from social.models import Account, AccountState
from social.services.account_state import leave


def share_count(post):
    return PostCounters.objects.get(pk=post["id"]).share_count


def rows():
    return Repost.objects.filter(counted=True).count() + Share.objects.filter(counted=True).count()


def repost(member, post):
    return member.api.put(f"/posts/{post['id']}/repost/")


def share(member, post, body=None, **options):
    return member.api.post(f"/posts/{post['id']}/share/", body, **options)


def test_r53_a_repost_is_once_per_account_and_post(cast):
    post = publish(cast.ada)
    first, again = repost(cast.bob, post), repost(cast.bob, post)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["post"]["share_count"] == 1
    assert first.json()["account"]["username"] == "bob"
    repost(cast.cyd, post)
    assert share_count(post) == 2
    for _ in range(2):
        assert cast.bob.api.delete(f"/posts/{post['id']}/repost/").status_code == 204
    assert share_count(post) == 1
    # One's own, too.
    assert repost(cast.ada, post).status_code == 201


def test_a_repost_can_be_taken_back_even_where_the_post_is_hidden_by_now(cast):
    post = publish(cast.ada)
    repost(cast.bob, post)
    cast.ada.block(cast.bob)
    assert cast.bob.api.delete(f"/posts/{post['id']}/repost/").status_code == 204
    assert cast.bob.api.delete(f"/posts/{post['id']}/repost/").status_code == 404
    cast.ada.api.delete(f"/block/{cast.bob.id}/")
    assert share_count(post) == Repost.objects.count() == 0


def test_r53_a_private_account_reposts_to_its_followers_alone(cast, anonymous):
    post = publish(cast.ada)
    cast.cyd.follow(cast.bob)
    repost(cast.bob, post)
    cast.bob.go_private()
    for api, seen in (
        (cast.cyd.api, 1),
        (cast.bob.api, 1),
        (cast.dan.api, 0),
        (cast.ada.api, 0),
        (anonymous, 0),
    ):
        assert len(ids_of(api.get(f"/posts/{post['id']}/reposts/"))) == seen
    assert share_count(post) == 1


@pytest.mark.parametrize(
    "body", [{"audience": "followers"}, {"audience": "close_friends"}, {"state": "draft"}]
)
def test_r53_only_what_is_public_can_be_reposted(cast, body):
    post = publish(cast.ada, **body)
    answer = repost(cast.ada, post)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-public")
    assert repost(cast.bob, post).status_code == 404
    assert not Repost.objects.exists()


def test_r53_a_private_accounts_post_can_be_reposted_by_nobody(cast):
    post = publish(cast.ada)
    cast.bob.follow(cast.ada)
    cast.ada.go_private()
    assert repost(cast.bob, post).json()["code"] == "not-public"
    assert repost(cast.dan, post).status_code == 404
    assert repost(cast.dan, {"id": 987654321}).status_code == 404


def test_reposters_are_listed_newest_first_and_hide_across_a_block(cast, anonymous):
    post = publish(cast.ada)
    path = f"/posts/{post['id']}/reposts/"
    for member in (cast.bob, cast.cyd, cast.dan):
        repost(member, post)
    cast.dan.follow(cast.bob)
    cast.bob.block(cast.cyd)

    def names(api):
        return [row["username"] for row in api.get(path).json()["results"]]

    assert names(cast.ada.api) == names(anonymous) == ["dan", "cyd", "bob"]
    assert names(cast.bob.api) == ["dan", "bob"]
    assert names(cast.cyd.api) == ["dan", "cyd"]
    found = {row["username"]: row for row in cast.dan.api.get(path).json()["results"]}
    assert found["bob"]["relationship"]["following"] is True
    assert found["dan"]["relationship"] is None
    assert found["bob"]["reposted_at"] is not None
    assert [row["username"] for row in cast.dan.api.pages(path, limit=1)] == ["dan", "cyd", "bob"]
    secret = publish(cast.ada, audience="followers")
    assert cast.dan.api.get(f"/posts/{secret['id']}/reposts/").status_code == 404


def test_a_share_without_recipients_is_a_link_and_counts_once_per_account(cast, settings):
    post = publish(cast.ada)
    settings.POST_URL = "https://app.example/p/{id}"
    bodies: list[Any] = [None, {}, {"conversations": [], "users": []}]
    for body in bodies:
        answer = share(cast.bob, post, body)
        assert answer.status_code == 201
        assert answer.json() == {"url": f"https://app.example/p/{post['id']}", "share_count": 1}
    assert share(cast.cyd, post).json()["share_count"] == 2
    # A repost is something else than a send.
    repost(cast.bob, post)
    assert share_count(post) == rows() == 3


def test_sending_to_recipients_is_refused_clearly_while_there_are_no_conversations(cast):
    post = publish(cast.ada)
    for body in ({"users": [cast.cyd.id]}, {"conversations": [1]}):
        answer = share(cast.bob, post, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "sending-unavailable")
    assert share(cast.bob, post, {"users": ["x"]}).json()["code"] == "validation-failed"
    assert share_count(post) == 0
    draft = publish(cast.ada, state="draft")
    assert share(cast.ada, draft).json()["code"] == "post-not-published"
    assert share(cast.bob, draft).status_code == 404


def test_r82_a_repeated_share_with_its_key_is_the_same_share(cast):
    post = publish(cast.ada)
    key = {"Idempotency-Key": "once"}
    first, again = share(cast.bob, post, headers=key), share(cast.bob, post, headers=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert share(cast.bob, post, {"users": [1]}, headers=key).json()["code"] == "idempotency-key-reused"


@pytest.mark.django_db(transaction=True)
def test_fifty_reposts_and_shares_at_once_make_one_of_each(threaded_cast):
    post = publish(threaded_cast.ada)
    bob = Viewer(threaded_cast.bob.id)
    answers = together([lambda: repost_post(actor=bob, post_id=post["id"])] * 50)
    assert Counter(answers) == {True: 1, False: 49}
    together([lambda: share_post(actor=bob, post_id=post["id"])] * 50)
    assert (share_count(post), rows()) == (2, 2)
    answers = together([lambda: unrepost_post(actor=bob, post_id=post["id"])] * 50)
    assert Counter(answers) == {True: 1, False: 49}
    assert (share_count(post), rows()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_r17_reposts_that_race_their_accounts_leaving_are_never_counted_wrongly(threaded_cast):
    post = publish(threaded_cast.ada)
    members = [make_member(f"sharer{n}") for n in range(10)]

    def go(account_id):
        with transaction.atomic():
            Account.objects.filter(pk=account_id).update(state=AccountState.DEACTIVATED)
            recount_for_account(account_id)

    calls: list[Any] = []
    for member in members:
        viewer = Viewer(member.id)
        calls.append(partial(repost_post, actor=viewer, post_id=post["id"]))
        calls.append(partial(share_post, actor=viewer, post_id=post["id"]))
        calls.append(partial(go, member.id))
    errors = [answer for answer in together(calls) if isinstance(answer, Exception)]
    assert all(isinstance(error, Unauthenticated) for error in errors), errors
    assert share_count(post) == rows() == 0


@pytest.mark.django_db(transaction=True)
def test_reposts_that_race_the_posts_deletion_leave_nothing(threaded_cast):
    cast = threaded_cast
    for _ in range(5):
        post = publish(cast.ada)
        viewers = [Viewer(member.id) for member in (cast.bob, cast.cyd, cast.dan)]
        calls = [
            partial(act, actor=v, post_id=post["id"]) for v in viewers for act in (repost_post, share_post)
        ]
        answers = together([*calls, partial(delete_post, actor=Viewer(cast.ada.id), post_id=post["id"])])
        errors = [answer for answer in answers if isinstance(answer, Exception)]
        assert all(isinstance(error, NotFound) for error in errors), errors
    assert not Post.objects.exists()
    assert rows() == 0


def test_r17_who_leaves_takes_reposts_and_shares_out_of_the_count_and_brings_them_back(cast):
    post = publish(cast.ada)
    repost(cast.bob, post)
    share(cast.bob, post)
    repost(cast.cyd, post)
    leave(cast.bob.id, AccountState.DEACTIVATED)
    assert share_count(post) == rows() == 1
    path = f"/posts/{post['id']}/reposts/"
    assert ids_of(cast.ada.api.get(path)) == [cast.cyd.id]
    with transaction.atomic():
        Account.objects.filter(pk=cast.bob.id).update(state=AccountState.ACTIVE)
        recount_for_account(cast.bob.id)
    assert share_count(post) == rows() == 3
    assert ids_of(cast.ada.api.get(path)) == [cast.cyd.id, cast.bob.id]


def test_counts_of_shares_written_past_the_services_are_repaired(cast):
    post = publish(cast.ada)
    for model in (Repost, Share):
        model.objects.create(post_id=post["id"], account_id=cast.bob.id, created_at=now())
    recount([post["id"]])
    assert share_count(post) == 2
