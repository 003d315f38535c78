"""The list of likes in its four shapes, one like, the toggle, many posts at once (R51, R82)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from content.models import Like, PostCounters
from content.services.likes import like_post, toggle_like
from content.tests.kit import ids_of, publish, together
from project.kernel.idempotency import IdempotencyKey
from project.kernel.viewer import Viewer
from project.testing.cast import make_member
from social.models import AccountState
from social.services.account_state import leave


def like(member, post) -> dict[str, Any]:
    answer = member.api.put(f"/posts/{post['id']}/like/")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def like_count(post):
    return PostCounters.objects.get(pk=post["id"]).like_count


def test_without_a_filter_there_is_the_total_of_public_likes_alone(cast, anonymous):
    like(cast.bob, publish(cast.ada))
    open_to_all = publish(cast.ada)
    like(cast.bob, open_to_all)
    like(cast.cyd, open_to_all)
    secret = publish(cast.ada, audience="followers")
    like(cast.ada, secret)
    for api in (anonymous, cast.dan.api, cast.ada.api):
        body = api.get("/likes/").json()
        assert body == {"results": [], "next": None, "previous": None, "total_likes": 3, "liked": None}
    leave(cast.cyd.id, AccountState.DEACTIVATED)
    assert anonymous.get("/likes/").json()["total_likes"] == 2
    cast.ada.go_private()
    assert anonymous.get("/likes/").json()["total_likes"] == 0


def test_of_an_account_there_is_what_it_likes_and_the_viewer_may_see(cast, anonymous):
    posts = [publish(cast.ada) for _ in range(3)]
    hidden = publish(cast.ada, audience="followers")
    cast.bob.follow(cast.ada)
    made = [like(cast.bob, post) for post in [*posts, hidden]]

    def shown(api, **query):
        body = api.get("/likes/", query={"user": "bob", **query}).json()
        assert (body["total_likes"], body["liked"]) == (None, None)
        return [(row["id"], row["post"]["id"], row["account"]["username"]) for row in body["results"]]

    everything = [(row["id"], row["post"]["id"], "bob") for row in reversed(made)]
    assert shown(cast.bob.api) == everything
    assert shown(cast.dan.api) == shown(anonymous) == everything[1:]
    assert shown(cast.dan.api, limit=2) == everything[1:3]
    walked = cast.dan.api.pages("/likes/", user=cast.bob.id, limit=1)
    assert [row["id"] for row in walked] == [row[0] for row in everything[1:]]
    cast.bob.go_private()
    assert cast.dan.api.get("/likes/", query={"user": "bob"}).json()["code"] == "private-account"
    assert anonymous.get("/likes/", query={"user": "bob"}).status_code == 403
    assert cast.dan.api.get("/likes/", query={"user": "nobody.such"}).status_code == 404


def test_of_a_post_there_are_its_likes_by_whom_the_viewer_may_find(cast, anonymous):
    post = publish(cast.ada)
    for member in (cast.bob, cast.cyd, cast.dan):
        like(member, post)
    like(cast.bob, publish(cast.ada))
    cast.bob.block(cast.cyd)

    def names(api):
        body = api.get("/likes/", query={"post": post["id"]}).json()
        assert (body["total_likes"], body["liked"]) == (None, None)
        assert {row["post"]["id"] for row in body["results"]} == {post["id"]}
        return [row["account"]["username"] for row in body["results"]]

    assert names(anonymous) == names(cast.ada.api) == ["dan", "cyd", "bob"]
    assert names(cast.bob.api) == ["dan", "bob"]
    assert names(cast.cyd.api) == ["dan", "cyd"]
    secret = publish(cast.ada, audience="followers")
    for id_ in (secret["id"], 987654321):
        assert cast.dan.api.get("/likes/", query={"post": id_}).status_code == 404


def test_of_both_there_is_whether_that_account_likes_that_post(cast, anonymous):
    post, other = publish(cast.ada), publish(cast.ada)
    made = like(cast.bob, post)
    for api in (anonymous, cast.dan.api):
        body = api.get("/likes/", query={"post": post["id"], "user": "bob"}).json()
        assert (body["liked"], [row["id"] for row in body["results"]]) == (True, [made["id"]])
        body = api.get("/likes/", query={"post": other["id"], "user": "bob"}).json()
        assert (body["liked"], body["results"], body["total_likes"]) == (False, [], None)
    cast.bob.block(cast.dan)
    assert cast.dan.api.get("/likes/", query={"post": post["id"], "user": "bob"}).status_code == 404
    assert cast.bob.api.get("/likes/", query={"post": post["id"], "user": "dan"}).status_code == 404


@pytest.mark.parametrize("query", [{"post": "x"}, {"post": 0}, {"post": 2**63}, {"user": ""}])
def test_what_names_nothing_is_422(cast, query):
    assert cast.ada.api.get("/likes/", query=query).status_code == 422


def test_one_like_shows_with_its_post_and_who_gave_it_and_else_is_404(cast, anonymous):
    post = publish(cast.ada)
    made = like(cast.bob, post)
    path = f"/likes/{made['id']}/"
    for api in (anonymous, cast.dan.api):
        body = api.get(path).json()
        assert (body["id"], body["post"]["id"], body["account"]["username"]) == (
            made["id"],
            post["id"],
            "bob",
        )
    cast.bob.block(cast.dan)
    assert cast.dan.api.get(path).status_code == 404
    cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "draft"})
    assert anonymous.get(path).status_code == 404
    cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "published"})
    leave(cast.bob.id, AccountState.DEACTIVATED)
    assert anonymous.get(path).status_code == 404
    assert anonymous.get("/likes/987654321/").status_code == 404


def test_r50_unpublishing_takes_a_post_out_of_the_lists_of_likes(cast):
    post = publish(cast.ada)
    like(cast.bob, post)
    cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "draft"})
    assert cast.bob.api.get("/likes/", query={"user": "bob"}).json()["results"] == []
    assert cast.bob.api.get("/likes/", query={"post": post["id"]}).status_code == 404
    assert cast.bob.api.get("/likes/").json()["total_likes"] == 0
    cast.ada.api.patch(f"/posts/{post['id']}/", {"state": "published"})
    assert cast.bob.api.get("/likes/").json()["total_likes"] == 1
    assert len(cast.bob.api.get("/likes/", query={"user": "bob"}).json()["results"]) == 1


def test_r51_the_toggle_answers_201_then_204(cast):
    post = publish(cast.ada)
    first = cast.bob.api.post("/likes/toggle/", {"post": post["id"]})
    assert (first.status_code, first.json()["post"]["has_liked"], like_count(post)) == (201, True, 1)
    second = cast.bob.api.post("/likes/toggle/", {"post": post["id"]})
    assert (second.status_code, second.content, like_count(post)) == (204, b"", 0)
    assert cast.bob.api.post("/likes/toggle/", {"post": post["id"]}).status_code == 201
    assert like_count(post) == Like.objects.count() == 1
    secret = publish(cast.ada, audience="followers")
    for id_ in (secret["id"], 987654321):
        assert cast.bob.api.post("/likes/toggle/", {"post": id_}).status_code == 404
    draft = publish(cast.ada, state="draft")
    answer = cast.ada.api.post("/likes/toggle/", {"post": draft["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "post-not-published")


def test_r82_a_repeated_toggle_with_its_key_toggles_once(cast):
    post = publish(cast.ada)
    for key, status, count in (("on", 201, 1), ("off", 204, 0)):
        for _ in range(3):
            answer = cast.bob.api.post(
                "/likes/toggle/", {"post": post["id"]}, headers={"Idempotency-Key": key}
            )
            assert (answer.status_code, like_count(post)) == (status, count)
    other = {"post": publish(cast.ada)["id"]}
    reused = cast.bob.api.post("/likes/toggle/", other, headers={"Idempotency-Key": "on"})
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency-key-reused")
    assert IdempotencyKey.objects.count() == 2
    # Rendered afresh: the like of the first key is gone by now.
    gone = cast.bob.api.post("/likes/toggle/", {"post": post["id"]}, headers={"Idempotency-Key": "on"})
    assert gone.status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [49, 50])
def test_r51_fifty_toggles_at_once_each_have_their_effect(threaded_cast, number):
    post = publish(threaded_cast.ada)
    bob = Viewer(threaded_cast.bob.id)
    answers = together([lambda: toggle_like(actor=bob, post_id=post["id"])] * number)
    odd = number % 2
    assert Counter(answers) == {True: number // 2 + odd, False: number // 2}
    assert like_count(post) == Like.objects.count() == odd


@pytest.mark.django_db(transaction=True)
def test_r51_toggles_puts_and_deletes_of_many_accounts_leave_an_exact_count(threaded_cast):
    post = publish(threaded_cast.ada)
    calls: list[Any] = []
    for number in range(25):
        viewer = Viewer(make_member(f"liker{number}").id)
        calls.append(lambda viewer=viewer: toggle_like(actor=viewer, post_id=post["id"]))
        calls.append(lambda viewer=viewer: like_post(actor=viewer, post_id=post["id"]).created)
    answers = together(calls)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert like_count(post) == Like.objects.count()


def test_a_batch_tells_count_and_flag_of_each_post_that_may_be_seen(cast, anonymous):
    mine, theirs, secret = publish(cast.ada), publish(cast.bob), publish(cast.ada, audience="followers")
    draft = publish(cast.ada, state="draft")
    like(cast.bob, mine)
    like(cast.cyd, mine)
    ids = ",".join(str(post["id"]) for post in (mine, theirs, secret, draft, mine)) + ",987654321"
    path = f"/likes/batch/?ids={ids}"
    ids_for_all = {str(mine["id"]): 2, str(theirs["id"]): 0}
    for api, liked in ((anonymous, False), (cast.bob.api, True)):
        body = api.get(path).json()
        assert {id_: row["count"] for id_, row in body.items()} == ids_for_all
        assert body[str(mine["id"])]["liked"] is liked
    assert set(cast.ada.api.get(path).json()) == {str(p["id"]) for p in (mine, theirs, secret, draft)}


def test_a_batch_of_none_is_empty_and_what_are_not_ids_is_400(cast):
    for path in ("/likes/batch/", "/likes/batch/?ids="):
        answer = cast.ada.api.get(path)
        assert (answer.status_code, answer.json()) == (200, {})
    for ids in ("x", "1,x", "1,,2", "-1", "1.5", "0", "٣", str(2**63), ",".join(["1"] * 101)):
        answer = cast.ada.api.get("/likes/batch/", query={"ids": ids})
        assert (answer.status_code, answer.json()["code"]) == (400, "ids-expected"), ids


def test_a_liked_post_is_in_the_list_that_sorts_by_likes(cast):
    first, second = publish(cast.ada), publish(cast.ada)
    like(cast.bob, first)
    assert ids_of(cast.dan.api.get("/posts/", query={"ordering": "-likes"})) == [first["id"], second["id"]]
