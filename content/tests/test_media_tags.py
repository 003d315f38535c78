"""People tagged on a picture: who may be (R32, R40), who sees it, and that it costs no query a picture."""

from __future__ import annotations

from typing import Any

import pytest

from content.models import MediaTag, Post
from content.tests.kit import count_queries, publish, ready_media

Body = dict[str, Any]


def tag(member: Any, media_id: int, *tags: Any) -> Any:
    entries = [t if isinstance(t, dict) else {"account": t.id} for t in tags]
    return member.api.patch(f"/media/{media_id}/", {"tagged": entries})


def names(body: Body) -> list[str]:
    return [entry["account"]["username"] for entry in body["tagged"]]


def problems(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 422, response.content
    return [(e["pointer"], e["code"]) for e in response.json()["errors"]]


def test_people_are_tagged_in_order_with_a_place_or_without(cast: Any) -> None:
    media_id = ready_media(cast.ada.id)
    at = {"account": cast.bob.id, "x": 0.25, "y": 1}
    body = tag(cast.ada, media_id, at, cast.cyd, cast.ada).json()
    assert names(body) == ["bob", "cyd", "ada"]
    assert [(t["x"], t["y"]) for t in body["tagged"]] == [(0.25, 1.0), (None, None), (None, None)]
    # What is left out stays; what is sent replaces all.
    assert names(cast.ada.api.patch(f"/media/{media_id}/", {"alt_text": "us"}).json()) == [
        "bob",
        "cyd",
        "ada",
    ]
    assert names(tag(cast.ada, media_id, cast.cyd).json()) == ["cyd"]
    assert names(tag(cast.ada, media_id).json()) == []


def test_people_are_tagged_after_posting_too_and_shown_on_the_post(cast: Any) -> None:
    post = publish(cast.ada)
    before = Post.objects.get().version
    media_id = post["media"][0]["id"]
    assert tag(cast.ada, media_id, cast.bob).status_code == 200
    shown = cast.cyd.api.get(f"/posts/{post['id']}/").json()
    assert names(shown["media"][0]) == ["bob"]
    # Of the post as a whole nobody was tagged.
    assert shown["tagged"] == []
    # What a client holds of the post is no longer so.
    assert Post.objects.get().version > before


@pytest.mark.parametrize(
    "entry",
    [
        {"account": 1, "x": 0.5},
        {"account": 1, "y": 0.5},
        {"account": 1, "x": 1.01, "y": 0.5},
        {"account": 1, "x": -0.1, "y": 0.5},
        {"account": 1, "x": "0.5", "y": 0.5},
        {"account": "1"},
        {"account": 0},
        {"account": None},
        {"x": 0.5, "y": 0.5},
        {"account": 1, "name": "bob"},
        5,
    ],
)
def test_a_tag_is_an_account_and_both_or_no_coordinates(entry: Any, cast: Any) -> None:
    media_id = ready_media(cast.ada.id)
    if isinstance(entry, dict) and entry.get("account") == 1:
        entry = {**entry, "account": cast.bob.id}
    assert cast.ada.api.patch(f"/media/{media_id}/", {"tagged": [entry]}).status_code == 422
    assert not MediaTag.objects.exists()


def test_nobody_is_tagged_twice_and_not_everybody(cast: Any) -> None:
    media_id = ready_media(cast.ada.id)
    assert problems(tag(cast.ada, media_id, cast.bob, cast.bob)) == [("/tagged/1", "duplicate")]
    assert problems(tag(cast.ada, media_id, *[{"account": n} for n in range(1, 22)])) == [
        ("/tagged", "too_long")
    ]
    assert cast.ada.api.patch(f"/media/{media_id}/", {"tagged": None}).status_code == 422


def test_r40_who_does_not_accept_it_or_is_unknown_or_blocked_cannot_be_tagged_in_the_same_words(
    cast: Any,
) -> None:
    media_id = ready_media(cast.ada.id)
    cast.bob.api.patch("/settings/", {"allow_mentions_from": "nobody"})
    cast.cyd.block(cast.ada)
    response = tag(cast.ada, media_id, cast.bob, cast.cyd, cast.dan, {"account": 999_999})
    expected = [(f"/tagged/{at}", "unknown_account") for at in (0, 1, 3)]
    assert problems(response) == expected
    assert len({e["message"] for e in response.json()["errors"]}) == 1
    assert not MediaTag.objects.exists()


def test_who_is_on_the_picture_already_may_stay(cast: Any) -> None:
    media_id = ready_media(cast.ada.id)
    tag(cast.ada, media_id, cast.bob)
    cast.bob.api.patch("/settings/", {"allow_mentions_from": "nobody"})
    assert names(tag(cast.ada, media_id, cast.cyd, cast.bob).json()) == ["cyd", "bob"]


def test_r32_people_in_a_block_with_the_viewer_are_left_out(cast: Any, anonymous: Any) -> None:
    post = publish(cast.ada)
    media_id = post["media"][0]["id"]
    tag(cast.ada, media_id, cast.bob, cast.dan)
    cast.bob.block(cast.cyd)
    for path in (f"/posts/{post['id']}/", f"/media/{media_id}/"):

        def seen(api: Any, path: str = path) -> list[str]:
            body = api.get(path).json()
            return names(body["media"][0] if "media" in body else body)

        assert seen(cast.cyd.api) == ["dan"]
        assert seen(cast.ada.api) == seen(cast.dan.api) == seen(anonymous) == ["bob", "dan"]


def test_r17_who_is_gone_is_on_no_picture_and_comes_back_to_it(cast: Any) -> None:
    from social.models import Account, AccountState

    post = publish(cast.ada)
    tag(cast.ada, post["media"][0]["id"], cast.bob)
    for state, expected in ((AccountState.DEACTIVATED, []), (AccountState.ACTIVE, ["bob"])):
        Account.objects.filter(pk=cast.bob.id).update(state=state)
        assert names(cast.cyd.api.get(f"/posts/{post['id']}/").json()["media"][0]) == expected


def test_only_the_owner_tags(cast: Any, staff: Any) -> None:
    media_id = publish(cast.ada)["media"][0]["id"]
    assert [tag(m, media_id, cast.bob).status_code for m in (cast.bob, staff)] == [403, 403]


def test_tags_cost_no_query_however_many_there_are(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(cast.ada)
    cast.cyd.api.get("/posts/")
    with count_queries(monkeypatch) as bare:
        cast.cyd.api.get("/posts/")
    for _ in range(4):
        post = publish(cast.ada, media=[ready_media(cast.ada.id) for _ in range(3)])
        for media in post["media"]:
            tag(cast.ada, media["id"], cast.bob, cast.dan, cast.cyd)
    with count_queries(monkeypatch) as full:
        page = cast.cyd.api.get("/posts/").json()["results"]
    assert sum(len(media["tagged"]) for post in page for media in post["media"]) == 36
    assert full.numbers == bare.numbers
