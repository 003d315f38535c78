"""The list of posts: filters, orderings, and pages that walk both ways (R58)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from content.feed.hashtags import hashtag_skeleton
from content.feed.reader import read_posts
from content.models import Hashtag, Post
from content.tests.kit import ids_of, publish
from project.kernel.viewer import Viewer
from social.visibility import Surface

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def seven(cast):
    """Seven posts by turns of ada and bob, a day apart, each liked by as many as its number says."""
    posts = []
    for number in range(7):
        author = (cast.ada, cast.bob)[number % 2]
        post = publish(author, caption=f"number {number} #{'even' if number % 2 == 0 else 'odd'} 100%_sure")
        moment = START + timedelta(days=number)
        Post.objects.filter(pk=post["id"]).update(created_at=moment, updated_at=moment + timedelta(days=100))
        for liker in (cast.ada, cast.bob, cast.cyd)[: number % 4]:
            liker.api.put(f"/posts/{post['id']}/like/")
        posts.append(post["id"])
    return posts


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [6, 5, 4, 3, 2, 1, 0]),
        ({"ordering": "id"}, [0, 1, 2, 3, 4, 5, 6]),
        ({"ordering": "created"}, [0, 1, 2, 3, 4, 5, 6]),
        ({"ordering": "-updated"}, [6, 5, 4, 3, 2, 1, 0]),
        ({"ordering": "-likes"}, [3, 6, 2, 5, 1, 4, 0]),
        ({"ordering": "likes"}, [0, 4, 1, 5, 2, 6, 3]),
        ({"author": "ada"}, [6, 4, 2, 0]),
        ({"author": "BOB", "hashtag": "odd"}, [5, 3, 1]),
        ({"author": "ada", "hashtag": "odd"}, []),
        ({"hashtag": "#EVEN", "ordering": "id"}, [0, 2, 4, 6]),
        ({"hashtag": "unheard"}, []),
        ({"search": "NUMBER 3"}, [3]),
        ({"search": "100%_"}, [6, 5, 4, 3, 2, 1, 0]),
        ({"search": "1%"}, []),
        ({"search": "\\"}, []),
        ({"created__gte": "2026-03-05"}, [6, 5, 4]),
        ({"created__gte": "2026-03-05T12:00:00Z"}, [6, 5, 4]),
        ({"created__gte": "2026-03-05T13:00:00+01:00"}, [6, 5, 4]),
        ({"created__gte": "2026-03-05T12:00:00.000001Z"}, [6, 5]),
        ({"created__lte": "2026-03-02"}, [1, 0]),
        ({"created__date__range": "2026-03-02,2026-03-04"}, [3, 2, 1]),
        ({"created__date__range": "2026-03-02,2026-03-04", "created__gte": "2026-03-03"}, [3, 2]),
        ({"updated__date__range": "2026-06-09,2026-06-10"}, [1, 0]),
        ({"updated__gte": "2026-06-14", "updated__lte": "2026-06-14"}, [5]),
    ],
)
def test_filters_and_orderings(seven, cast, anonymous, query, expected):
    expected = [seven[number] for number in expected]
    assert ids_of(anonymous.get("/posts/", query=query)) == expected
    assert ids_of(cast.cyd.api.get("/posts/", query=query)) == expected
    # The same in pages of two.
    assert [post["id"] for post in cast.cyd.api.pages("/posts/", **query, limit=2)] == expected


@pytest.mark.parametrize("ordering", ["-id", "created", "-updated", "-likes", "likes"])
def test_pages_walk_forth_and_back_over_the_same_posts(seven, anonymous, ordering):
    pages, cursor = [], None
    while True:
        query = {"ordering": ordering, "limit": 3, **({"cursor": cursor} if cursor else {})}
        body = anonymous.get("/posts/", query=query).json()
        pages.append(body)
        cursor = body["next"]
        if cursor is None:
            break
    back: list[list[int]] = []
    cursor = pages[-1]["previous"]
    while cursor is not None:
        body = anonymous.get("/posts/", query={"ordering": ordering, "limit": 3, "cursor": cursor}).json()
        back.insert(0, [post["id"] for post in body["results"]])
        cursor = body["previous"]
    forth = [[post["id"] for post in page["results"]] for page in pages]
    assert [*chain(*forth)] == [*chain(*back, forth[-1])]


def test_a_hashtags_page_is_by_publication_and_judged_like_every_list(seven, cast):
    publish(cast.ada, caption="#even", audience="followers")
    publish(cast.ada, caption="#even", state="draft")
    newest = publish(cast.cyd, caption="#Even")

    def page(cursor=None):
        viewer = Viewer(cast.bob.id)
        skeleton = hashtag_skeleton(Hashtag.objects.get(name="even").pk, viewer)
        return read_posts(skeleton, viewer, Surface.LIST, scope="x", cursor=cursor, limit=3)

    first = page()
    second = page(first.next)
    wanted = [newest["id"], *(seven[number] for number in (6, 4, 2, 0))]
    assert [post["id"] for post in [*first.results, *second.results]] == wanted
    assert [post["id"] for post in page(second.previous).results] == wanted[:3]


def test_a_cursor_belongs_to_its_filters(seven, cast):
    response = cast.ada.api.get("/posts/", query={"limit": 2, "hashtag": "even"})
    cursor = response.json()["next"]
    assert f"cursor={cursor}" in response["Link"].replace("%3A", ":")
    other = cast.ada.api.get("/posts/", query={"limit": 2, "hashtag": "odd", "cursor": cursor})
    assert (other.status_code, other.json()["code"]) == (400, "invalid-cursor")


def test_pages_are_full_although_much_is_hidden(cast):
    """R58: nine of ten posts are for followers only, and bob follows nobody."""
    seen: list[int] = []
    for number in range(40):
        audience = "everyone" if number % 10 == 0 else "close_friends"
        post = publish(cast.ada, audience=audience)
        if audience == "everyone":
            seen.insert(0, post["id"])
    first = cast.bob.api.get("/posts/", query={"limit": 3}).json()
    assert [post["id"] for post in first["results"]] == seen[:3]
    assert first["next"] is not None
    assert [post["id"] for post in cast.bob.api.pages("/posts/", limit=3)] == seen
    assert [post["id"] for post in cast.bob.api.pages("/users/ada/posts/", limit=3)] == seen
