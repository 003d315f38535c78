"""Turning the names that a text uses into rows: hashtags and mentioned accounts. Parsing is in
`content.text`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models.functions import Lower

from content.models import CommentMention, Hashtag, Post, PostHashtag, PostMention
from content.text import parse
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.models import Account, AccountState


def resolve_mentions(usernames: Sequence[str]) -> list[int]:
    """The ids of the active accounts with these lower-case usernames, in their order; one query."""
    if not usernames:
        return []
    found = dict(
        Account.objects.annotate(lowered=Lower("username"))
        .filter(lowered__in=usernames, state=AccountState.ACTIVE)
        .values_list("lowered", "id")
    )
    return [found[name] for name in usernames if name in found]


def hashtag_ids(names: Sequence[str]) -> list[int]:
    """The ids of these case-folded hashtags, in their order; made where they are new."""
    if not names:
        return []
    # Sorted: two posts that introduce the same hashtags in another order must not wait for each other.
    Hashtag.objects.bulk_create([Hashtag(name=name) for name in sorted(names)], ignore_conflicts=True)
    found = dict(Hashtag.objects.filter(name__in=names).values_list("name", "id"))
    return [found[name] for name in names]


def set_post_names(post: Post) -> None:
    """Make hashtags and mentions of a post those of its caption, and the hashtags' publication time its own
    (R57)."""
    parsed = parse(post.caption)
    tags = hashtag_ids(parsed.hashtags)
    dropped = PostHashtag.objects.filter(post=post).exclude(hashtag_id__in=tags)
    emit_hashtags(dropped.values_list("hashtag__name", flat=True))
    dropped.delete()
    PostHashtag.objects.bulk_create(
        [
            PostHashtag(post=post, hashtag_id=tag, position=place, published_at=post.published_at)
            for place, tag in enumerate(tags)
        ],
        update_conflicts=True,
        unique_fields=["post", "hashtag"],
        update_fields=["position", "published_at"],
    )
    people = resolve_mentions(parsed.mentions)
    PostMention.objects.filter(post=post).exclude(account_id__in=people).delete()
    PostMention.objects.bulk_create(
        [PostMention(post=post, account_id=person, position=place) for place, person in enumerate(people)],
        update_conflicts=True,
        unique_fields=["post", "account"],
        update_fields=["position"],
    )


def emit_hashtags(names: Iterable[str]) -> None:
    """Tell the outbox of hashtags that lose a post: from the post itself nobody can see it any more."""
    emit(Topic.HASHTAG, *names)


def set_comment_mentions(comment_id: int, text: str) -> None:
    """Make the mentions of a comment those of its text."""
    people = resolve_mentions(parse(text).mentions)
    CommentMention.objects.filter(comment_id=comment_id).exclude(account_id__in=people).delete()
    CommentMention.objects.bulk_create(
        [
            CommentMention(comment_id=comment_id, account_id=person, position=place)
            for place, person in enumerate(people)
        ],
        update_conflicts=True,
        unique_fields=["comment", "account"],
        update_fields=["position"],
    )
