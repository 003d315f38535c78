"""Media for a page: one query whatever its length, and no I/O to present them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from content.errors import MediaAttached, MediaNotReady
from content.hydration_media import avatar_urls, load_media, present_media, thumbnail_url
from content.media.links import file_url
from content.models import Media, MediaState, Post, PostMedia
from content.services import media
from content.tests import pictures
from project.kernel.errors import Unprocessable
from project.kernel.guards import no_queries
from social.schemas.media import MediaOut

Drain = Callable[[], int]
Queries = Callable[[int], Any]


def make(owner: Any) -> Media:
    return media.create_media_of_bytes(owner_id=owner.id, data=pictures.photo())


def test_any_number_of_media_is_one_query_and_presented_without_one(
    cast: Any, drain_outbox: Drain, django_assert_num_queries: Queries
) -> None:
    ids = [make(cast.ada).pk for _ in range(4)]
    drain_outbox()
    for wanted in (ids[:1], ids, [*ids, ids[0], 999_999]):
        with django_assert_num_queries(1):
            rows = load_media(wanted)
        assert rows.keys() == set(wanted) & set(ids)
        with no_queries():
            for row in rows.values():
                MediaOut.model_validate(present_media(row))
                assert thumbnail_url(row) == present_media(row)["variants"][0]["url"]


def test_an_avatar_is_the_thumbnail_of_a_ready_media(
    cast: Any, drain_outbox: Drain, django_assert_num_queries: Queries
) -> None:
    done = make(cast.ada)
    drain_outbox()
    waiting = make(cast.ada)
    done.refresh_from_db()
    with django_assert_num_queries(1):
        urls = avatar_urls([done.pk, waiting.pk, 999_999])
    assert urls == {done.pk: file_url(done.variants[0]["key"])}
    assert done.variants[0]["name"] == "thumb"


def test_what_is_not_ready_has_no_links(cast: Any, drain_outbox: Drain) -> None:
    row = make(cast.ada)
    drain_outbox()
    Media.objects.filter(pk=row.pk).update(state=MediaState.PROCESSING)
    assert present_media(load_media([row.pk])[row.pk])["variants"] == []


def test_ready_media_are_given_back_in_order(cast: Any, drain_outbox: Drain) -> None:
    ids = [make(cast.ada).pk for _ in range(3)]
    with pytest.raises(MediaNotReady):
        media.require_ready(ids, cast.ada.id)
    assert list(media.require_attachable(ids, cast.ada.id).values()) == [MediaState.PROCESSING] * 3
    drain_outbox()
    order = [ids[2], ids[0], ids[1]]
    assert media.require_ready(order, cast.ada.id) == order
    assert media.require_ready([], cast.ada.id) == []


def test_foreign_unknown_and_doubled_media_are_named_by_their_place(cast: Any, drain_outbox: Drain) -> None:
    mine, theirs = make(cast.ada).pk, make(cast.bob).pk
    drain_outbox()
    with pytest.raises(Unprocessable) as caught:
        media.require_ready([theirs, mine, 999_999, mine], cast.ada.id)
    assert [(e.pointer, e.code) for e in caught.value.errors] == [
        ("/media/0", "unknown_media"),
        ("/media/2", "unknown_media"),
        ("/media/3", "duplicate"),
    ]


def test_a_media_belongs_to_one_post_which_may_keep_it(cast: Any, drain_outbox: Drain) -> None:
    row = make(cast.ada)
    drain_outbox()
    post = Post.objects.create(author_id=cast.ada.id)
    PostMedia.objects.create(post=post, media=row, position=0)
    assert media.require_ready([row.pk], cast.ada.id, post_id=post.pk) == [row.pk]
    for other in (None, post.pk + 1):
        with pytest.raises(MediaAttached):
            media.require_ready([row.pk], cast.ada.id, post_id=other)
    assert media.release_media([row.pk]) == 0
    post.delete()
    assert media.release_media([row.pk]) == 1
