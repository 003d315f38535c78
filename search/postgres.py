"""The search engine where no Meilisearch is configured: PostgreSQL with a `tsvector` a document and a lexicon
of the distinct words, in which typos are looked up.

One SQL statement a search. It first asks for whole words and beginnings; only where these do not fill the
page are the words of the query widened by the lexicon's near ones. Folding happens in `search.text`, not by
PostgreSQL's dictionaries, so that documents, queries and the number of typos allowed all rest on the same
words."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction

from search import statements
from search.documents import AnyDocument, HashtagDocument, PostDocument, UserDocument
from search.engine import DocumentWriter, Hit, Index, Search, SearchEngine, Tier
from search.errors import SearchUnavailable
from search.terms import Terms, terms_asked, terms_of
from search.text import Word, swapped

# "PG" and "se": any two numbers nobody else locks with; the second one is added to the index's.
LOCK_SPACE = 0x50475345
LOCKS = {Index.USERS: 1, Index.POSTS: 2, Index.HASHTAGS: 3}
PAGE_OF_IDS = 10_000


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
        self._apply(Index.USERS, documents)

    def upsert_posts(self, documents: Sequence[PostDocument]) -> None:
        self._apply(Index.POSTS, documents)

    def upsert_hashtags(self, documents: Sequence[HashtagDocument]) -> None:
        self._apply(Index.HASHTAGS, documents)

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

    def search_many(self, searches: Sequence[Search]) -> list[list[Hit]]:
        return [
            self.search(one.index, one.query, limit=one.limit, after=one.after, backwards=one.backwards)
            for one in searches
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

    def rebuilding(self, index: Index) -> AbstractContextManager[DocumentWriter]:
        """In place: readers see every document, as it was or as it is."""
        return nullcontext(self)

    @contextmanager
    def aside(self) -> Iterator[SearchEngine]:
        """The same tables, emptied in a transaction that is rolled back: readers notice nothing, writers of the
        indexes wait."""
        with transaction.atomic():
            for index in Index:
                self.reset(index)
            yield self
            transaction.set_rollback(True)

    def outdated(self) -> dict[Index, str]:
        """Nothing: migrations keep the tables."""
        return {}

    def describe(self) -> str:
        return "PostgreSQL adapter"

    def reset(self, index: Index) -> None:
        with _writing(index):
            _run(statements.empty(index), {})
            _run(statements.EMPTY_LEXICON, {"index": index.value})

    def ping(self) -> float:
        started = time.perf_counter()
        _rows("SELECT 1", {})
        return time.perf_counter() - started

    def _apply(self, index: Index, documents: Sequence[AnyDocument], gone: Iterable[int] = ()) -> None:
        """Write `documents`, drop `gone`, and keep the lexicon's counts exact, in one transaction."""
        latest = {document.id: terms_of(document) for document in documents}
        dropped = sorted(set(gone) - latest.keys())
        if not latest and not dropped:
            return
        params = {
            "index": index.value,
            "ids": list(latest),
            "terms": [_vector(terms) for terms in latest.values()],
            "scores": [terms.score for terms in latest.values()],
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


# ---- terms as `tsvector` and `tsquery`


def _vector(terms: Terms) -> str:
    return " ".join(map(_quoted, sorted([*terms.words, *(f"={name}" for name in terms.names)])))


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _plan(index: Index, query: str) -> Plan | None:
    """None where the query holds nothing that could be found."""
    asked = terms_asked(index, query)
    if asked is None:
        return None
    strict = [f"({_conjunction(phrase)})" for phrase in asked.phrases]
    if index is Index.POSTS:
        exact = " & ".join(_quoted(word.text) for word in asked.phrases[0])
        return Plan(exact, strict[0], asked.phrases)
    exact = " | ".join(_quoted(f"={name}") for name in asked.names)
    return Plan(exact, " | ".join([exact, *strict]), asked.phrases)


def _conjunction(phrase: Iterable[Word]) -> str:
    return " & ".join(_quoted(word.text) + (":*" if word.prefix else "") for word in phrase)
