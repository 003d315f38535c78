"""From an uploaded file to a media that is ready: claims, outcomes, and keeping the files in step with the
rows.

Nothing is held while a picture is decoded. A worker claims a row by one statement that sets `claimed_until`;
it alone may write the outcome, and only while the claim is the same. A worker that dies loses its claim by
time, and the outbox looks again (`follow_media`), so that neither a killed worker nor an emptied broker
leaves a media unfinished."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from content.media import files
from content.media.files import FileMissing
from content.media.pictures import Rendition, crop_thumb, decode_rendition, process_picture
from content.media.refusals import Reason, Refused
from content.media.video_types import MP4
from content.media.videos import process_video
from content.models import Media, MediaKind, MediaState
from content.services.media_uploads import end_expired
from project.kernel.clock import now
from project.outbox.emit import emit, withdraw
from project.outbox.topics import Topic

# Longer than the task's hard time limit: whoever still runs still has the claim.
CLAIM_LEASE = timedelta(seconds=150)
# How soon the outbox looks again after a media that was handed to the workers.
RECHECK = timedelta(minutes=5)
MAX_ATTEMPTS = 4
THUMB = "thumb"
# The variant of a video that moves; the others are of its first picture.
VIDEO = "video"
# What a new thumbnail is cut from: the largest file that lost nothing but size.
CROP_SOURCE = "large"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to make files of a media until `until`. `attempt` counts the claims on it; `mark` is the
    outbox row that looks after it should this worker die."""

    media_id: int
    state: MediaState
    until: datetime
    attempt: int
    mark: list[int]


def claim(media_id: int, state: MediaState = MediaState.PROCESSING) -> Claim | None:
    """Claim a media in `state`; None where it is in another, is gone, or another worker has it."""
    moment = now()
    until = moment + CLAIM_LEASE
    with transaction.atomic():
        free = Media.objects.filter(
            Q(claimed_until=None) | Q(claimed_until__lte=moment), pk=media_id, state=state
        )
        if not free.update(claimed_until=until, attempts=F("attempts") + 1):
            return None
        # The row is locked by the update, so this is the count that it wrote.
        attempt = Media.objects.values_list("attempts", flat=True).get(pk=media_id)
        return Claim(media_id, state, until, attempt, emit(Topic.MEDIA, media_id, due_at=until))


def release(held: Claim) -> None:
    """Give a claim back untried: the storage did not answer, which is not the picture's fault."""
    with transaction.atomic():
        _held(held).update(claimed_until=None, attempts=F("attempts") - 1)
        withdraw(held.mark)


def process(held: Claim) -> None:
    """Make the files of a media that was claimed in `processing`, and write the outcome.

    Raises StorageUnavailable; the claim is the caller's to give back then."""
    if held.attempt > MAX_ATTEMPTS:
        # Workers have died over it: one more would die as well.
        fail(held, Reason.PROCESSING_FAILED)
        return
    row = _held(held).first()
    if row is None:
        return
    try:
        outcome = _video(row) if row.kind == MediaKind.VIDEO else _picture(row)
    except FileMissing:
        fail(held, Reason.ORIGINAL_MISSING)
        return
    except Refused as refused:
        out_of_time = isinstance(refused.__cause__, SoftTimeLimitExceeded)
        fail(held, Reason.TOO_COMPLEX if out_of_time else refused.reason)
        return
    _finish(held, state=MediaState.READY, original_key="", **outcome)


def fail(held: Claim, reason: Reason) -> None:
    """The media has failed for good. Its original goes: what cannot be processed cannot be cleaned of
    metadata."""
    _finish(held, state=MediaState.FAILED, reason=reason.value, original_key="")


def recrop(held: Claim) -> None:
    """Cut a new thumbnail of a media that was claimed when `ready`, where its focal point is not the one that
    the present one was cut for.

    Raises StorageUnavailable; the claim is the caller's to give back then."""
    row = _held(held).first()
    if row is None:
        return
    source = _variant(row, CROP_SOURCE)
    if source is None or not _needs_recrop(row):
        release(held)
        return
    try:
        picture = decode_rendition(files.read(source["key"]))
    except FileMissing:
        # Lost from outside; the thumbnail that is there is better than none.
        release(held)
        return
    rendition = crop_thumb(picture, _focal(row))
    new = _store(row, files.new_token(), rendition)
    _finish(held, variants=[*new, *(v for v in row.variants if v["name"] != THUMB)])


def _finish(held: Claim, **outcome: Any) -> None:
    with transaction.atomic():
        _held(held).update(claimed_until=None, updated_at=now(), **outcome)
        withdraw(held.mark)
        # Files that are nobody's go: the original, what was replaced, and where the claim was lost or the row
        # deleted meanwhile, all that was just made.
        emit(Topic.MEDIA, held.media_id)


def follow_media(
    media_ids: Sequence[int], *, enqueue: Callable[[int], Any], enqueue_recrop: Callable[[int], Any]
) -> None:
    """Bring workers and storage in step with the rows, whatever has changed: what waits is handed to a
    worker, what no row names is deleted from the storage. Twice is once. Raises StorageUnavailable."""
    end_expired(media_ids)
    # Listed before the rows are read: a file that a worker adds in between belongs to a claim that is seen.
    stored = {media_id: files.files_of(media_id) for media_id in media_ids}
    rows = {row.pk: row for row in Media.objects.filter(pk__in=media_ids)}
    moment = now()
    handed_over = []
    for media_id in media_ids:
        row = rows.get(media_id)
        if row is None:
            files.delete(stored[media_id])
            files.prune(media_id)
        elif row.claimed_until is not None and row.claimed_until > moment:
            # The worker's own mark, or what it writes in the end, looks again.
            continue
        elif row.state == MediaState.PROCESSING:
            enqueue(media_id)
            handed_over.append(media_id)
        elif row.state in (MediaState.READY, MediaState.FAILED):
            files.delete(stored[media_id] - _named(row))
            files.prune(media_id)
            if _needs_recrop(row):
                enqueue_recrop(media_id)
    _look_again(handed_over, moment + RECHECK)


def _look_again(media_ids: Iterable[int], due_at: datetime) -> None:
    # The broker may lose the task before a worker has claimed the media.
    unfinished = Media.objects.filter(pk__in=list(media_ids), state=MediaState.PROCESSING)
    emit(Topic.MEDIA, *unfinished.values_list("pk", flat=True), due_at=due_at)


def _held(held: Claim) -> QuerySet[Media]:
    return Media.objects.filter(pk=held.media_id, state=held.state, claimed_until=held.until)


def _picture(row: Media) -> dict[str, Any]:
    """Make and store the files of a picture; the columns that change. Raises Refused, FileMissing,
    StorageUnavailable."""
    data = files.read(row.original_key)
    limit: int = settings.MEDIA_IMAGE_MAX_PIXELS
    picture = process_picture(data, row.content_type, focal=_focal(row), max_pixels=limit)
    token = files.new_token()
    return {
        "width": picture.width,
        "height": picture.height,
        "placeholder": picture.placeholder,
        "variants": [v for rendition in picture.renditions for v in _store(row, token, rendition)],
    }


def _video(row: Media) -> dict[str, Any]:
    """The same of a video, whose file is never in memory as a whole."""
    with TemporaryDirectory(prefix="video-") as folder:
        source = Path(folder) / "source"
        files.fetch(row.original_key, source)
        video = process_video(
            source,
            row.content_type,
            focal=_focal(row),
            max_bytes=settings.MEDIA_VIDEO_MAX_BYTES,
            max_pixels=settings.MEDIA_VIDEO_MAX_PIXELS,
            max_seconds=settings.MEDIA_VIDEO_MAX_SECONDS,
        )
        token = files.new_token()
        key = files.served_key(row.pk, token, VIDEO, MP4)
        files.save_file(key, video.path)
        shown: dict[str, Any] = {
            "name": VIDEO,
            "key": key,
            "width": video.width,
            "height": video.height,
            "content_type": MP4,
            "size": video.path.stat().st_size,
        }
    stills = [v for rendition in video.poster.renditions for v in _store(row, token, rendition)]
    return {
        "width": video.width,
        "height": video.height,
        "duration": video.duration,
        "placeholder": video.poster.placeholder,
        "variants": [*stills, shown],
    }


def _store(row: Media, token: str, rendition: Rendition) -> list[dict[str, Any]]:
    key = files.served_key(row.pk, token, rendition.names[-1], rendition.content_type)
    files.save(key, rendition.data)
    facts: dict[str, Any] = {
        "key": key,
        "width": rendition.width,
        "height": rendition.height,
        "content_type": rendition.content_type,
        "size": len(rendition.data),
    }
    if THUMB in rendition.names:
        facts["focal"] = list(_focal(row))
    return [{"name": name, **facts} for name in rendition.names]


def _named(row: Media) -> set[str]:
    return {v["key"] for v in row.variants} | ({row.original_key} if row.original_key else set())


def _variant(row: Media, name: str) -> dict[str, Any] | None:
    return next((v for v in row.variants if v["name"] == name), None)


def _focal(row: Media) -> tuple[float, float]:
    return row.focal_x, row.focal_y


def _needs_recrop(row: Media) -> bool:
    thumb = _variant(row, THUMB)
    return row.state == MediaState.READY and thumb is not None and tuple(thumb["focal"]) != _focal(row)
