"""What follows from changes of content, and what this app tells others of accounts. Filled at start-up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from content.facts import posts_count
from content.hydration_media import avatar_urls
from content.interests import accounts_by_interest
from content.models import Media
from content.services.counters import recount_for_account
from content.services.media_processing import follow_media
from content.services.purge import purge_comments, purge_likes, purge_media, purge_posts
from content.tasks import process_media, recrop_media
from project.outbox.topics import Projection, Topic, registry
from social.registries import account_facts, interests, purge_steps, state_hooks

# A media may mean a dozen calls to the storage; a batch must be done within the relay's lease.
MEDIA_BATCH = 50


def register_projections() -> None:
    """Register the consumers of the outbox that live in this app."""
    registry.register(
        Projection("media-files", (Topic.MEDIA,), _follow_media, all_keys=_all_media, batch=MEDIA_BATCH)
    )


def register_facts() -> None:
    """Register what this app knows of accounts."""
    account_facts.avatar_loader = avatar_urls
    account_facts.register("posts_count", posts_count)
    interests.finder = accounts_by_interest


def register_life_cycle() -> None:
    """Register what happens here when an account leaves, comes back, or is purged."""
    state_hooks.register(recount_for_account)
    # Posts first: they take most of the others with them.
    purge_steps.register("posts", purge_posts)
    purge_steps.register("comments", purge_comments)
    purge_steps.register("likes", purge_likes)
    purge_steps.register("media", purge_media)


def _follow_media(topic: Topic, keys: Sequence[str]) -> None:
    follow_media([int(key) for key in keys], enqueue=process_media.delay, enqueue_recrop=recrop_media.delay)


def _all_media() -> Iterator[tuple[Topic, Sequence[str]]]:
    last = 0
    while ids := list(
        Media.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:MEDIA_BATCH]
    ):
        yield Topic.MEDIA, [str(pk) for pk in ids]
        last = ids[-1]
