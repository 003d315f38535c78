"""Tables of the PostgreSQL engine: one of documents an index, and the lexicon of their distinct words.

Nothing here is owned here: `manage.py rebuild search` makes all of it again. Only `search.postgres` touches
them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class IndexedDocument(models.Model):
    """A document as the engine holds it. `terms` has its folded words and, behind a `=`, the whole names that
    an exact query equals; `score` ranks within a tier."""

    id = models.BigIntegerField(primary_key=True)
    terms = SearchVectorField()
    score = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"


# No `fastupdate`: a search would have to walk through the pending list, and writes come in batches anyway.
class IndexedUser(IndexedDocument):
    class Meta:
        indexes = [GinIndex(fields=["terms"], name="search_user_terms", fastupdate=False)]


class IndexedPost(IndexedDocument):
    class Meta:
        indexes = [GinIndex(fields=["terms"], name="search_post_terms", fastupdate=False)]


class IndexedHashtag(IndexedDocument):
    class Meta:
        indexes = [GinIndex(fields=["terms"], name="search_hashtag_terms", fastupdate=False)]


class LexiconWord(models.Model):
    """A distinct word of an index and the number of its documents that hold it: where typos are looked up."""

    index = models.CharField(max_length=8)
    word = models.CharField(max_length=60)
    initial = models.CharField(max_length=1)
    length = models.SmallIntegerField()
    documents = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["index", "word"], name="search_lexicon_unique")]
        indexes = [
            models.Index(fields=["index", "initial", "length"], include=["word"], name="search_lexicon_near")
        ]

    def __str__(self) -> str:
        return f"{self.word} ({self.index})"
