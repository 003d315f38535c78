"""Likes: once, exact under concurrency, hidden with whoever is hidden (R17, R32, R36, R51)."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from content.models import Like, Post, PostCounters
from content.services.counters import recount_for_account
from content.services.likes import like_post, unlike_post
from content.services.posts import delete_post
from content.tests.kit import publish, together
from project.kernel.errors import NotFound, Unauthenticated
from project.kernel.viewer import Viewer
from project.testing.cast import make_member
from social.models import Account, AccountState


def like_count(post):
    return PostCounters.objects.get(pk=post["id"]).like_count


def test_r51_a_like_is_201_then_200_and_its_removal_204_each_time(cast):
    post = publish(cast.ada)
    path = f"/posts/{post['id']}/like/"
    first, again = cast.bob.api.put(path), cast.bob.api.put(path)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["post"]["like_count"] == 1
    assert first.json()["post"]["has_liked"] is True
    assert first.json()["account"]["username"] == "bob"
    assert cast.ada.api.get(f"/posts/{post['id']}/").json()["has_liked"] is False
    assert cast.bob.api.post(path).status_code == 200
    for _ in range(2):
        assert cast.bob.api.delete(path).status_code == 204
    assert like_count(post) == 0
    assert cast.bob.api.post(path).status_code == 201
    assert cast.bob.api.put("/posts/987654321/like/").status_code == 404
    assert cast.bob.api.delete("/posts/987654321/like/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_r51_fifty_likes_at_once_by_one_account_make_one(threaded_cast):
    post = publish(threaded_cast.ada)
    bob = Viewer(threaded_cast.bob.id)
    answers = together([lambda: like_post(actor=bob, post_id=post["id"]).created] * 50)
    assert Counter(answers) == {True: 1, False: 49}
    assert (like_count(post), Like.objects.count()) == (1, 1)
    answers = together([lambda: unlike_post(actor=bob, post_id=post["id"])] * 50)
    assert Counter(answers) == {True: 1, False: 49}
    assert (like_count(post), Like.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_r51_likes_and_unlikes_of_many_accounts_leave_an_exact_count(threaded_cast):
    post = publish(threaded_cast.ada)
    viewers = [Viewer(make_member(f"liker{n}").id) for n in range(25)]
    calls: list[Any] = []
    for viewer in viewers:
        calls.append(lambda viewer=viewer: like_post(actor=viewer, post_id=post["id"]))
        calls.append(lambda viewer=viewer: unlike_post(actor=viewer, post_id=post["id"]))
    answers = together(calls)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert like_count(post) == Like.objects.count()


@pytest.mark.django_db(transaction=True)
def test_r17_a_like_that_races_its_accounts_leaving_is_never_counted_wrongly(threaded_cast):
    post = publish(threaded_cast.ada)
    likers = [make_member(f"liker{n}") for n in range(12)]

    def leave(account_id):
        with transaction.atomic():
            Account.objects.filter(pk=account_id).update(state=AccountState.DEACTIVATED)
            recount_for_account(account_id)

    calls: list[Any] = []
    for liker in likers:
        viewer = Viewer(liker.id)
        calls.append(lambda viewer=viewer: like_post(actor=viewer, post_id=post["id"]))
        calls.append(lambda account_id=liker.id: leave(account_id))
    answers = together(calls)
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(error, Unauthenticated) for error in errors), errors
    assert like_count(post) == 0
    assert not Like.objects.filter(counted=True).exists()


@pytest.mark.django_db(transaction=True)
def test_a_like_that_races_the_posts_deletion_leaves_nothing(threaded_cast):
    cast = threaded_cast
    for _ in range(5):
        post = publish(cast.ada)
        viewers = [Viewer(member.id) for member in (cast.bob, cast.cyd, cast.dan)]
        likes = [partial(like_post, actor=viewer, post_id=post["id"]) for viewer in viewers]
        answers = together([*likes, partial(delete_post, actor=Viewer(cast.ada.id), post_id=post["id"])])
        errors = [answer for answer in answers if isinstance(answer, Exception)]
        assert all(isinstance(error, NotFound) for error in errors), errors
    assert not Like.objects.exists()
    assert not Post.objects.exists()


def test_r32_r36_likers_hide_across_a_block_and_the_count_stays_the_same(cast):
    post = publish(cast.ada)
    path = f"/posts/{post['id']}/likes/"
    for member in (cast.bob, cast.cyd, cast.dan):
        member.api.put(f"/posts/{post['id']}/like/")
    cast.dan.follow(cast.bob)
    cast.bob.block(cast.cyd)

    def shown(member):
        body = member.api.get(path).json()
        return [liker["username"] for liker in body["results"]], body["count"]

    assert shown(cast.ada) == (["dan", "cyd", "bob"], 3)
    assert shown(cast.bob) == (["dan", "bob"], 3)
    assert shown(cast.cyd) == (["dan", "cyd"], 3)
    likers = {liker["username"]: liker for liker in cast.dan.api.get(path).json()["results"]}
    assert likers["bob"]["relationship"]["following"] is True
    assert likers["dan"]["relationship"] is None
    assert likers["cyd"]["liked_at"] is not None
    assert [liker["username"] for liker in cast.dan.api.pages(path, limit=1)] == ["dan", "cyd", "bob"]
    cast.bob.api.delete(f"/block/{cast.cyd.id}/")
    assert shown(cast.cyd) == (["dan", "cyd", "bob"], 3)


def test_r32_a_like_across_a_block_stays_stored_and_returns_with_unblocking(cast):
    post = publish(cast.ada)
    path = f"/posts/{post['id']}/like/"
    cast.bob.api.put(path)
    cast.ada.block(cast.bob)
    assert cast.bob.api.put(path).status_code == 404
    assert [x["username"] for x in cast.ada.api.get(f"/posts/{post['id']}/likes/").json()["results"]] == []
    cast.ada.api.delete(f"/block/{cast.bob.id}/")
    assert cast.bob.api.get(f"/posts/{post['id']}/").json()["has_liked"] is True


def test_a_like_can_be_taken_back_even_where_the_post_is_hidden_by_now(cast):
    post = publish(cast.ada)
    path = f"/posts/{post['id']}/like/"
    cast.bob.api.put(path)
    cast.ada.block(cast.bob)
    assert cast.bob.api.delete(path).status_code == 204
    assert cast.bob.api.delete(path).status_code == 404
    cast.ada.api.delete(f"/block/{cast.bob.id}/")
    assert cast.ada.api.get(f"/posts/{post['id']}/").json()["like_count"] == 0


def test_r17_an_inactive_account_leaves_likers_and_count_and_comes_back(cast):
    posts = [publish(cast.ada) for _ in range(3)]
    for post in posts:
        cast.bob.api.put(f"/posts/{post['id']}/like/")
    cast.cyd.api.put(f"/posts/{posts[0]['id']}/like/")

    def switch(state):
        with transaction.atomic():
            Account.objects.filter(pk=cast.bob.id).update(state=state)
            recount_for_account(cast.bob.id)
            recount_for_account(cast.bob.id)

    def likers():
        body = cast.ada.api.get(f"/posts/{posts[0]['id']}/likes/").json()
        return [liker["username"] for liker in body["results"]], body["count"]

    switch(AccountState.SUSPENDED)
    assert [like_count(post) for post in posts] == [1, 0, 0]
    assert likers() == (["cyd"], 1)
    switch(AccountState.ACTIVE)
    assert [like_count(post) for post in posts] == [2, 1, 1]
    assert likers() == (["cyd", "bob"], 2)
