"""What follows from changes of content, and what this app tells others of accounts. Filled at start-up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from content.facts import has_story, posts_count
from content.hydration_media import avatar_urls
from content.interests import accounts_by_interest
from content.models import Media
from content.services.comment_burst import BATCH, all_queued, write_queued
from content.services.counters import recount_for_account
from content.services.hashtag_counts import settle_uses_of
from content.services.media_processing import follow_media
from content.services.purge import (
    purge_comment_likes,
    purge_comments,
    purge_followed_hashtags,
    purge_likes,
    purge_media,
    purge_posts,
    purge_shares,
    purge_stories,
    purge_story_replies,
    purge_story_views,
)
from content.services.story_counters import recount_views_of
from content.tasks import process_media, recrop_media
from project.outbox.topics import Projection, Topic, registry
from social.registries import account_facts, interests, privacy_hooks, purge_steps, state_hooks

# A media may mean a dozen calls to the storage; a batch must be done within the relay's lease.
MEDIA_BATCH = 50


def register_projections() -> None:
    """Register the consumers of the outbox that live in this app."""
    registry.register(
        Projection("media-files", (Topic.MEDIA,), _follow_media, all_keys=_all_media, batch=MEDIA_BATCH)
    )
    registry.register(
        Projection(
            "comment-queue",
            (Topic.QUEUED_COMMENT,),
            _write_comments,
            all_keys=_all_queued_comments,
            batch=BATCH,
        )
    )


def register_facts() -> None:
    """Register what this app knows of accounts."""
    account_facts.avatar_loader = avatar_urls
    account_facts.register("posts_count", posts_count)
    interests.finder = accounts_by_interest
    account_facts.register("has_story", has_story)


def register_life_cycle() -> None:
    """Register what happens here when an account leaves, comes back, or is purged."""
    state_hooks.register(recount_for_account)
    state_hooks.register(recount_views_of)
    # The counts of hashtags are locked last.
    state_hooks.register(settle_uses_of)
    privacy_hooks.register(settle_uses_of)
    # Posts first: they take most of the others with them.
    purge_steps.register("posts", purge_posts)
    purge_steps.register("comments", purge_comments)
    purge_steps.register("likes", purge_likes)
    purge_steps.register("comment-likes", purge_comment_likes)
    purge_steps.register("followed-hashtags", purge_followed_hashtags)
    purge_steps.register("shares", purge_shares)
    purge_steps.register("stories", purge_stories)
    purge_steps.register("story-views", purge_story_views)
    purge_steps.register("story-replies", purge_story_replies)
    purge_steps.register("media", purge_media)


def _follow_media(topic: Topic, keys: Sequence[str]) -> None:
    follow_media([int(key) for key in keys], enqueue=process_media.delay, enqueue_recrop=recrop_media.delay)


def _write_comments(topic: Topic, keys: Sequence[str]) -> None:
    write_queued([int(key) for key in keys])


def _all_queued_comments() -> Iterator[tuple[Topic, Sequence[str]]]:
    for ids in all_queued():
        yield Topic.QUEUED_COMMENT, ids


def _all_media() -> Iterator[tuple[Topic, Sequence[str]]]:
    last = 0
    while ids := list(
        Media.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:MEDIA_BATCH]
    ):
        yield Topic.MEDIA, [str(pk) for pk in ids]
        last = ids[-1]
