"""What every search engine must do, whatever it is made of. Runs on each engine of `conftest.ENGINES`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from search.documents import HashtagDocument, PostDocument, UserDocument
from search.engine import Index, SearchEngine, Tier

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def user(id_: int, username: str, full_name: str = "", followers: int = 0) -> UserDocument:
    return UserDocument(id_, username, full_name, followers)


def post(
    id_: int, caption: str, *, title: str = "", hashtags: tuple[str, ...] = (), hours: int = 0
) -> PostDocument:
    return PostDocument(id_, title, caption, hashtags, NEW_YEAR + timedelta(hours=hours))


def users(engine: SearchEngine, query: str) -> list[int]:
    return [hit.id for hit in engine.search(Index.USERS, query, limit=50)]


def posts(engine: SearchEngine, query: str) -> list[int]:
    return [hit.id for hit in engine.search(Index.POSTS, query, limit=50)]


def hashtags(engine: SearchEngine, query: str) -> list[int]:
    return [hit.id for hit in engine.search(Index.HASHTAGS, query, limit=50)]


# ---- users


def test_exact_names_come_before_beginnings_before_typos_whatever_the_followers(engine: SearchEngine) -> None:
    engine.upsert_users(
        [
            user(1, "jon", followers=900),
            user(2, "johnny", followers=500),
            user(3, "john", followers=1),
            user(4, "j99", "John", followers=2),
            user(5, "peter", followers=1000),
        ]
    )
    hits = engine.search(Index.USERS, "john", limit=10)
    assert [(hit.id, hit.tier) for hit in hits] == [
        (4, Tier.EXACT),
        (3, Tier.EXACT),
        (2, Tier.PREFIX),
        (1, Tier.TYPO),
    ]


def test_within_a_tier_more_followers_come_first_then_the_older_account(engine: SearchEngine) -> None:
    engine.upsert_users([user(n, f"maria{n}", followers=f) for n, f in ((1, 5), (2, 70), (3, 5), (4, 900))])
    assert users(engine, "maria") == [4, 2, 1, 3]


def test_swapped_neighbours_are_one_typo(engine: SearchEngine) -> None:
    engine.upsert_users([user(1, "john")])
    assert users(engine, "jhon") == [1]
    assert users(engine, "jonh") == [1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("gal", False),  # three letters: no typo
        ("gull", True),  # four: one
        ("gulls", False),
        ("gllis", False),  # a swap and an insertion are two
        ("alexandr", True),  # a beginning
        ("alexamdria", True),
        ("alexamdrja", True),  # two, from nine letters on
        ("alxeandira", True),
        ("olexandria", False),  # the first letter must be right
        ("katherin", True),
        ("kahterni", False),  # two in eight letters
        ("kahterine", True),
    ],
)
def test_one_typo_from_four_letters_two_from_nine(engine: SearchEngine, query: str, found: bool) -> None:
    engine.upsert_users([user(1, "gill"), user(2, "alexandria"), user(3, "katherine")])
    assert bool(users(engine, query)) is found


def test_numbers_have_no_typos(engine: SearchEngine) -> None:
    engine.upsert_users([user(1, "anna.1987")])
    assert users(engine, "1987") == [1]
    assert users(engine, "1978") == []


@pytest.mark.parametrize("query", ["Müller", "muller", "MÜLLER", "mu\u0308ller", "ｍｕｌｌｅｒ"])
def test_accents_case_and_width_do_not_matter(engine: SearchEngine, query: str) -> None:
    engine.upsert_users([user(1, "tom", "Thomas Müller"), user(2, "lee", "Ann Muller")])
    assert users(engine, query) == [1, 2]


@pytest.mark.parametrize(
    "query", ["John Smith", "smith john", "jo smi", "john.smith", "johnsmith", "@john_smith", "smith"]
)
def test_names_are_found_by_their_words_in_any_order_and_spelling(engine: SearchEngine, query: str) -> None:
    engine.upsert_users([user(1, "john_smith"), user(2, "mary_jones", "Mary Jones")])
    assert users(engine, query) == [1]


def test_all_words_must_be_found(engine: SearchEngine) -> None:
    engine.upsert_users([user(1, "a1", "John Smith"), user(2, "a2", "John Jones")])
    assert users(engine, "john smith") == [1]
    assert users(engine, "john nobody") == []


def test_typos_in_every_word_are_forgiven(engine: SearchEngine) -> None:
    engine.upsert_users([user(1, "a1", "Katherine Johnson")])
    assert users(engine, "kathrine jhonson") == [1]


# ---- posts


def test_posts_are_found_by_caption_title_and_hashtag_newest_first(engine: SearchEngine) -> None:
    engine.upsert_posts(
        [
            post(1, "A red sunset", hours=1),
            post(2, "At the sea", title="Sunset", hours=3),
            post(3, "Evening", hashtags=("sunset",), hours=2),
            post(4, "Morning", hours=9),
        ]
    )
    assert posts(engine, "sunset") == [2, 3, 1]


def test_in_posts_whole_words_come_before_beginnings_before_typos(engine: SearchEngine) -> None:
    engine.upsert_posts(
        [post(1, "sunsets forever", hours=5), post(2, "one sunset", hours=1), post(3, "a sunest", hours=9)]
    )
    hits = engine.search(Index.POSTS, "sunset", limit=10)
    assert [(hit.id, hit.tier) for hit in hits] == [(2, Tier.EXACT), (1, Tier.PREFIX), (3, Tier.TYPO)]


def test_in_posts_only_the_last_word_may_be_a_beginning(engine: SearchEngine) -> None:
    engine.upsert_posts([post(1, "the blue mountains")])
    assert posts(engine, "blue mount") == [1]
    assert posts(engine, "mount blue") == []


def test_a_hashtag_of_several_words_is_found_in_one_word_or_several(engine: SearchEngine) -> None:
    engine.upsert_posts([post(1, "walk", hashtags=("new_york",))])
    assert posts(engine, "newyork") == posts(engine, "new york") == posts(engine, "#new_york") == [1]


# ---- hashtags


def test_hashtags_rank_by_tier_then_posts(engine: SearchEngine) -> None:
    engine.upsert_hashtags(
        [
            HashtagDocument(1, "sunset", 3),
            HashtagDocument(2, "sunsets", 80),
            HashtagDocument(3, "sunsetlover", 200),
            HashtagDocument(4, "sunrise", 900),
            HashtagDocument(5, "sunsat", 4),
        ]
    )
    assert hashtags(engine, "#Sunset") == [1, 3, 2, 5]


def test_a_hashtag_with_underscores_equals_its_words(engine: SearchEngine) -> None:
    engine.upsert_hashtags([HashtagDocument(1, "new_york", 3), HashtagDocument(2, "newyorker", 9)])
    for query in ("new_york", "newyork", "new york"):
        hits = engine.search(Index.HASHTAGS, query, limit=5)
        assert (hits[0].id, hits[0].score) == (1, 3), query


# ---- what is typed may be anything

HOSTILE = [
    "'",
    "''",
    '"',
    "\\",
    "\\'",
    "& | ! ( ) : * <->",
    "john & !peter",
    "john:*",
    "john' | 'peter",
    "(((((",
    "%",
    "%s %(x)s",
    "$1",
    "-- ;",
    "🌸",
    "👩‍👩‍👧‍👦❤️1️⃣",
    "\u200b\u202e\ufeff",
    "\u0301\u0301",
    "ﷺ" * 100,
    "x" * 100,
    "a " * 50,
    "\U0010ffff",
]


@pytest.mark.parametrize("query", HOSTILE)
@pytest.mark.parametrize("index", Index)
def test_no_query_is_an_error(engine: SearchEngine, index: Index, query: str) -> None:
    engine.upsert_users([user(1, "john"), user(2, "peter")])
    engine.upsert_posts([post(1, "john peter")])
    engine.upsert_hashtags([HashtagDocument(1, "john", 1)])
    assert isinstance(engine.search(index, query, limit=5), list)


@pytest.mark.parametrize("query", ["", "   ", "!?!", "🌸", "\\", "'"])
@pytest.mark.parametrize("index", Index)
def test_a_query_without_letters_finds_nothing(engine: SearchEngine, index: Index, query: str) -> None:
    engine.upsert_users([user(1, "john")])
    engine.upsert_posts([post(1, "john")])
    engine.upsert_hashtags([HashtagDocument(1, "john", 1)])
    assert engine.search(index, query, limit=5) == []


def test_documents_may_hold_anything_too(engine: SearchEngine) -> None:
    engine.upsert_posts([post(n, text) for n, text in enumerate(HOSTILE, 1)])
    assert posts(engine, "peter") != []


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("北京の夜景", "北京"),
        ("مرحبا بالعالم", "بالعالم"),
        ("नमस्ते दुनिया", "दुनिया"),
        ("Привет мир", "МИР"),
        ("한국 여행", "여행"),
    ],
)
def test_every_script_is_searchable(engine: SearchEngine, text: str, query: str) -> None:
    engine.upsert_posts([post(1, text), post(2, "nothing of the kind")])
    assert posts(engine, query) == [1]


# ---- writing


def test_writing_a_document_again_replaces_it(engine: SearchEngine) -> None:
    engine.upsert_users([user(1, "john", followers=3)])
    engine.upsert_users([user(1, "john", followers=3)])
    engine.upsert_users([user(1, "peter", followers=4), user(2, "paul")])
    assert users(engine, "john") == []
    assert [(hit.id, hit.score) for hit in engine.search(Index.USERS, "peter", limit=5)] == [(1, 4)]
    assert engine.count(Index.USERS) == 2


def test_a_deleted_document_is_gone_and_deleting_again_is_fine(engine: SearchEngine) -> None:
    engine.upsert_users([user(1, "john"), user(2, "johnny")])
    engine.delete(Index.USERS, [1, 77])
    engine.delete(Index.USERS, [1])
    engine.delete(Index.USERS, [])
    assert users(engine, "john") == [2]
    assert list(engine.document_ids(Index.USERS)) == [2]


def test_writing_nothing_is_fine(engine: SearchEngine) -> None:
    engine.upsert_users([])
    engine.upsert_posts([])
    engine.upsert_hashtags([])


def test_indexes_do_not_mix(engine: SearchEngine) -> None:
    engine.upsert_users([user(1, "john")])
    assert posts(engine, "john") == hashtags(engine, "john") == []
    engine.reset(Index.POSTS)
    assert users(engine, "john") == [1]
    engine.reset(Index.USERS)
    assert users(engine, "john") == []
    assert engine.count(Index.USERS) == 0


def test_repair_changes_nothing_that_is_right(engine: SearchEngine) -> None:
    engine.upsert_users([user(1, "john"), user(2, "johnny"), user(3, "jon")])
    before = engine.search(Index.USERS, "jhon", limit=9), engine.search(Index.USERS, "john", limit=9)
    for index in Index:
        engine.repair(index)
    assert (
        engine.search(Index.USERS, "jhon", limit=9),
        engine.search(Index.USERS, "john", limit=9),
    ) == before


def test_an_engine_answers_a_ping(engine: SearchEngine) -> None:
    assert 0 <= engine.ping() < 5


# ---- pages


def test_pages_walk_through_all_tiers_both_ways_without_gap_or_repeat(engine: SearchEngine) -> None:
    """R58"""
    engine.upsert_users(
        [user(n, f"john{n}", followers=n % 3) for n in range(1, 12)]
        + [
            user(20, "john", followers=7),
            user(21, "x", "John"),
            user(22, "jon"),
            user(23, "jhon"),
            user(24, "joan"),
        ]
    )
    everything = engine.search(Index.USERS, "john", limit=50)
    assert len(everything) == 16
    for size in (1, 2, 5):
        walked = engine.search(Index.USERS, "john", limit=size)
        while step := engine.search(Index.USERS, "john", limit=size, after=walked[-1].key):
            walked += step
        assert walked == everything
        back = [everything[-1]]
        while step := engine.search(Index.USERS, "john", limit=size, after=back[-1].key, backwards=True):
            back += step
        assert back == everything[::-1]
