"""The port: what a search engine must do for us. An adapter is one module with one class; `search.engines`
chooses.

Engines only propose ids, ranked; whether the viewer may see them is decided after, on every request (R01)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol

from search.documents import HashtagDocument, PostDocument, UserDocument


class Index(StrEnum):
    USERS = "users"
    POSTS = "posts"
    HASHTAGS = "hashtags"


class Tier(IntEnum):
    """How well a hit fits. Better tiers come first, whatever the scores.

    EXACT: the whole query is a username, a full name or a hashtag; in posts, all its words are there.
    PREFIX: words of the query are beginnings: any word among users and hashtags, the last one among posts.
    TYPO: a word is one edit away (insert, delete, replace, swap of neighbours) from four letters on, two from
    nine; the first letter must be right."""

    EXACT = 0
    PREFIX = 1
    TYPO = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A proposed id. `score` is what the documents of the index are ranked by within a tier: followers, time
    of publication in microseconds, posts. `key` is where the hit stands; only its own engine reads it."""

    id: int
    tier: Tier
    score: int
    key: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """One search, as `SearchEngine.search` says."""

    index: Index
    query: str
    limit: int
    after: tuple[int, ...] | None = None
    backwards: bool = False


class DocumentWriter(Protocol):
    """Where documents are written. Raises SearchUnavailable, and DocumentsRefused where the engine took all but
    some that it cannot hold."""

    def upsert_users(self, documents: Sequence[UserDocument]) -> None:
        """Add or replace."""

    def upsert_posts(self, documents: Sequence[PostDocument]) -> None:
        """Add or replace."""

    def upsert_hashtags(self, documents: Sequence[HashtagDocument]) -> None:
        """Add or replace."""

    def delete(self, index: Index, ids: Sequence[int]) -> None:
        """Drop documents; ids that are not there are ignored."""


class SearchEngine(DocumentWriter, Protocol):
    """A search engine. Every method raises SearchUnavailable where the engine cannot answer.

    Accents and case never matter. All words of a query must be found (the first ten count); a query without
    any letter or digit finds nothing. Writing a document twice is once; what was written when a method
    returns, the next search finds."""

    name: str

    def search(
        self,
        index: Index,
        query: str,
        *,
        limit: int,
        after: tuple[int, ...] | None = None,
        backwards: bool = False,
    ) -> list[Hit]:
        """Up to `limit` hits by tier, then score descending, then id.

        With `after`, the key of a hit, those behind it; `backwards`, those before it, nearest first. Fewer
        than `limit` mean that the list ends there; where an engine has to refuse nearly all that it finds,
        it may end a list after 1,000 of them."""

    def search_many(self, searches: Sequence[Search]) -> list[list[Hit]]:
        """The hits of each of several searches, in as few round trips as the engine can."""

    def document_ids(self, index: Index) -> Iterator[int]:
        """Every id in the index, ascending, in constant memory."""

    def count(self, index: Index) -> int:
        """How many documents the index holds."""

    def repair(self, index: Index) -> None:
        """Bring in order what no writing of a document would correct: settings, derived tables."""

    def rebuilding(self, index: Index) -> AbstractContextManager[DocumentWriter]:
        """Around a rebuild: what is written to the given writer becomes the index, at the end and at once where
        the engine can make a new one beside the old; the old one answers meanwhile, and is kept where the
        rebuild fails. What is written to the engine itself goes into both. Whoever rebuilds keeps other
        processes from writing to the index (`relay.alone`)."""

    def aside(self) -> AbstractContextManager[SearchEngine]:
        """An empty engine of the same kind beside this one, for trials; gone afterwards."""

    def outdated(self) -> dict[Index, str]:
        """The indexes that are not as this version of the service declares them, and what is otherwise."""

    def describe(self) -> str:
        """Product and version, for people."""

    def reset(self, index: Index) -> None:
        """Empty the index."""

    def ping(self) -> float:
        """One bare round trip; returns its duration in seconds."""
