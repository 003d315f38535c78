"""Saves: private, newest first, judged whenever they are read."""

from __future__ import annotations

from collections import Counter

import pytest

from content.models import Save
from content.services.saves import save_post, unsave_post
from content.tests.kit import ids_of, publish, together
from project.kernel.viewer import Viewer
from social.models import AccountState
from social.services.account_state import leave


def save(member, post):
    return member.api.put(f"/posts/{post['id']}/save/")


def test_a_save_is_201_then_200_and_its_removal_204_each_time(cast):
    post = publish(cast.ada)
    first, again = save(cast.bob, post), save(cast.bob, post)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["id"], first.json()["has_saved"]) == (post["id"], True)
    assert cast.bob.api.get(f"/posts/{post['id']}/").json()["has_saved"] is True
    for _ in range(2):
        assert cast.bob.api.delete(f"/posts/{post['id']}/save/").status_code == 204
    assert cast.bob.api.get(f"/posts/{post['id']}/").json()["has_saved"] is False
    assert ids_of(cast.bob.api.get("/saved/")) == []


def test_the_list_is_last_saved_first_and_pages_both_ways(cast):
    posts = [publish(cast.ada)["id"] for _ in range(5)]
    order = [posts[n] for n in (3, 0, 4, 1, 2)]
    for id_ in reversed(order):
        save(cast.bob, {"id": id_})
    # Saved again: it keeps its place.
    save(cast.bob, {"id": order[-1]})
    assert ids_of(cast.bob.api.get("/saved/")) == order
    assert [post["id"] for post in cast.bob.api.pages("/saved/", limit=2)] == order
    first = cast.bob.api.get("/saved/", query={"limit": 2}).json()
    second = cast.bob.api.get("/saved/", query={"limit": 2, "cursor": first["next"]}).json()
    back = cast.bob.api.get("/saved/", query={"limit": 2, "cursor": second["previous"]}).json()
    assert [post["id"] for post in back["results"]] == order[:2]
    assert all(post["has_saved"] for post in first["results"])


def test_nobody_else_learns_of_a_save(cast, anonymous):
    post = publish(cast.ada)
    before = cast.cyd.api.get(f"/posts/{post['id']}/").json()
    save(cast.bob, post)
    for api in (cast.ada.api, cast.cyd.api, anonymous):
        assert api.get(f"/posts/{post['id']}/").json()["has_saved"] is False
    assert cast.cyd.api.get(f"/posts/{post['id']}/").json() == before
    assert ids_of(cast.ada.api.get("/saved/")) == []
    assert anonymous.get("/saved/").status_code == 401


def test_what_may_not_be_seen_can_be_neither_saved_nor_found_among_the_saved(cast):
    secret, draft = publish(cast.ada, audience="followers"), publish(cast.ada, state="draft")
    for post in (secret, draft, {"id": 987654321}):
        assert save(cast.bob, post).status_code == 404
        assert cast.bob.api.delete(f"/posts/{post['id']}/save/").status_code == 404
    answer = save(cast.ada, draft)
    assert (answer.status_code, answer.json()["code"]) == (409, "post-not-published")


def test_saved_posts_are_judged_when_they_are_read_and_return_when_they_may_be_seen_again(cast):
    post, other = publish(cast.ada), publish(cast.dan)
    save(cast.bob, post)
    save(cast.bob, other)

    def saved():
        return ids_of(cast.bob.api.get("/saved/"))

    assert saved() == [other["id"], post["id"]]
    cast.ada.api.patch(f"/posts/{post['id']}/", {"audience": "followers"})
    assert saved() == [other["id"]]
    cast.ada.api.patch(f"/posts/{post['id']}/", {"audience": "everyone"})
    cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "draft"})
    assert saved() == [other["id"]]
    cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "published"})
    cast.ada.block(cast.bob)
    assert saved() == [other["id"]]
    cast.ada.api.delete(f"/block/{cast.bob.id}/")
    assert saved() == [other["id"], post["id"]]
    leave(cast.ada.id, AccountState.DEACTIVATED)
    assert saved() == [other["id"]]
    cast.dan.api.delete(f"/posts/{other['id']}/")
    assert saved() == []
    assert Save.objects.count() == 1


def test_what_was_saved_can_be_forgotten_even_where_it_is_hidden_by_now(cast):
    closed, blocked = publish(cast.ada), publish(cast.dan)
    for post in (closed, blocked):
        save(cast.bob, post)
    cast.ada.api.patch(f"/posts/{closed['id']}/", {"audience": "close_friends"})
    cast.dan.block(cast.bob)
    for post in (closed, blocked):
        assert cast.bob.api.delete(f"/posts/{post['id']}/save/").status_code == 204
        assert cast.bob.api.delete(f"/posts/{post['id']}/save/").status_code == 404
    assert not Save.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_fifty_saves_at_once_make_one(threaded_cast):
    post = publish(threaded_cast.ada)
    bob = Viewer(threaded_cast.bob.id)
    answers = together([lambda: save_post(actor=bob, post_id=post["id"])] * 50)
    assert Counter(answers) == {True: 1, False: 49}
    assert Save.objects.count() == 1
    answers = together([lambda: unsave_post(actor=bob, post_id=post["id"])] * 50)
    assert Counter(answers) == {True: 1, False: 49}
    assert not Save.objects.exists()
