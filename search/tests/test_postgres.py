"""The PostgreSQL engine's own promises: an exact lexicon, indexes in use, safe concurrent writing."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from search import statements
from search.documents import UserDocument
from search.engine import Index
from search.models import LexiconWord
from search.postgres import PostgresEngine


def lexicon() -> dict[str, int]:
    rows = LexiconWord.objects.filter(index=Index.USERS)
    assert all(row.initial == row.word[0] and row.length == len(row.word) for row in rows)
    return {row.word: row.documents for row in rows}


def counted() -> dict[str, int]:
    """The lexicon as the documents say it should be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(tsvector_to_array(terms)) FROM search_indexeduser")
        return dict(Counter(word for (word,) in cursor.fetchall() if not word.startswith("=")))


@pytest.mark.django_db
def test_the_lexicon_counts_the_documents_that_hold_a_word() -> None:
    engine = PostgresEngine()
    engine.upsert_users([UserDocument(1, "john", "John Smith", 0), UserDocument(2, "mary", "Mary Smith", 0)])
    assert lexicon() == {"john": 1, "johnsmith": 1, "mary": 1, "marysmith": 1, "smith": 2}
    engine.upsert_users([UserDocument(2, "mary", "Mary Jones", 0)])
    assert lexicon() == {"john": 1, "johnsmith": 1, "mary": 1, "maryjones": 1, "jones": 1, "smith": 1}
    engine.delete(Index.USERS, [1])
    assert lexicon() == {"mary": 1, "maryjones": 1, "jones": 1}
    engine.reset(Index.USERS)
    assert lexicon() == {}


@pytest.mark.django_db
def test_the_lexicon_stays_exact_through_any_sequence_of_writes() -> None:
    engine, dice = PostgresEngine(), random.Random(11)
    names = ["ann", "bob", "cyd", "dan", "eve", "fay"]
    for _ in range(60):
        ids = dice.sample(range(1, 15), 4)
        if dice.random() < 0.3:
            engine.delete(Index.USERS, ids)
        else:
            engine.upsert_users(
                [UserDocument(n, dice.choice(names), " ".join(dice.choices(names, k=2)), n) for n in ids]
            )
        assert lexicon() == counted()


@pytest.mark.django_db
def test_a_document_twice_in_one_batch_counts_once() -> None:
    engine = PostgresEngine()
    engine.upsert_users([UserDocument(1, "john", "", 0), UserDocument(1, "peter", "", 0)])
    assert lexicon() == {"peter": 1}


@pytest.mark.django_db
def test_repair_counts_a_spoilt_lexicon_anew() -> None:
    engine = PostgresEngine()
    engine.upsert_users([UserDocument(1, "john", "", 0)])
    LexiconWord.objects.update(documents=40)
    LexiconWord.objects.create(index=Index.USERS, word="ghost", initial="g", length=5, documents=1)
    engine.repair(Index.USERS)
    assert lexicon() == {"john": 1}


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_neither_deadlock_nor_miscount() -> None:
    """R80: two relays may write at the same time."""
    names = ["ann", "bob", "cyd", "dan", "eve", "fay"]

    def work(seed: int) -> None:
        engine, dice = PostgresEngine(), random.Random(seed)
        try:
            for _ in range(15):
                ids = dice.sample(range(1, 10), 5)
                engine.upsert_users([UserDocument(n, dice.choice(names), dice.choice(names), n) for n in ids])
                engine.delete(Index.USERS, dice.sample(range(1, 10), 3))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert lexicon() == counted()


@pytest.mark.django_db
def test_beginnings_and_near_words_are_looked_up_in_indexes() -> None:
    engine = PostgresEngine()
    dice = random.Random(5)
    letters = "abcdefghijklmnopqrstuvwxyz"
    engine.upsert_users([UserDocument(n, "".join(dice.choices(letters, k=8)), "", n) for n in range(1, 4001)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_indexeduser")
        cursor.execute("ANALYZE search_lexiconword")
        sql = statements.search(Index.USERS, keyset=False, backwards=False)
        params: dict[str, Any] = {
            "index": "users",
            "exact": "'=abcdefgh'",
            "strict": "'=abcdefgh' | 'abcdefgh':*",
            "phrases": [0],
            "words": ["abcdefgh"],
            "typos": [1],
            "prefixes": [True],
            "swapped": ["acbdefgh abdcefgh"],
            "limit": 21,
        }
        cursor.execute("EXPLAIN " + sql, params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan, plan
    assert plan.count("search_user_terms") == 2
    assert "search_lexicon_near" in plan
    assert "search_lexicon_unique" in plan


@pytest.mark.django_db
def test_near_words_are_looked_up_only_where_better_ones_do_not_fill_the_page() -> None:
    engine = PostgresEngine()
    engine.upsert_users(
        [UserDocument(n, f"john{n}", "", 0) for n in range(1, 6)] + [UserDocument(9, "joan", "", 0)]
    )
    assert [hit.id for hit in engine.search(Index.USERS, "john", limit=5)] == [1, 2, 3, 4, 5]
    assert [hit.id for hit in engine.search(Index.USERS, "john", limit=6)] == [1, 2, 3, 4, 5, 9]
