"""The adapter: `search.engine.SearchEngine` on a Meilisearch server."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

from search.documents import AnyDocument, HashtagDocument, PostDocument, UserDocument
from search.engine import DocumentWriter, Hit, Index, Search, SearchEngine
from search.errors import DocumentsRefused, SearchUnavailable
from search.meilisearch.declared import PRIMARY_KEY, SETTINGS, VERSION, differences
from search.meilisearch.server import SWAP, IndexMissing, Server, TaskFailed
from search.meilisearch.walks import Walk
from search.meilisearch.writing import Filler, IndexWriter, rows_of

log = logging.getLogger(__name__)
PAGE_OF_IDS = 10_000


class MeilisearchEngine:
    """A Meilisearch server as a search engine. Its indexes begin with `prefix`, so that several installations
    can share one server; an index that is not there is made, as declared, before anything is written to it."""

    name = "meilisearch"

    def __init__(self, url: str, key: str | None, prefix: str) -> None:
        self.server = Server(url, key)
        self._key = key
        self.prefix = prefix
        self._building: dict[Index, IndexWriter] = {}

    # ---- names

    def uid(self, index: Index) -> str:
        return f"{self.prefix}_{index}"

    def next_uid(self, index: Index) -> str:
        """The index that a rebuild makes."""
        return f"{self.prefix}_{index}_next"

    @property
    def versions_uid(self) -> str:
        """Where it is written down as which version of `declared` the indexes were made."""
        return f"{self.prefix}_versions"

    # ---- writing

    def upsert_users(self, documents: Sequence[UserDocument]) -> None:
        self._write(Index.USERS, documents)

    def upsert_posts(self, documents: Sequence[PostDocument]) -> None:
        self._write(Index.POSTS, documents)

    def upsert_hashtags(self, documents: Sequence[HashtagDocument]) -> None:
        self._write(Index.HASHTAGS, documents)

    def delete(self, index: Index, ids: Sequence[int]) -> None:
        self._apply(index, [], ids)

    def _write(self, index: Index, documents: Sequence[AnyDocument]) -> None:
        self._apply(index, rows_of(documents), [])

    def _apply(self, index: Index, rows: Sequence[dict[str, Any]], gone: Sequence[int]) -> None:
        if not rows and not gone:
            return
        self._ensure(index)
        writers = [IndexWriter(self.server, self.uid(index))]
        if index in self._building:
            writers.append(self._building[index])
        for writer in writers:
            writer.write(rows)
            writer.drop(gone)
        # That of the rebuild is settled in its end.
        writers[0].settle()

    # ---- searching

    def search(
        self,
        index: Index,
        query: str,
        *,
        limit: int,
        after: tuple[int, ...] | None = None,
        backwards: bool = False,
    ) -> list[Hit]:
        return self.search_many([Search(index, query, limit, after, backwards)])[0]

    def search_many(self, searches: Sequence[Search]) -> list[list[Hit]]:
        walks = [Walk(search, self.uid(search.index)) for search in searches]
        while True:
            asked = [walk.ask() for walk in walks]
            queries = [query for of_walk in asked for query in of_walk]
            if not queries:
                return [walk.hits for walk in walks]
            answers = iter(self._multi_search(queries))
            for walk, of_walk in zip(walks, asked, strict=True):
                walk.tell([next(answers) for _ in of_walk])

    def _multi_search(self, queries: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        try:
            found = self.server.post("multi-search", {"queries": queries})
        except IndexMissing:
            # Nothing was ever written, or the server has lost its data.
            for index in Index:
                self._ensure(index)
            found = self.server.post("multi-search", {"queries": queries})
        return [result["hits"] for result in found["results"]]

    def document_ids(self, index: Index) -> Iterator[int]:
        last: int | None = None
        while True:
            query: dict[str, Any] = {"fields": [PRIMARY_KEY], "sort": ["id:asc"], "limit": PAGE_OF_IDS}
            if last is not None:
                query["filter"] = f"id > {last}"
            try:
                answer = self.server.post(f"indexes/{self.uid(index)}/documents/fetch", query)
            except IndexMissing:
                return
            page = [row[PRIMARY_KEY] for row in answer["results"]]
            yield from page
            if len(page) < PAGE_OF_IDS:
                return
            last = page[-1]

    def count(self, index: Index) -> int:
        try:
            return int(self.server.get(f"indexes/{self.uid(index)}/stats")["numberOfDocuments"])
        except IndexMissing:
            return 0

    def ping(self) -> float:
        started = time.perf_counter()
        self.server.get("health")
        return time.perf_counter() - started

    # ---- indexes

    def repair(self, index: Index) -> None:
        """Bring the settings in order, in place. A rebuild makes a new index that needs none of this."""
        if index in self._building:
            return
        self._ensure(index)
        if differences(self._settings(index)):
            self.server.finish(self.server.patch(f"indexes/{self.uid(index)}/settings", SETTINGS))

    def reset(self, index: Index) -> None:
        if self.count(index):
            self.server.finish(self.server.delete(f"indexes/{self.uid(index)}/documents"))

    def outdated(self) -> dict[Index, str]:
        found: dict[Index, str] = {}
        for index in Index:
            try:
                otherwise = differences(self._settings(index))
            except IndexMissing:
                found[index] = "missing"
                continue
            version = self._version(index)
            if otherwise:
                found[index] = "other settings: " + ", ".join(otherwise)
            elif version != VERSION:
                found[index] = f"version {version or 'unknown'}, not {VERSION}"
        return found

    def describe(self) -> str:
        return f"Meilisearch {self.server.get('version')['pkgVersion']}"

    @contextmanager
    def rebuilding(self, index: Index) -> Iterator[DocumentWriter]:
        uid, fresh = self.uid(index), self.next_uid(index)
        # One of a rebuild that was killed may be there.
        self._remove(fresh)
        self._make(fresh)
        writer = IndexWriter(self.server, fresh)
        self._building[index] = writer
        try:
            yield Filler(index, writer)
            try:
                writer.settle()
            except DocumentsRefused as error:
                # One bad document must not keep all others from being found; `doctor` counts it as missing.
                log.error("%s is rebuilt without %s", uid, error)
            self._ensure(index)
            self.server.finish(self.server.post(SWAP, [{"indexes": [uid, fresh]}]))
            self._stamp(index)
        finally:
            del self._building[index]
            with suppress(SearchUnavailable):
                self._remove(fresh)

    @contextmanager
    def aside(self) -> Iterator[SearchEngine]:
        """Indexes of another prefix."""
        trial = MeilisearchEngine(self.server.url, self._key, f"{self.prefix}_trial_{os.getpid()}")
        try:
            yield trial
        finally:
            trial.remove()

    def remove(self) -> None:
        """Delete every index of this prefix."""
        for uid in (self.versions_uid, *map(self.uid, Index), *map(self.next_uid, Index)):
            self._remove(uid)

    def _ensure(self, index: Index) -> None:
        """Make the index where it is missing: a write would otherwise make one without settings."""
        try:
            self.server.get(f"indexes/{self.uid(index)}")
        except IndexMissing:
            self._make_at_once(index)

    def _make_at_once(self, index: Index) -> None:
        """Make the index under another name first: nobody may meet one without settings."""
        made = f"{self.uid(index)}_{uuid4().hex[:12]}"
        self._make(made)
        try:
            renaming = [{"indexes": [made, self.uid(index)], "rename": True}]
            self.server.finish(self.server.post(SWAP, renaming))
        except TaskFailed as error:
            # Another process was quicker.
            self._remove(made)
            if error.reason != "index_already_exists":
                raise
        else:
            self._stamp(index)

    def _make(self, uid: str) -> None:
        self.server.finish(self.server.post("indexes", {"uid": uid, "primaryKey": PRIMARY_KEY}))
        self.server.finish(self.server.patch(f"indexes/{uid}/settings", SETTINGS))

    def _remove(self, uid: str) -> None:
        try:
            self.server.finish(self.server.delete(f"indexes/{uid}"))
        except IndexMissing:
            return
        except TaskFailed as error:
            if error.reason != "index_not_found":
                raise

    def _settings(self, index: Index) -> dict[str, Any]:
        held: dict[str, Any] = self.server.get(f"indexes/{self.uid(index)}/settings")
        return held

    def _stamp(self, index: Index) -> None:
        path = f"indexes/{self.versions_uid}/documents?primaryKey={PRIMARY_KEY}"
        self.server.finish(self.server.post(path, [{PRIMARY_KEY: index.value, "version": VERSION}]))

    def _version(self, index: Index) -> str | None:
        found = self.server.post(f"indexes/{self.versions_uid}/documents/fetch", {})
        held = {row[PRIMARY_KEY]: row.get("version") for row in found["results"]}
        return held.get(index.value)
