"""Insights: what a post's owner is told, and how views are counted."""

from __future__ import annotations

import pytest

from content.models import PostView
from content.services.views import carry_over, carry_over_waiting, count_view
from content.tests.kit import comment, publish, together
from project.kernel.redis import get_redis
from project.kernel.viewer import ANONYMOUS, Viewer
from social.models import AccountState
from social.services.account_state import leave


def insights(member, post):
    answer = member.api.get(f"/posts/{post['id']}/insights/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_owner_is_told_what_others_did_with_the_post(cast, anonymous):
    post = publish(cast.ada)
    path = f"/posts/{post['id']}/"
    nothing = ("views", "reach", "likes", "comments", "saves", "shares", "reposts")
    assert insights(cast.ada, post) == {"post_id": post["id"], **dict.fromkeys(nothing, 0)}
    for api in (cast.bob.api, cast.bob.api, cast.cyd.api, anonymous, anonymous, cast.ada.api):
        assert api.get(path).status_code == 200
    cast.bob.api.put(f"{path}like/")
    for member in (cast.bob, cast.cyd):
        member.api.put(f"{path}save/")
    cast.cyd.api.put(f"{path}repost/")
    cast.dan.api.post(f"{path}share/")
    comment(cast.dan, post)
    wanted = {"views": 5, "reach": 2, "likes": 1, "comments": 1, "saves": 2, "shares": 2, "reposts": 1}
    assert insights(cast.ada, post) == {"post_id": post["id"], **wanted}
    # Appearing in lists is no view, and asking for changes none either.
    cast.dan.api.get("/posts/")
    etag = cast.bob.api.get(path)["ETag"]
    assert cast.bob.api.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert cast.bob.api.call("HEAD", path).status_code == 200
    assert (insights(cast.ada, post)["views"], insights(cast.ada, post)["reach"]) == (6, 2)


def test_insights_are_the_owners_alone(cast, staff, anonymous):
    post, secret = publish(cast.ada), publish(cast.ada, audience="followers")
    for member in (cast.bob, staff):
        answer = member.api.get(f"/posts/{post['id']}/insights/")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert cast.bob.api.get(f"/posts/{secret['id']}/insights/").status_code == 404
    assert anonymous.get(f"/posts/{post['id']}/insights/").status_code == 401
    draft = publish(cast.ada, state="draft")
    staff.api.get(f"/posts/{draft['id']}/")
    assert insights(cast.ada, draft)["views"] == 0


def test_r17_who_is_gone_is_in_no_number(cast):
    post = publish(cast.ada)
    for member in (cast.bob, cast.cyd):
        member.api.get(f"/posts/{post['id']}/")
        member.api.put(f"/posts/{post['id']}/save/")
        member.api.put(f"/posts/{post['id']}/repost/")
    leave(cast.bob.id, AccountState.DEACTIVATED)
    told = insights(cast.ada, post)
    assert (told["views"], told["reach"], told["saves"], told["shares"]) == (1, 1, 1, 1)


def test_views_are_carried_over_once_and_a_lost_redis_loses_only_what_was_not(cast):
    posts = [publish(cast.ada)["id"] for _ in range(3)]
    for post_id in posts:
        count_view(post_id, cast.ada.id, Viewer(cast.bob.id))
        count_view(post_id, cast.ada.id, ANONYMOUS)
    assert carry_over_waiting() == 6
    assert (carry_over_waiting(), carry_over(posts[0])) == (0, 0)
    count_view(posts[0], cast.ada.id, Viewer(cast.bob.id))
    assert carry_over(posts[0]) == 1
    count_view(posts[0], cast.ada.id, Viewer(cast.bob.id))
    get_redis().flushdb()
    told = insights(cast.ada, {"id": posts[0]})
    assert (told["views"], told["reach"]) == (3, 1)
    assert PostView.objects.filter(post_id=posts[0]).count() == 2


def test_views_of_what_is_gone_meanwhile_are_dropped(cast):
    post = publish(cast.ada)["id"]
    count_view(post, cast.ada.id, Viewer(987654321))
    count_view(post, cast.ada.id, Viewer(cast.bob.id))
    count_view(987654321, cast.ada.id, Viewer(cast.bob.id))
    carry_over_waiting()
    assert list(PostView.objects.values_list("post_id", "account_id", "number")) == [(post, cast.bob.id, 1)]


@pytest.mark.django_db(transaction=True)
def test_views_counted_while_they_are_carried_over_are_all_there(threaded_cast):
    cast = threaded_cast
    post = publish(cast.ada)["id"]
    people = [Viewer(member.id) for member in (cast.bob, cast.cyd)] + [ANONYMOUS]

    def look():
        for _ in range(20):
            for viewer in people:
                count_view(post, cast.ada.id, viewer)

    answers = together([look] * 4 + [lambda: [carry_over(post) for _ in range(20)]] * 4)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    carry_over(post)
    told = insights(cast.ada, {"id": post})
    assert (told["views"], told["reach"]) == (240, 2)
