"""A search as Meilisearch queries: what a tier is, said in filters and words.

EXACT and PREFIX are filters alone, so that they mean what they mean everywhere. TYPO is a search for the words
that may have typos, beginnings of the others and the better tiers left to filters; what comes back is looked at
again (`search.terms.holds`), since Meilisearch also joins and splits words and forgives a first letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from search.engine import Index, Tier
from search.meilisearch.declared import digest
from search.terms import Asked
from search.text import Word

# So many words of a query may each be a beginning or have a typo, in all combinations. Of longer queries, one
# word at most is a beginning where another one has a typo.
ALL_COMBINATIONS = 3
Branch = tuple[str, str]


def branches(index: Index, asked: Asked, tier: Tier, better_ids: Sequence[int] | None = None) -> list[Branch]:
    """(words, filter) of the queries that find the hits of a tier together, none of a better one. Where all of
    the better ones are known, TYPO leaves them out by id, which is cheaper than to find them once more."""
    exact = _exact(index, asked)
    if tier is Tier.EXACT:
        return [("", exact)]
    beginnings = " OR ".join(f"({_all(phrase)})" for phrase in asked.phrases)
    if not beginnings:
        return []
    if tier is Tier.PREFIX:
        return [("", f"({beginnings}) AND NOT ({exact})")]
    better = [f"NOT ({exact} OR {beginnings})"]
    if better_ids is not None:
        better = [f"id NOT IN [{', '.join(map(str, better_ids))}]"] if better_ids else []
    return [
        (" ".join(word.text for word in typed), _and([*better, *map(_is, rest)]))
        for phrase in asked.phrases
        for typed, rest in _divisions(phrase)
    ]


def _divisions(phrase: tuple[Word, ...]) -> Iterable[tuple[list[Word], list[Word]]]:
    """The ways to divide a phrase in words that may have typos and words that must be as typed, or begin so.

    A word that is whole and right is found among the former too, so only beginnings need a way of their own."""
    forgiven = [word for word in phrase if word.typos]
    able = [word for word in forgiven if word.prefix]
    most = len(able) if len(able) <= ALL_COMBINATIONS else 1
    for size in range(most + 1):
        for begun in combinations(able, size):
            typed = [word for word in forgiven if word not in begun]
            if typed:
                yield typed, [word for word in phrase if word not in typed]


def _exact(index: Index, asked: Asked) -> str:
    if index is Index.POSTS:
        return _and(f'words = "{word.text}"' for word in asked.phrases[0])
    return "names IN [" + ", ".join(f'"{digest(name)}"' for name in asked.names) + "]"


def _all(phrase: Iterable[Word]) -> str:
    return _and(map(_is, phrase))


def _is(word: Word) -> str:
    # Words are letters, digits and marks: nothing in them could end the quotes.
    return f'words STARTS WITH "{word.text}"' if word.prefix else f'words = "{word.text}"'


def _and(parts: Iterable[str]) -> str:
    return " AND ".join(parts)


def query(
    uid: str,
    branch: Branch,
    *,
    limit: int,
    beyond: tuple[int, int] | None,
    backwards: bool,
    with_words: bool,
) -> dict[str, Any]:
    """A branch as a query of a multi-search: by score and id, behind (score, id) or, backwards, before it."""
    words, restriction = branch
    if beyond is not None:
        score, id_ = beyond
        further, later = (">", "<") if backwards else ("<", ">")
        place = f"(score {further} {score} OR (score = {score} AND id {later} {id_}))"
        restriction = f"({restriction}) AND {place}" if restriction else place
    return {
        "indexUid": uid,
        "q": words,
        "filter": restriction or None,
        "sort": ["score:asc", "id:desc"] if backwards else ["score:desc", "id:asc"],
        "limit": limit,
        "matchingStrategy": "all",
        "attributesToRetrieve": ["id", "score", "words"] if with_words else ["id", "score"],
    }
