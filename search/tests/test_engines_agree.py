"""Whatever the engine, the same query finds the same documents in the same order: random names and captions,
random mistakes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from search.documents import HashtagDocument, PostDocument, UserDocument
from search.engine import Hit, Index, Search
from search.meilisearch import MeilisearchEngine
from search.postgres import PostgresEngine
from search.tests.conftest import meilisearch_engine

FIRST = [
    "john",
    "joan",
    "jon",
    "katherine",
    "kathrin",
    "anna",
    "ana",
    "maria",
    "marie",
    "mario",
    "alexander",
    "alexandra",
    "peter",
    "li",
    "bo",
    "zoë",
    "müller",
]
LAST = [
    "smith",
    "smyth",
    "johnson",
    "jonson",
    "jones",
    "garcia",
    "garzia",
    "kowalski",
    "fitzgerald",
    "o'brien",
    "van-dyke",
    "1987",
    "Иванов",
]
WORDS = [
    "sun",
    "set",
    "sunset",
    "sunsets",
    "sea",
    "seaside",
    "the",
    "a",
    "blue",
    "harbour",
    "harbor",
    "lights",
    "night",
    "new",
    "york",
    "newyork",
    "2024",
    "2025",
]
SIZE, QUERIES = 400, 250
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def both(db: None, _indexes: None) -> Iterator[tuple[PostgresEngine, MeilisearchEngine]]:
    engines = PostgresEngine(), meilisearch_engine()
    dice = random.Random(31)
    users = [
        UserDocument(
            n,
            f"{dice.choice(FIRST)}{dice.choice(['', '.', '_'])}{dice.choice(LAST)}{dice.choice(['', str(n)])}",
            f"{dice.choice(FIRST)} {dice.choice(LAST)}",
            dice.randrange(5),
        )
        for n in range(1, SIZE)
    ]
    posts = [
        PostDocument(
            n,
            dice.choice(["", dice.choice(WORDS)]),
            " ".join(dice.choices(WORDS, k=dice.randrange(1, 7))),
            tuple(dice.sample(["new_york", "sea", "sunset_sea"], dice.randrange(2))),
            START + timedelta(hours=dice.randrange(50)),
        )
        for n in range(1, SIZE)
    ]
    tags = [
        HashtagDocument(
            n,
            f"{dice.choice(WORDS)}{dice.choice(['', '_'])}{dice.choice(WORDS)}{dice.choice(['', n % 50])}",
            n % 7,
        )
        for n in range(1, SIZE)
    ]
    for engine in engines:
        for index in Index:
            engine.reset(index)
        engine.upsert_users(users)
        engine.upsert_posts(posts)
        engine.upsert_hashtags(tags)
    yield engines
    for index in Index:
        engines[1].reset(index)


def mistaken(dice: random.Random, word: str) -> str:
    """`word` cut short, or with a letter wrong, missing, doubled or swapped."""
    if len(word) < 3:
        return word
    at = dice.randrange(len(word) - 1)
    return dice.choice(
        [
            word,
            word[: at + 1],
            word[:at] + "x" + word[at + 1 :],
            word[:at] + word[at + 1 :],
            word[: at + 1] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        ]
    )


def query(dice: random.Random, index: Index) -> str:
    known = FIRST + LAST if index is Index.USERS else WORDS
    parts = dice.choices(known, k=dice.choice([1, 1, 1, 2, 2, 3, 4]))
    for _ in range(dice.randrange(3)):
        parts = [mistaken(dice, part) if dice.random() < 0.6 else part for part in parts]
    return dice.choice([" ", " ", " ", "."]).join(parts)


def plain(hits: list[Hit]) -> list[tuple[int, int, int]]:
    return [(hit.tier, hit.score, hit.id) for hit in hits]


@pytest.mark.slow
@pytest.mark.parametrize("index", Index)
def test_both_engines_find_the_same_in_the_same_order(
    both: tuple[PostgresEngine, MeilisearchEngine], index: Index
) -> None:
    dice = random.Random(7)
    postgres, meilisearch = both
    searches = [Search(index, query(dice, index), dice.choice([5, 20, 500])) for _ in range(QUERIES)]
    found = [
        (search, postgres.search_many([search])[0], meilisearch.search_many([search])[0])
        for search in searches
    ]
    assert [search.query for search, one, two in found if plain(one) != plain(two)] == []
    assert sum(1 for _, one, _ in found if one) > QUERIES / 4
    tiers = {hit.tier for _, one, _ in found for hit in one}
    assert len(tiers) == 3
