"""Background work of the content app. Tasks are thin: what they do is in `services`."""

from __future__ import annotations

from collections.abc import Callable

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded

from content.errors import StorageUnavailable
from content.media.refusals import Reason
from content.models import MediaState
from content.services import media, media_processing, posts, stories, trends, views

# Seconds. No claim ends before the hard limit (`media_processing.CLAIM_LEASE`).
PICTURE_SOFT_LIMIT, PICTURE_HARD_LIMIT = 60, 120
STORAGE_RETRIES = 6


@shared_task(
    bind=True, max_retries=STORAGE_RETRIES, soft_time_limit=PICTURE_SOFT_LIMIT, time_limit=PICTURE_HARD_LIMIT
)
def process_media(self: Task, media_id: int) -> None:
    """Make the derived files of an upload. Safe to run twice, or twice at once. Retried while the storage is
    away."""
    _work(self, media_id, MediaState.PROCESSING, media_processing.process)


@shared_task(
    bind=True, max_retries=STORAGE_RETRIES, soft_time_limit=PICTURE_SOFT_LIMIT, time_limit=PICTURE_HARD_LIMIT
)
def recrop_media(self: Task, media_id: int) -> None:
    """Cut a new thumbnail after a change of the focal point."""
    _work(self, media_id, MediaState.READY, media_processing.recrop)


@shared_task
def sweep_unattached_media() -> int:
    """Delete uploads that nothing has used for a day; returns how many. Their files go by the outbox."""
    return media.sweep_unattached()


@shared_task
def sweep_expired_stories() -> int:
    """Remove stories that have been over for the grace time, with their media; returns how many."""
    return stories.sweep_expired()


@shared_task
def carry_over_views() -> int:
    """Bring the views counted since the last time into Postgres; returns how many."""
    return views.carry_over_waiting()


@shared_task
def refresh_trends() -> int:
    """Rank the hashtags of the window anew, so that no reader has to; returns how many trend."""
    return len(trends.refresh_trends())


@shared_task
def publish_due_posts() -> int:
    """Publish scheduled posts whose time has come; returns how many."""
    return posts.publish_due()


def _work(
    task: Task, media_id: int, state: MediaState, act: Callable[[media_processing.Claim], None]
) -> None:
    held = media_processing.claim(media_id, state)
    if held is None:
        return
    try:
        act(held)
    except StorageUnavailable as error:
        media_processing.release(held)
        raise task.retry(exc=error, countdown=2 ** (task.request.retries + 1)) from error
    except SoftTimeLimitExceeded:
        if state is not MediaState.PROCESSING:
            raise
        media_processing.fail(held, Reason.TOO_COMPLEX)
