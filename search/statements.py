"""The SQL of the PostgreSQL engine. Table names are the only thing ever put into it as text; they are
constants."""

from __future__ import annotations

from functools import cache

from search.engine import Index
from search.models import IndexedDocument, IndexedHashtag, IndexedPost, IndexedUser

TABLES: dict[Index, type[IndexedDocument]] = {
    Index.USERS: IndexedUser,
    Index.POSTS: IndexedPost,
    Index.HASHTAGS: IndexedHashtag,
}
# Near words a word of a query is widened by at most: the nearest, then the most used.
MAX_NEAR = 50

# `near`: the lexicon's words that are `typos` edits or fewer from a word of the query. A swap of neighbours
# is one edit, which levenshtein counts as two: spellings that only swap are looked up as they are
# (`swapped`), and where two edits are allowed, words one edit too far are compared again with each swap
# undone. A number is not a typo of anything.
SEARCH = """
WITH strict AS MATERIALIZED (
    SELECT id, tier, score FROM (
        SELECT id, score, CASE WHEN terms @@ %(exact)s::tsquery THEN 0 ELSE 1 END AS tier
        FROM {table} WHERE terms @@ %(strict)s::tsquery
    ) found
    {strict_beyond}
    ORDER BY {order} LIMIT %(limit)s
), widened AS (
    SELECT string_agg(phrase, ' | ')::tsquery AS terms FROM (
        SELECT '(' || string_agg('(' || alternatives || ')', ' & ') || ')' AS phrase FROM (
            SELECT typed.phrase, concat_ws(
                ' | ',
                quote_literal(typed.word) || CASE WHEN typed.prefix THEN ':*' ELSE '' END,
                string_agg(quote_literal(near.word), ' | ')
            ) AS alternatives
            FROM unnest(
                %(phrases)s::int[], %(words)s::text[], %(typos)s::int[], %(prefixes)s::bool[],
                %(swapped)s::text[]
            ) WITH ORDINALITY AS typed(phrase, word, typos, prefix, swapped, place)
            LEFT JOIN LATERAL (
                SELECT word FROM (
                    SELECT lexicon.word, lexicon.documents, away.edits FROM search_lexiconword lexicon
                    CROSS JOIN LATERAL (
                        SELECT levenshtein_less_equal(lexicon.word, typed.word, 2 * typed.typos - 1) AS edits
                    ) away
                    WHERE typed.typos > 0
                        AND lexicon.index = %(index)s
                        AND lexicon.initial = left(typed.word, 1)
                        AND lexicon.word !~ '^[0-9]+$'
                        AND lexicon.length
                            BETWEEN length(typed.word) - typed.typos AND length(typed.word) + typed.typos
                        AND (away.edits <= typed.typos OR (typed.typos = 2 AND away.edits = 3 AND EXISTS (
                            SELECT FROM generate_series(2, length(typed.word) - 1) AS place
                            WHERE levenshtein_less_equal(
                                lexicon.word,
                                overlay(
                                    typed.word PLACING reverse(substr(typed.word, place, 2)) FROM place FOR 2
                                ),
                                1
                            ) <= 1
                        )))
                    UNION
                    SELECT lexicon.word, lexicon.documents, typed.typos FROM search_lexiconword lexicon
                    WHERE lexicon.index = %(index)s
                        AND lexicon.word = ANY(string_to_array(typed.swapped, ' '))
                ) found
                ORDER BY edits, documents DESC, word LIMIT {max_near}
            ) near ON true
            GROUP BY typed.phrase, typed.place, typed.word, typed.prefix
        ) words GROUP BY phrase
    ) phrases
), loose AS (
    SELECT id, 2 AS tier, score FROM {table}
    WHERE terms @@ (SELECT terms FROM widened) AND NOT terms @@ %(strict)s::tsquery
        {gate} {loose_beyond}
    ORDER BY {loose_order} LIMIT %(limit)s
)
SELECT id, tier, score FROM strict UNION ALL SELECT id, tier, score FROM loose
ORDER BY {order} LIMIT %(limit)s
"""
# Walking forwards, near words are of interest only where the better tiers do not fill the page.
GATE = "AND (SELECT count(*) FROM strict) < %(limit)s"
FORWARDS, BACKWARDS = "tier, score DESC, id", "tier DESC, score, id DESC"
BEYOND = "(tier, -score, id) {side} (%(tier)s, -(%(score)s)::bigint, %(id)s)"
LOOSE_BEYOND = "(2, -score, id) {side} (%(tier)s, -(%(score)s)::bigint, %(id)s)"

# `before` sees the table as it was, so the difference of the words is the difference of the counts.
APPLY = """
WITH incoming AS (
    SELECT id, terms::tsvector AS terms, score
    FROM unnest(%(ids)s::bigint[], %(terms)s::text[], %(scores)s::bigint[]) AS sent(id, terms, score)
), before AS (
    SELECT id, terms FROM {table} WHERE id = ANY(%(ids)s::bigint[]) OR id = ANY(%(dropped)s::bigint[])
), removed AS (
    DELETE FROM {table} WHERE id = ANY(%(dropped)s::bigint[])
), written AS (
    INSERT INTO {table} AS held (id, terms, score) SELECT id, terms, score FROM incoming
    ON CONFLICT (id) DO UPDATE SET terms = excluded.terms, score = excluded.score
    WHERE (held.terms, held.score) IS DISTINCT FROM (excluded.terms, excluded.score)
), changed AS (
    SELECT word, sum(n) AS n FROM (
        SELECT unnest(tsvector_to_array(terms)) AS word, 1 AS n FROM incoming
        UNION ALL SELECT unnest(tsvector_to_array(terms)), -1 FROM before
    ) held WHERE NOT starts_with(word, '=') GROUP BY word HAVING sum(n) <> 0
)
INSERT INTO search_lexiconword AS lexicon (index, word, initial, length, documents)
SELECT %(index)s, word, left(word, 1), length(word), n FROM changed
ON CONFLICT (index, word) DO UPDATE SET documents = lexicon.documents + excluded.documents
RETURNING lexicon.word, lexicon.documents
"""
FORGET_WORDS = """
DELETE FROM search_lexiconword WHERE index = %(index)s AND word = ANY(%(words)s::text[]) AND documents <= 0
"""
EMPTY_LEXICON = "DELETE FROM search_lexiconword WHERE index = %(index)s"
REFILL_LEXICON = """
INSERT INTO search_lexiconword (index, word, initial, length, documents)
SELECT %(index)s, word, left(word, 1), length(word), count(*)
FROM {table}, unnest(tsvector_to_array(terms)) AS word WHERE NOT starts_with(word, '=') GROUP BY word
"""
EMPTY = "DELETE FROM {table}"
COUNT = "SELECT count(*) FROM {table}"
IDS = "SELECT id FROM {table} WHERE id > %(after)s ORDER BY id LIMIT %(limit)s"


def table(index: Index) -> str:
    """The documents' table of an index."""
    return TABLES[index]._meta.db_table


@cache
def search(index: Index, *, keyset: bool, backwards: bool) -> str:
    """The search statement: from the start or, with `keyset`, beyond a hit."""
    side = "<" if backwards else ">"
    return SEARCH.format(
        table=table(index),
        max_near=MAX_NEAR,
        order=BACKWARDS if backwards else FORWARDS,
        loose_order="score, id DESC" if backwards else "score DESC, id",
        gate="" if backwards else GATE,
        strict_beyond="WHERE " + BEYOND.format(side=side) if keyset else "",
        loose_beyond="AND " + LOOSE_BEYOND.format(side=side) if keyset else "",
    )


@cache
def apply(index: Index) -> str:
    """Write and drop documents; returns the words whose counts changed, with the counts."""
    return APPLY.format(table=table(index))


@cache
def refill_lexicon(index: Index) -> str:
    return REFILL_LEXICON.format(table=table(index))


def empty(index: Index) -> str:
    return EMPTY.format(table=table(index))


def count(index: Index) -> str:
    return COUNT.format(table=table(index))


def ids(index: Index) -> str:
    return IDS.format(table=table(index))
