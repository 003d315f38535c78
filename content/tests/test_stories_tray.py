"""The tray: whose stories, in which order, page by page, in how many queries (R33, R34, R35, R56, R58)."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from content.models import Story, StoryCounters
from content.tests.kit import count_queries, ready_media
from content.tests.stories_kit import (
    age,
    befriend,
    entry_of,
    expire,
    mute_stories,
    names,
    tell,
    told_at,
    tray,
    view,
)
from project.kernel.clock import now
from project.testing.cast import make_member


def test_the_tray_holds_ones_own_first_then_the_unseen_then_the_newest(cast):
    for other in (cast.bob, cast.cyd, cast.dan):
        cast.ada.follow(other)
    eve = make_member("eve")
    stranger = make_member("stranger")
    cast.ada.follow(eve)
    mine = told_at(cast.ada, 600)["id"]
    bobs = [told_at(cast.bob, minutes) for minutes in (300, 30)]
    cyds = told_at(cast.cyd, 20)
    dans = told_at(cast.dan, 40)
    eves = told_at(eve, 10)
    tell(stranger)
    assert names(cast.ada) == ["ada", "eve", "cyd", "bob", "dan"]
    view(cast.ada, cyds)
    view(cast.ada, eves)
    view(cast.ada, bobs[0])
    assert tray(cast.ada) == [
        ("ada", [mine], True),
        ("bob", [story["id"] for story in bobs], False),
        ("dan", [dans["id"]], False),
        ("eve", [eves["id"]], True),
        ("cyd", [cyds["id"]], True),
    ]
    # Something new brings an account back to those who have it.
    newest = tell(cast.cyd)
    assert tray(cast.ada)[1] == ("cyd", [cyds["id"], newest["id"]], False)
    expire(cyds)
    assert tray(cast.ada)[1] == ("cyd", [newest["id"]], False)


def test_the_tray_is_empty_without_stories_and_of_those_who_are_unfollowed(cast):
    assert tray(cast.ada) == []
    cast.ada.follow(cast.bob)
    tell(cast.bob)
    assert names(cast.ada) == ["bob"]
    assert names(cast.bob) == ["bob"]
    cast.ada.api.delete("/follow/bob/")
    assert names(cast.ada) == []


def test_r34_muted_stories_leave_the_tray_and_nothing_else(cast):
    cast.ada.follow(cast.bob)
    story = tell(cast.bob)
    mute_stories(cast.ada, cast.bob)
    assert names(cast.ada) == []
    assert names(cast.ada, include_muted="true") == ["bob"]
    assert cast.ada.api.get(f"/stories/{story['id']}/").status_code == 200
    assert len(cast.ada.api.get("/users/bob/stories/").json()["results"]) == 1
    assert cast.ada.api.get("/profiles/bob/").json()["has_story"] is True


def test_r34_a_mute_ends_by_itself(cast):
    cast.ada.follow(cast.bob)
    tell(cast.bob)
    mute_stories(cast.ada, cast.bob, expires_in=timedelta(seconds=-1))
    assert names(cast.ada) == ["bob"]


def test_r35_a_story_for_close_friends_does_not_even_change_the_order(cast):
    for other in (cast.bob, cast.cyd):
        cast.ada.follow(other)
    seen, secret = told_at(cast.bob, 50), told_at(cast.bob, 5, audience="close_friends")
    view(cast.ada, seen)
    cyds = told_at(cast.cyd, 30)
    view(cast.ada, cyds)
    assert tray(cast.ada) == [("cyd", [cyds["id"]], True), ("bob", [seen["id"]], True)]
    befriend(cast.bob, cast.ada)
    assert tray(cast.ada)[0] == ("bob", [seen["id"], secret["id"]], False)


def test_r33_who_hides_stories_is_not_in_the_tray_and_posts_are_another_matter(cast):
    for other in (cast.bob, cast.cyd):
        cast.ada.follow(other)
    bobs, cyds = tell(cast.bob), tell(cast.cyd)
    cast.bob.block(cast.ada, "stories")
    cast.cyd.block(cast.ada, "posts")
    assert names(cast.ada) == ["cyd"]
    assert cast.ada.api.get(f"/stories/{bobs['id']}/").status_code == 404
    assert cast.ada.api.get(f"/stories/{cyds['id']}/").status_code == 200
    # One's own scoped block hides nothing from oneself.
    tell(cast.ada)
    cast.ada.block(cast.cyd, "stories")
    assert names(cast.ada) == ["ada", "cyd"]


def test_r58_pages_have_no_gap_and_no_repeat_while_stories_are_told_and_seen(cast):
    others = [make_member(f"teller{n}") for n in range(9)]
    told = {}
    for minutes, other in enumerate(others, start=1):
        cast.ada.follow(other)
        told[other.username] = told_at(other, minutes)
    walked, cursor = [], None
    while True:
        query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = cast.ada.api.get("/stories/", query=query).json()
        found = [entry_of(entry)[0] for entry in page["results"]]
        walked += found
        cursor = page["next"]
        if cursor is None:
            break
        # Seeing what was shown, and new stories of those at the other end, move nobody across a page.
        for name in found:
            view(cast.ada, told[name])
        tell(others[-1])
        tell(others[0])
    assert walked == [other.username for other in others]
    assert names(cast.ada)[:2] == ["teller0", "teller8"]


def test_the_tray_is_walked_backwards_as_well(cast):
    for minutes in range(1, 6):
        other = make_member(f"teller{minutes}")
        cast.ada.follow(other)
        told_at(other, minutes)
    tell(cast.ada)
    first = cast.ada.api.get("/stories/", query={"limit": 2})
    assert 'rel="next"' in first["Link"]
    pages = [first.json()]
    while pages[-1]["next"]:
        pages.append(cast.ada.api.get("/stories/", query={"limit": 2, "cursor": pages[-1]["next"]}).json())
    assert [len(page["results"]) for page in pages] == [2, 2, 2]
    back = cast.ada.api.get("/stories/", query={"limit": 2, "cursor": pages[2]["previous"]}).json()
    assert [entry_of(e)[0] for e in back["results"]] == [entry_of(e)[0] for e in pages[1]["results"]]
    foreign = cast.bob.api.get("/stories/", query={"cursor": pages[0]["next"]})
    assert (foreign.status_code, foreign.json()["code"]) == (400, "invalid-cursor")
    another = {"cursor": pages[0]["next"], "include_muted": "true"}
    assert cast.ada.api.get("/stories/", query=another).status_code == 400


def fill(cast, number, each=2):
    """`number` accounts that ada follows, with stories some of which she has seen."""
    rng = random.Random(number)
    for at in range(number):
        other = make_member(f"teller{number}x{at}")
        cast.ada.follow(other)
        for _ in range(each):
            story = told_at(other, rng.randint(1, 1000))
            if rng.random() < 0.5:
                view(cast.ada, story)


@pytest.mark.slow
def test_the_queries_of_a_page_do_not_grow_with_it(cast, monkeypatch):
    fill(cast, 1)
    with count_queries(monkeypatch) as one:
        assert len(names(cast.ada, limit=100)) == 1
    fill(cast, 49)
    with count_queries(monkeypatch) as fifty:
        assert len(names(cast.ada, limit=100)) == 50
    assert one.numbers == fifty.numbers
    assert one.numbers[1] == 2
    assert one.numbers[0] <= 5, one.sql


def test_the_queries_of_an_accounts_stories_and_of_viewers_do_not_grow(cast, monkeypatch):
    story = tell(cast.ada)
    paths = (("bob", "/users/ada/stories/?limit=100"), ("ada", f"/stories/{story['id']}/viewers/?limit=100"))
    view(cast.dan, story)

    def cost():
        found = []
        for who, path in paths:
            with count_queries(monkeypatch) as seen:
                results = getattr(cast, who).api.get(path).json()["results"]
            found.append((len(results), seen.numbers))
        return found

    # The first call of an account in a while notes that it is active.
    cost()
    one = cost()
    for at in range(20):
        view(make_member(f"viewer{at}"), story)
    moment = now()
    more = Story.objects.bulk_create(
        Story(
            author_id=cast.ada.id,
            media_id=ready_media(cast.ada.id),
            created_at=moment,
            expires_at=moment + timedelta(hours=24),
        )
        for _ in range(49)
    )
    StoryCounters.objects.bulk_create(StoryCounters(story=row) for row in more)
    many = cost()
    assert [count for count, _ in one] == [1, 1]
    assert [count for count, _ in many] == [50, 21]
    assert [numbers for _, numbers in one] == [numbers for _, numbers in many]


def test_r03_without_the_graph_stories_are_503(cast, settings):
    story = tell(cast.bob)
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    for path in ("/stories/", f"/stories/{story['id']}/", "/users/bob/stories/"):
        answer = cast.ada.api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "graph-unavailable"), path
    assert cast.ada.api.put(f"/stories/{story['id']}/view/").status_code == 503
    assert cast.ada.api.post(f"/stories/{story['id']}/reply/", {"text": "hi"}).status_code == 503
    assert cast.ada.api.get(f"/media/{story['media']['id']}/").status_code == 503


def test_a_story_that_ends_between_two_pages_is_not_on_the_second(cast):
    told = {}
    for minutes, other in enumerate((cast.bob, cast.cyd, cast.dan), start=1):
        cast.ada.follow(other)
        told[other.username] = told_at(other, minutes)
    first = cast.ada.api.get("/stories/", query={"limit": 1}).json()
    age(told["cyd"], timedelta(hours=24))
    rest = cast.ada.api.get("/stories/", query={"limit": 5, "cursor": first["next"]}).json()["results"]
    assert [entry_of(entry)[0] for entry in rest] == ["dan"]
