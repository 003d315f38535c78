"""Trends (R57): window, decay, distinct public authors; whom they leave out (R17, R21, R32, R34)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from content.models import Hashtag, PostHashtag
from content.services import trends
from content.services.trends import rank_hashtags, refresh_trends
from content.tests.kit import publish
from content.tests.stories_kit import facts
from graph.writes.mutes import mute
from project.kernel.clock import now
from project.testing.cast import make_member
from social.models import AccountState
from social.services.account_state import come_back, leave


@pytest.fixture(autouse=True)
def always_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    # What is kept for how long has a test of its own.
    monkeypatch.setattr(trends, "KEPT_FACTOR", 0)


def names(api: Any, **query: Any) -> list[str]:
    """The names of what trends."""
    response = api.get("/trending/hashtags/", query=query)
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["results"]]


def age(post: dict[str, Any], hours: float) -> None:
    """Let a post have been published so long ago."""
    moment = now() - timedelta(hours=hours)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE content_post SET published_at = %s WHERE id = %s", [moment, post["id"]])
    PostHashtag.objects.filter(post_id=post["id"]).update(published_at=moment)


def test_r57_an_author_counts_once_however_often_they_write_it(cast, anonymous):
    for _ in range(5):
        publish(cast.ada, caption="#spam")
    publish(cast.bob, caption="#real")
    publish(cast.cyd, caption="#real")
    assert names(anonymous) == ["real", "spam"]
    shown = anonymous.get("/trending/hashtags/").json()["results"][0]
    assert shown == {"name": "real", "post_count": 2, "following": False}


def test_r57_the_score_is_the_sum_over_authors_of_halves_by_age(cast, settings):
    """Three authors a day ago weigh one and a half, two now weigh two, and one now weighs one."""
    settings.TRENDS_HALF_LIFE = timedelta(hours=24)
    for member in (cast.ada, cast.bob, cast.cyd):
        age(publish(member, caption="#yesterday"), 24)
    for member in (cast.ada, cast.bob):
        publish(member, caption="#today")
    publish(cast.dan, caption="#one")
    scores = {Hashtag.objects.get(pk=pk).name: score for score, pk in rank_hashtags()}
    assert list(scores) == ["today", "yesterday", "one"]
    halves = {name: 2 ** ((score - scores["one"]) / trends.UNIT) for name, score in scores.items()}
    assert halves == pytest.approx({"today": 2.0, "yesterday": 1.5, "one": 1.0}, rel=1e-3)


def test_r57_what_is_older_than_the_window_is_no_trend(cast, anonymous, settings):
    settings.TRENDS_WINDOW = timedelta(hours=72)
    old, new = publish(cast.ada, caption="#old"), publish(cast.ada, caption="#new")
    age(old, 73)
    age(new, 71)
    assert names(anonymous) == ["new"]


def test_r57_only_what_everybody_may_see_trends(cast, anonymous):
    publish(cast.ada, caption="#followers", audience="followers")
    publish(cast.ada, caption="#close", audience="close_friends")
    publish(cast.ada, caption="#draft", state="draft")
    publish(cast.bob, caption="#private")
    publish(cast.cyd, caption="#gone")
    cast.bob.go_private()
    cast.dan.follow(cast.ada)
    leave(cast.cyd.id, AccountState.DEACTIVATED)
    for api in (anonymous, cast.ada.api, cast.dan.api):
        assert names(api) == []
    cast.bob.go_private(False)
    come_back(cast.cyd.id)
    assert names(anonymous) == ["private", "gone"] or names(anonymous) == ["gone", "private"]


def test_r17_r21_a_kept_ranking_shows_nobody_who_is_gone_private_or_banned(cast, anonymous, monkeypatch):
    monkeypatch.setattr(trends, "KEPT_FACTOR", 1e9)
    posts = {name: publish(getattr(cast, who), caption=f"#{name}") for who, name in WHO.items()}
    refresh_trends()
    assert set(names(anonymous)) == set(WHO.values())
    leave(cast.ada.id, AccountState.SUSPENDED)
    cast.bob.go_private()
    Hashtag.objects.filter(name="banned").update(banned=True)
    cast.dan.api.delete(f"/posts/{posts['deleted']['id']}/")
    assert names(anonymous) == []
    # The order is the kept one: what is new waits for the next ranking, what comes back is there.
    late = make_member("eve")
    publish(late, caption="#late")
    cast.bob.go_private(False)
    assert names(anonymous) == ["private"]
    refresh_trends()
    assert names(anonymous) == ["late", "private"]


WHO = {"ada": "gone", "bob": "private", "cyd": "banned", "dan": "deleted"}


def test_r32_r34_trends_leave_out_what_trends_by_hidden_or_muted_accounts_alone(cast, anonymous):
    publish(cast.ada, caption="#blocking #both")
    publish(cast.cyd, caption="#muted #both")
    publish(cast.dan, caption="#scoped #both #mine")
    cast.ada.block(cast.bob)
    mute(facts(cast.bob), facts(cast.cyd), posts=True, stories=False, notifications=False, expires_at=None)
    cast.dan.block(cast.bob, "posts")
    assert names(cast.bob.api) == []
    assert set(names(anonymous)) == {"blocking", "both", "muted", "scoped", "mine"}
    publish(cast.bob, caption="#both")
    assert names(cast.bob.api) == ["both"]
    mute(facts(cast.bob), facts(cast.cyd), posts=False, stories=True, notifications=False, expires_at=None)
    assert names(cast.bob.api) == ["both", "muted"]


def test_r58_pages_of_trends_do_not_shift_while_time_goes_by(cast, anonymous):
    for number in range(5):
        age(publish(cast.ada, caption=f"#t{number}"), number)
    wanted = [f"t{number}" for number in range(5)]
    first = anonymous.get("/trending/hashtags/", query={"limit": 2}).json()
    second = anonymous.get("/trending/hashtags/", query={"limit": 2, "cursor": first["next"]}).json()
    # A new one at the top moves nothing further down.
    publish(cast.bob, caption="#fresh")
    third = anonymous.get("/trending/hashtags/", query={"limit": 2, "cursor": second["next"]}).json()
    back = anonymous.get("/trending/hashtags/", query={"limit": 2, "cursor": second["previous"]}).json()
    pages = [first, second, third]
    assert [row["name"] for page in pages for row in page["results"]] == wanted
    assert [row["name"] for row in back["results"]] == wanted[:2]
    assert names(anonymous)[0] == "fresh"


def test_one_reader_makes_the_ranking_and_the_others_get_the_older_one(cast, anonymous, monkeypatch):
    made: list[int] = []
    real = trends.rank_hashtags

    def counting() -> trends.Ranking:
        made.append(1)
        return real()

    monkeypatch.setattr(trends, "rank_hashtags", counting)
    publish(cast.ada, caption="#sun")
    refresh_trends()
    trends.get_redis().set(trends.key("trends", "lock"), b"1", ex=30)
    assert names(anonymous) == ["sun"]
    assert len(made) == 1
    trends.get_redis().delete(trends.key("trends", "lock"))
    assert names(anonymous) == ["sun"]
    assert len(made) == 2
    assert trends.get_redis().get(trends.key("trends", "lock")) is None
    monkeypatch.setattr(trends, "KEPT_FACTOR", 1e9)
    assert names(anonymous) == ["sun"]
    assert len(made) == 2


def test_without_redis_trends_are_made_by_each_reader(cast, anonymous, settings):
    publish(cast.ada, caption="#sun")
    trends.get_redis.cache_clear()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    try:
        assert names(anonymous) == ["sun"]
        assert len(refresh_trends()) == 1
    finally:
        trends.get_redis.cache_clear()


def test_r03_signed_out_trends_need_no_graph(cast, anonymous, settings):
    publish(cast.ada, caption="#sun")
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    assert names(anonymous) == ["sun"]
    assert anonymous.get("/hashtags/sun/").status_code == 200
    for path in ("/trending/hashtags/", "/hashtags/sun/", "/hashtags/sun/posts/"):
        assert cast.bob.api.get(path).status_code == 503, path
