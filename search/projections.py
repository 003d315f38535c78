"""How the indexes follow the stores (R80): each projection re-reads the truth of a key and writes or drops
documents.

`search-users` follows accounts and, for the followers they are ranked by, relationships; `search-posts`
follows posts and the state of their authors; `search-hashtags` follows hashtags, posts and authors. Filled in
`AppConfig.ready()`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from content.models import Hashtag, Post, PostHashtag
from project.outbox.topics import Projection, Topic, registry
from search import sources
from search.documents import AnyDocument
from search.engine import DocumentWriter, Index
from search.engines import get_engine
from social.models import Account

GROUP = "search"
BATCH = 500
T = TypeVar("T")
Keys = Iterable[tuple[Topic, Sequence[str]]]


def project_users(topic: Topic, keys: Sequence[str], to: DocumentWriter | None = None) -> None:
    """Bring accounts in step; of a relationship "source:target", both ends. An account that leaves or returns
    changes the followers of those it follows without a key of theirs: their rank follows with their next one.
    Raises GraphUnavailable, SearchUnavailable."""
    index_users([int(part) for key in keys for part in key.split(":")], to)


def project_posts(topic: Topic, keys: Sequence[str], to: DocumentWriter | None = None) -> None:
    """Bring posts in step; of an account, all its posts. Raises SearchUnavailable."""
    ids = [int(key) for key in keys]
    if topic is Topic.POST:
        index_posts(ids, to)
        return
    theirs = Post.objects.filter(author__in=ids).order_by("pk").values_list("pk", flat=True)
    for batch in _batches(theirs.iterator(BATCH)):
        index_posts(batch, to)


def project_hashtags(topic: Topic, keys: Sequence[str], to: DocumentWriter | None = None) -> None:
    """Bring hashtags in step: those named, those of a post, or those of all posts of an account. Raises
    SearchUnavailable."""
    for batch in _batches(_hashtags_of(topic, keys).iterator(BATCH)):
        index_hashtags(batch, to)


def _hashtags_of(topic: Topic, keys: Sequence[str]) -> QuerySet[Any, int]:
    if topic is Topic.HASHTAG:
        return Hashtag.objects.filter(name__in=keys).values_list("pk", flat=True)
    ids = [int(key) for key in keys]
    used = PostHashtag.objects.filter(post__in=ids)
    if topic is Topic.ACCOUNT:
        used = PostHashtag.objects.filter(post__author__in=ids)
    return used.order_by("hashtag_id").values_list("hashtag_id", flat=True).distinct()


def index_users(ids: Sequence[int], to: DocumentWriter | None = None) -> None:
    """Write the documents of these accounts, drop those of the ones that are not findable."""
    documents = sources.load_user_documents(ids)
    writer = to or get_engine()
    writer.upsert_users(documents)
    writer.delete(Index.USERS, _without(ids, documents))


def index_posts(ids: Sequence[int], to: DocumentWriter | None = None) -> None:
    """Write the documents of these posts, drop those of the ones that are not findable."""
    documents = sources.load_post_documents(ids)
    writer = to or get_engine()
    writer.upsert_posts(documents)
    writer.delete(Index.POSTS, _without(ids, documents))


def index_hashtags(ids: Sequence[int], to: DocumentWriter | None = None) -> None:
    """Write the documents of these hashtags, drop those of the ones that are not findable."""
    documents = sources.load_hashtag_documents(ids)
    writer = to or get_engine()
    writer.upsert_hashtags(documents)
    writer.delete(Index.HASHTAGS, _without(ids, documents))


def all_users() -> Keys:
    """Every account, and what the index holds of accounts that are gone."""
    return _everything(Topic.ACCOUNT, Account, Index.USERS)


def all_posts() -> Keys:
    """Every post, and what the index holds of posts that are gone."""
    return _everything(Topic.POST, Post, Index.POSTS)


def all_hashtags() -> Keys:
    """The name of every hashtag."""
    for names in _batches(Hashtag.objects.order_by("pk").values_list("name", flat=True).iterator(BATCH)):
        yield Topic.HASHTAG, names


@contextmanager
def _rebuilding(
    index: Index, project: Callable[..., None]
) -> Iterator[Callable[[Topic, Sequence[str]], None]]:
    """A rebuild of an index: the handler fills what becomes the index, the relay's goes on."""
    with get_engine().rebuilding(index) as writer:
        yield partial(project, to=writer)


def _reset_hashtags() -> None:
    engine = get_engine()
    engine.repair(Index.HASHTAGS)
    # The key of a hashtag is its name, and one that is gone has none left.
    for ids in _batches(engine.document_ids(Index.HASHTAGS)):
        known = set(Hashtag.objects.filter(pk__in=ids).values_list("pk", flat=True))
        engine.delete(Index.HASHTAGS, [pk for pk in ids if pk not in known])


def _everything(topic: Topic, model: type[Model], index: Index) -> Keys:
    rows = model._default_manager.order_by("pk").values_list("pk", flat=True)
    for ids in _batches(rows.iterator(BATCH)):
        yield topic, [str(pk) for pk in ids]
    for ids in _batches(get_engine().document_ids(index)):
        known = set(rows.filter(pk__in=ids))
        if gone := [str(pk) for pk in ids if pk not in known]:
            yield topic, gone


def _without(ids: Iterable[int], documents: Iterable[AnyDocument]) -> list[int]:
    held = {document.id for document in documents}
    return [id_ for id_ in dict.fromkeys(ids) if id_ not in held]


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(items, BATCH)):
        yield batch


def register_projections() -> None:
    """Register the consumers of the outbox that live in this app."""
    registry.register(
        Projection(
            name="search-users",
            topics=(Topic.ACCOUNT, Topic.RELATIONSHIP),
            handle=project_users,
            all_keys=all_users,
            reset=lambda: get_engine().repair(Index.USERS),
            rebuilding=lambda: _rebuilding(Index.USERS, project_users),
            group=GROUP,
        )
    )
    registry.register(
        Projection(
            name="search-posts",
            topics=(Topic.POST, Topic.ACCOUNT),
            handle=project_posts,
            all_keys=all_posts,
            reset=lambda: get_engine().repair(Index.POSTS),
            rebuilding=lambda: _rebuilding(Index.POSTS, project_posts),
            group=GROUP,
        )
    )
    registry.register(
        Projection(
            name="search-hashtags",
            topics=(Topic.HASHTAG, Topic.POST, Topic.ACCOUNT),
            handle=project_hashtags,
            all_keys=all_hashtags,
            reset=_reset_hashtags,
            rebuilding=lambda: _rebuilding(Index.HASHTAGS, project_hashtags),
            group=GROUP,
        )
    )
