"""The search engine where no Meilisearch is configured: PostgreSQL with a `tsvector` a document and a lexicon
of the distinct words, in which typos are looked up.

One SQL statement a search. It first asks for whole words and beginnings; only where these do not fill the
page are the words of the query widened by the lexicon's near ones. Folding happens in `search.text`, not by
PostgreSQL's dictionaries, so that documents, queries and the number of typos allowed all rest on the same
words."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction

from search import statements
from search.documents import HashtagDocument, PostDocument, UserDocument
from search.engine import Hit, Index, Tier
from search.errors import SearchUnavailable
from search.text import Word, fold, joined, query_words, swapped, words

# "PG" and "se": any two numbers nobody else locks with; the second one is added to the index's.
LOCK_SPACE = 0x50475345
LOCKS = {Index.USERS: 1, Index.POSTS: 2, Index.HASHTAGS: 3}
PAGE_OF_IDS = 10_000
# Folding can make a name longer; a lexeme holds 2,046 bytes.
MAX_NAME = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as the tables hold it: the text of its `tsvector`, and what it is ranked by."""

    id: int
    terms: str
    score: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A query as `tsquery` texts, and the words that may be widened. `phrases` are alternatives of each
    other; all words of one must be found."""

    exact: str
    strict: str
    phrases: tuple[tuple[Word, ...], ...]


class PostgresEngine:
    """`search.engine.SearchEngine` on the service's own database."""

    name = "postgresql"

    def upsert_users(self, documents: Sequence[UserDocument]) -> None:
        self._apply(Index.USERS, [_user_entry(document) for document in documents])

    def upsert_posts(self, documents: Sequence[PostDocument]) -> None:
        self._apply(Index.POSTS, [_post_entry(document) for document in documents])

    def upsert_hashtags(self, documents: Sequence[HashtagDocument]) -> None:
        self._apply(Index.HASHTAGS, [_hashtag_entry(document) for document in documents])

    def delete(self, index: Index, ids: Sequence[int]) -> None:
        self._apply(index, [], ids)

    def search(
        self,
        index: Index,
        query: str,
        *,
        limit: int,
        after: tuple[int, ...] | None = None,
        backwards: bool = False,
    ) -> list[Hit]:
        plan = _plan(index, query)
        if plan is None or limit < 1:
            return []
        widened = [(number, word) for number, phrase in enumerate(plan.phrases) for word in phrase]
        params = {
            "index": index.value,
            "exact": plan.exact,
            "strict": plan.strict,
            "phrases": [number for number, _ in widened],
            "words": [word.text for _, word in widened],
            "typos": [word.typos for _, word in widened],
            "prefixes": [word.prefix for _, word in widened],
            "swapped": [" ".join(swapped(word.text, word.typos)) for _, word in widened],
            "limit": limit,
        }
        if after is not None:
            params |= dict(zip(("tier", "score", "id"), after, strict=True))
        statement = statements.search(index, keyset=after is not None, backwards=backwards)
        return [
            Hit(id_, Tier(tier), score, (tier, score, id_)) for id_, tier, score in _rows(statement, params)
        ]

    def document_ids(self, index: Index) -> Iterator[int]:
        last = 0
        while True:
            page = [row[0] for row in _rows(statements.ids(index), {"after": last, "limit": PAGE_OF_IDS})]
            yield from page
            if len(page) < PAGE_OF_IDS:
                return
            last = page[-1]

    def count(self, index: Index) -> int:
        return int(_rows(statements.count(index), {})[0][0])

    def repair(self, index: Index) -> None:
        """Count the lexicon anew from the documents."""
        with _writing(index):
            _run(statements.EMPTY_LEXICON, {"index": index.value})
            _run(statements.refill_lexicon(index), {"index": index.value})

    def reset(self, index: Index) -> None:
        with _writing(index):
            _run(statements.empty(index), {})
            _run(statements.EMPTY_LEXICON, {"index": index.value})

    def ping(self) -> float:
        started = time.perf_counter()
        _rows("SELECT 1", {})
        return time.perf_counter() - started

    def _apply(self, index: Index, entries: Sequence[Entry], gone: Iterable[int] = ()) -> None:
        """Write `entries`, drop `gone`, and keep the lexicon's counts exact, in one transaction."""
        latest = {entry.id: entry for entry in entries}
        dropped = sorted(set(gone) - latest.keys())
        if not latest and not dropped:
            return
        params = {
            "index": index.value,
            "ids": list(latest),
            "terms": [entry.terms for entry in latest.values()],
            "scores": [entry.score for entry in latest.values()],
            "dropped": dropped,
        }
        with _writing(index):
            unused = [word for word, documents in _rows(statements.apply(index), params) if documents <= 0]
            if unused:
                _run(statements.FORGET_WORDS, {"index": index.value, "words": unused})


@contextmanager
def _writing(index: Index) -> Iterator[None]:
    """A transaction that is alone in writing to `index`: two relays would otherwise count words twice or
    deadlock."""
    with _translated(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, LOCKS[index]])
        yield


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise SearchUnavailable from error


def _rows(statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with _translated(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        return list(cursor.fetchall())


def _run(statement: str, params: dict[str, Any]) -> None:
    with _translated(), connection.cursor() as cursor:
        cursor.execute(statement, params)


# ---- documents as terms


def _user_entry(document: UserDocument) -> Entry:
    username, full_name = words(document.username), words(document.full_name)
    # `johnsmith` must find john.smith and John Smith, as `john smith` must.
    found = {*username, *full_name, joined(username), joined(full_name)}
    whole = {_name(document.username), " ".join(username), " ".join(full_name)}
    return Entry(document.id, _terms(found, whole), document.followers_count)


def _post_entry(document: PostDocument) -> Entry:
    found = {*words(document.title), *words(document.caption)}
    for name in document.hashtags:
        parts = words(name)
        found |= {*parts, joined(parts)}
    return Entry(document.id, _terms(found, ()), (document.published_at - EPOCH) // timedelta(microseconds=1))


def _hashtag_entry(document: HashtagDocument) -> Entry:
    parts = words(document.name)
    # `new_york` is what somebody means who types newyork or new york.
    whole = {_name(document.name), joined(parts)}
    return Entry(document.id, _terms({*parts, joined(parts)}, whole), document.post_count)


def _name(text: str) -> str:
    """A whole name as it is typed; bounded, since a lexeme is."""
    return fold(text.strip())[:MAX_NAME]


def _terms(found: Iterable[str], whole: Iterable[str]) -> str:
    lexemes = [*filter(None, found), *(f"={name}" for name in whole if name)]
    return " ".join(map(_quoted, sorted(lexemes)))


def _quoted(lexeme: str) -> str:
    """A lexeme as `tsvector` and `tsquery` read it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


# ---- queries as terms


def _plan(index: Index, query: str) -> Plan | None:
    """None where the query holds nothing that could be found."""
    bare = _name(query.strip().lstrip("@#"))
    parts = words(query)
    typed = query_words(parts, every_prefix=index is not Index.POSTS)
    if index is Index.POSTS:
        if not typed:
            return None
        exact = " & ".join(_quoted(word.text) for word in typed)
        return Plan(exact, _conjunction(typed), (typed,))
    whole = {bare, " ".join(parts)[:MAX_NAME]} - {""}
    if index is Index.HASHTAGS and parts:
        whole.add(joined(parts))
    if not whole:
        return None
    phrases: tuple[tuple[Word, ...], ...] = (typed,) if typed else ()
    if len(typed) > 1:
        phrases += (query_words([joined(parts)], every_prefix=True),)
    exact = " | ".join(_quoted(f"={name}") for name in sorted(whole))
    return Plan(exact, " | ".join([exact, *(f"({_conjunction(phrase)})" for phrase in phrases)]), phrases)


def _conjunction(phrase: Iterable[Word]) -> str:
    return " & ".join(_quoted(word.text) + (":*" if word.prefix else "") for word in phrase)
