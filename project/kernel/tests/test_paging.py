"""Pages: no gap, no repeat, full when there is more, both ways (R58)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project.kernel.errors import InvalidCursor
from project.kernel.paging import Position, decode_cursor, encode_cursor, read_page, scope_of

START = datetime(2026, 1, 1, tzinfo=UTC)


def listing(size, ties=3):
    """A list, newest first, in which `ties` neighbours share a moment."""
    return sorted(((START + timedelta(microseconds=n // ties), n) for n in range(size)), reverse=True)


def skeleton_of(keys):
    def fetch(position, count):
        if position is None:
            return [(key, key) for key in keys[:count]]
        if position.backwards:
            return [(key, key) for key in reversed(keys) if key > position.key][:count]
        return [(key, key) for key in keys if key < position.key][:count]

    return fetch


def walk(keys, visible, limit, *, start=None, direction="next"):
    pages, cursor = [], start
    for _ in range(1000):
        page = read_page(
            skeleton_of(keys),
            lambda values: [v if v in visible else None for v in values],
            scope="test",
            cursor=cursor,
            limit=limit,
        )
        pages.append(page)
        cursor = getattr(page, direction)
        if cursor is None:
            return pages
    raise AssertionError("the walk does not end")


@given(size=st.integers(0, 80), hidden=st.sets(st.integers(0, 79)), limit=st.integers(1, 25))
def test_r58_walking_forwards_gives_each_visible_item_once_and_full_pages(size, hidden, limit):
    keys = listing(size)
    visible = [key for key in keys if key[1] not in hidden]
    pages = walk(keys, set(visible), limit)
    assert [key for page in pages for key in page.results] == visible
    assert all(len(page.results) == limit for page in pages[:-1])


@given(size=st.integers(1, 60), hidden=st.sets(st.integers(0, 59)), limit=st.integers(1, 20))
def test_r58_walking_back_from_the_end_gives_the_same_pages(size, hidden, limit):
    keys = listing(size)
    visible = [key for key in keys if key[1] not in hidden]
    last = walk(keys, set(visible), limit)[-1]
    before = visible[: len(visible) - len(last.results)]
    if last.previous is None:
        assert before == []
        return
    pages = walk(keys, set(visible), limit, start=last.previous, direction="previous")
    assert [key for page in reversed(pages) for key in page.results] == before


def test_r58_entries_that_appear_while_reading_neither_shift_nor_repeat():
    keys = listing(30)
    first = read_page(skeleton_of(keys), lambda v: v, scope="s", cursor=None, limit=10)
    grown = sorted([*keys, (START + timedelta(days=1), 99)], reverse=True)
    second = read_page(skeleton_of(grown), lambda v: v, scope="s", cursor=first.next, limit=10)
    assert first.results + second.results == keys[:20]


def test_a_page_that_hides_very_much_ends_early_but_can_be_continued():
    keys = listing(9000)
    visible = {keys[-1]}
    pages = walk(keys, visible, 20)
    assert [key for page in pages for key in page.results] == [keys[-1]]
    assert 1 < len(pages) < 10


def test_cursors_keep_microseconds():
    key = (datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), 2**62)
    assert decode_cursor("s", encode_cursor("s", Position(key, True))) == Position(key, True)


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "W10:1rYp:xx"])
def test_forged_cursors_are_refused(token):
    with pytest.raises(InvalidCursor):
        decode_cursor("s", token)


def test_a_cursor_is_tied_to_its_list_and_its_filters():
    token = encode_cursor(scope_of("posts_list", ["ada", None]), Position((1,)))
    for other in (
        scope_of("feed_home"),
        scope_of("posts_list", ["bob", None]),
        scope_of("posts_list", ["ada"]),
    ):
        with pytest.raises(InvalidCursor):
            decode_cursor(other, token)
