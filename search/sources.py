"""The truth behind the index: which accounts, posts and hashtags are findable, and their documents.

What anybody signed in could see is indexed, and nothing else: active accounts; published posts for everyone
by active public accounts; hashtags that stand in at least one such post and are not banned. A private
account's posts are not found by search, by its followers neither: the index must not hold what a stranger may
not read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from content.models import Hashtag, Post, PostAudience, PostHashtag, PostState
from graph.queries.counts import load_counts
from search.documents import HashtagDocument, PostDocument, UserDocument
from search.engine import Index
from social.models import Account, AccountState


def findable_accounts() -> QuerySet[Account]:
    return Account.objects.filter(state=AccountState.ACTIVE)


def findable_posts() -> QuerySet[Post]:
    return Post.objects.filter(
        state=PostState.PUBLISHED,
        audience=PostAudience.EVERYONE,
        author__state=AccountState.ACTIVE,
        author__is_private=False,
    )


def findable_hashtags(*, apart_from: Collection[int] = ()) -> QuerySet[Hashtag]:
    """Hashtags that a public post stands under, posts of the accounts `apart_from` not counted; none that is
    banned."""
    hashtags = Hashtag.objects.filter(banned=False, post_count__gt=0)
    if not apart_from:
        return hashtags
    uses = PostHashtag.objects.filter(counted=True).exclude(post__author_id__in=list(apart_from))
    return hashtags.filter(Exists(uses.filter(hashtag=OuterRef("pk"))))


def findable(index: Index) -> QuerySet[Any]:
    """The rows that an index should hold a document of."""
    match index:
        case Index.USERS:
            return findable_accounts()
        case Index.POSTS:
            return findable_posts()
        case Index.HASHTAGS:
            return findable_hashtags()


def load_user_documents(ids: Sequence[int]) -> list[UserDocument]:
    """The documents of those of `ids` that are findable. Raises GraphUnavailable: an account whose followers
    cannot be counted keeps the document it has, and the relay comes again."""
    rows = list(findable_accounts().filter(pk__in=ids).values_list("id", "username", "full_name"))
    counts = load_counts([row[0] for row in rows])
    return [
        UserDocument(id_, username, full_name, counts[id_].followers) for id_, username, full_name in rows
    ]


def load_post_documents(ids: Sequence[int]) -> list[PostDocument]:
    """The documents of those of `ids` that are findable, in two queries."""
    rows = list(findable_posts().filter(pk__in=ids).values_list("id", "title", "caption", "published_at"))
    names: dict[int, list[str]] = {}
    uses = PostHashtag.objects.filter(post__in=[row[0] for row in rows]).order_by("post_id", "position")
    for post_id, name in uses.values_list("post_id", "hashtag__name"):
        names.setdefault(post_id, []).append(name)
    return [
        PostDocument(id_, title, caption, tuple(names.get(id_, ())), published_at)
        for id_, title, caption, published_at in rows
        if published_at is not None
    ]


def load_hashtag_documents(ids: Sequence[int]) -> list[HashtagDocument]:
    """The documents of those of `ids` that are findable, in one query."""
    rows = findable_hashtags().filter(pk__in=ids).order_by("pk").values_list("id", "name", "post_count")
    return [HashtagDocument(*row) for row in rows]
