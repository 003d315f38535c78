"""Turning the names that a text uses into rows: hashtags and mentioned accounts. Parsing is in
`content.text`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models.functions import Lower

from content.models import CommentMention, Hashtag, Post, PostHashtag, PostMention
from content.services.counters import share_accounts
from content.services.hashtag_counts import drop_uses, settle_uses
from content.text import parse
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.models import Account, AccountState, ContactPolicy
from social.services.settings import mention_policies
from social.visibility import load_relations, may_contact


def resolve_mentions(usernames: Sequence[str], author_id: int) -> list[int]:
    """The ids of the active accounts with these lower-case usernames that accept to be mentioned by the author
    (R40), in their order. Two queries, and one of the graph where somebody does not accept everyone.

    To the others the name stays plain text. Raises GraphUnavailable."""
    if not usernames:
        return []
    found = dict(
        Account.objects.annotate(lowered=Lower("username"))
        .filter(lowered__in=usernames, state=AccountState.ACTIVE)
        .values_list("lowered", "id")
    )
    willing = accepting(found.values(), Viewer(author_id))
    return [found[name] for name in usernames if name in found and found[name] in willing]


def accepting(account_ids: Iterable[int], author: Viewer) -> set[int]:
    """Those among the accounts that accept to be mentioned by `author` (R40); across a block nobody is (R32). Raises
    GraphUnavailable."""
    wanted = set(account_ids)
    policies = mention_policies(wanted)
    # Of all of them, not only those with a policy: the answer will show them by their relation, and a 503 must
    # come before the write, not after it.
    relations = load_relations(author, wanted)
    return {
        id_
        for id_ in wanted
        if not relations[id_].severed
        and may_contact(policies.get(id_, ContactPolicy.EVERYONE), relations[id_])
    }


def hashtag_ids(names: Sequence[str]) -> list[int]:
    """The ids of these case-folded hashtags, in their order; made where they are new."""
    if not names:
        return []
    # Sorted: two posts that introduce the same hashtags in another order must not wait for each other.
    Hashtag.objects.bulk_create([Hashtag(name=name) for name in sorted(names)], ignore_conflicts=True)
    found = dict(Hashtag.objects.filter(name__in=names).values_list("name", "id"))
    return [found[name] for name in names]


def set_post_names(post: Post) -> None:
    """Make hashtags and mentions of a post those of its caption, and the hashtags' publication time and counts
    follow the post (R57). To be called after every change of caption, audience or state, as the last write but
    for the outbox: counts are locked last (`services.hashtag_counts`)."""
    # Shared until the end, so that the uses are counted by what the author is when they become visible.
    share_accounts({post.author_id})
    parsed = parse(post.caption)
    tags = hashtag_ids(parsed.hashtags)
    dropped = PostHashtag.objects.filter(post=post).exclude(hashtag_id__in=tags)
    emit_hashtags(dropped.values_list("hashtag__name", flat=True))
    changes = drop_uses(post.pk, kept=tags)
    PostHashtag.objects.bulk_create(
        [
            PostHashtag(post=post, hashtag_id=tag, position=place, published_at=post.published_at)
            for place, tag in enumerate(tags)
        ],
        update_conflicts=True,
        unique_fields=["post", "hashtag"],
        update_fields=["position", "published_at"],
    )
    people = resolve_mentions(parsed.mentions, post.author_id)
    PostMention.objects.filter(post=post).exclude(account_id__in=people).delete()
    PostMention.objects.bulk_create(
        [PostMention(post=post, account_id=person, position=place) for place, person in enumerate(people)],
        update_conflicts=True,
        unique_fields=["post", "account"],
        update_fields=["position"],
    )
    settle_uses([post.pk], changes=changes)


def emit_hashtags(names: Iterable[str]) -> None:
    """Tell the outbox of hashtags that lose a post: from the post itself nobody can see it any more."""
    emit(Topic.HASHTAG, *names)


def mentioned_in(text: str, author_id: int) -> list[int]:
    """Whom a text by this author mentions, in its order. Raises GraphUnavailable."""
    return resolve_mentions(parse(text).mentions, author_id)


def set_comment_mentions(comment_id: int, people: Sequence[int]) -> None:
    """Make these accounts the mentions of a comment. They are locked before the comment is (`share_accounts`): one of
    them who is just leaving waits for the comments around them."""
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
