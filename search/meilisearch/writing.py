"""Writing to one index: batches enqueued, their tasks awaited and checked, and a batch that Meilisearch refuses
taken apart until what it cannot hold stands alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from search.documents import AnyDocument, HashtagDocument, PostDocument, UserDocument
from search.engine import Index
from search.errors import DocumentsRefused
from search.meilisearch.declared import PRIMARY_KEY, document_of
from search.meilisearch.server import Rejected, Server, TaskFailed
from search.terms import terms_of

log = logging.getLogger(__name__)
BATCH = 10_000
# Tasks that a filler lets run before it looks at the oldest; Meilisearch takes neighbours together.
AHEAD = 40
# Failures that one document can cause. Others (a full disk) no splitting mends.
OF_A_DOCUMENT = (
    "invalid_document",
    "missing_document",
    "document_fields_limit",
    "max_fields_limit",
    "malformed",
)

Rows = Sequence[dict[str, Any]]


def rows_of(documents: Sequence[AnyDocument]) -> list[dict[str, Any]]:
    """The documents as Meilisearch holds them, the last one of each id."""
    return list({document.id: document_of(terms_of(document)) for document in documents}.values())


class IndexWriter:
    """Writes to the index `uid`; nothing is certain before `settle`."""

    def __init__(self, server: Server, uid: str) -> None:
        self.server, self.uid = server, uid
        self.running: list[tuple[dict[str, Any], Rows]] = []
        self.refused: list[object] = []
        self.reason = ""

    def write(self, rows: Rows) -> None:
        for start in range(0, len(rows), BATCH):
            self._send(rows[start : start + BATCH])

    def drop(self, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), BATCH):
            batch = list(ids[start : start + BATCH])
            self._remember(self.server.post(f"indexes/{self.uid}/documents/delete-batch", batch), [])

    def settle(self) -> None:
        """Wait until everything is written. Raises DocumentsRefused where that is all but some."""
        while self.running:
            self._finish(*self.running.pop(0))
        if self.refused:
            refused, self.refused = self.refused, []
            raise DocumentsRefused(refused, self.reason)

    def _remember(self, task: dict[str, Any], rows: Rows) -> None:
        self.running.append((task, rows))
        if len(self.running) > AHEAD:
            self._finish(*self.running.pop(0))

    def _send(self, rows: Rows) -> None:
        if not rows:
            return
        try:
            # Without the key Meilisearch would guess one from the first document ever written.
            path = f"indexes/{self.uid}/documents?primaryKey={PRIMARY_KEY}"
            task = self.server.post(path, rows)
        except (Rejected, TypeError) as error:
            # TypeError: not even JSON.
            self._split(rows, error)
        else:
            self._remember(task, rows)

    def _finish(self, task: dict[str, Any], rows: Rows) -> None:
        try:
            self.server.finish(task)
        except TaskFailed as error:
            if not error.reason.startswith(OF_A_DOCUMENT):
                raise
            self._split(rows, error)

    def _split(self, rows: Rows, error: Exception) -> None:
        """Write the halves of a refused batch each by itself."""
        if len(rows) > 1:
            middle = len(rows) // 2
            self._send(rows[:middle])
            self._send(rows[middle:])
            return
        self.refused += [row[PRIMARY_KEY] for row in rows]
        self.reason = str(error)
        log.error("Meilisearch cannot hold document %s of %s: %s", self.refused[-1:], self.uid, error)


class Filler:
    """`search.engine.DocumentWriter` into an index that is being made."""

    def __init__(self, index: Index, writer: IndexWriter) -> None:
        self.index, self.writer = index, writer

    def upsert_users(self, documents: Sequence[UserDocument]) -> None:
        self._write(Index.USERS, documents)

    def upsert_posts(self, documents: Sequence[PostDocument]) -> None:
        self._write(Index.POSTS, documents)

    def upsert_hashtags(self, documents: Sequence[HashtagDocument]) -> None:
        self._write(Index.HASHTAGS, documents)

    def delete(self, index: Index, ids: Sequence[int]) -> None:
        assert index is self.index
        self.writer.drop(ids)

    def _write(self, index: Index, documents: Sequence[AnyDocument]) -> None:
        assert index is self.index
        self.writer.write(rows_of(documents))
