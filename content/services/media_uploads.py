"""Uploads that clients put into the storage themselves: announced, put, completed (R54).

An upload is a media in state `pending` with a `MediaUpload` beside it; both have the same id. What came is not
believed, whatever the storage checked. Completing copies the file to a key that nobody was told, so that it
cannot change any more, and checks size, type and digest of the copy; the worker takes that.

A mark in the outbox, due when the address has ended for good, ends an upload that was never completed, and
takes away what was put at the address after it was used (`end_expired`, by `media_processing.follow_media`)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from content.errors import (
    MediaAttached,
    StorageUnavailable,
    TooManyUploads,
    UploadCompleted,
    UploadExpired,
    UploadIncomplete,
    UploadMismatch,
    UploadTooLarge,
)
from content.media import files
from content.media.files import FileMissing
from content.media.presigning import Permit
from content.media.refusals import Reason
from content.media.sniffing import PICTURE_TYPES, VIDEO_TYPES, picture_size, sniff
from content.models import Media, MediaKind, MediaState, MediaUpload
from content.services.media import release_media
from project.kernel.clock import now
from project.kernel.errors import FieldProblem, NotFound, Unprocessable
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.models import Account

# A storage checks a permit when an upload begins; one that began in the last second may take this long.
LAST_BYTES = timedelta(hours=1)
TYPES = {MediaKind.IMAGE: PICTURE_TYPES, MediaKind.VIDEO: VIDEO_TYPES}


@dataclass(frozen=True, slots=True)
class Announced:
    """The file that a client says it will put. `sha256` is in lower-case hex."""

    kind: MediaKind
    content_type: str
    size: int
    sha256: str


def create_upload(*, actor: Viewer, file: Announced) -> int:
    """A media in state `pending` that waits for `file`; its id.

    Raises Unprocessable for a type that is not of the kind, UploadTooLarge, TooManyUploads."""
    _check(file)
    moment = now()
    expires_at = moment + settings.MEDIA_UPLOAD_LIFETIME
    waiting = MediaUpload.objects.filter(
        media__owner_id=actor.id, media__state=MediaState.PENDING, expires_at__gt=moment
    )
    with transaction.atomic():
        # One at a time, or many at once would each find room.
        Account.objects.select_for_update(no_key=True).only("pk").get(pk=actor.id)
        if waiting.count() >= settings.MEDIA_OPEN_UPLOADS:
            raise TooManyUploads
        media = Media.objects.create(owner_id=actor.id, kind=file.kind, state=MediaState.PENDING)
        MediaUpload.objects.create(
            media=media,
            key=files.upload_key(media.pk),
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            expires_at=expires_at,
        )
        emit(Topic.MEDIA, media.pk, due_at=expires_at + LAST_BYTES)
    return media.pk


def own_upload(actor: Viewer, upload_id: int) -> MediaUpload:
    """An upload of the actor's with its media. Raises NotFound, also for another's."""
    upload = (
        MediaUpload.objects.select_related("media").filter(pk=upload_id, media__owner_id=actor.id).first()
    )
    if upload is None:
        raise NotFound
    return upload


def permit_for(upload: MediaUpload) -> Permit:
    """What the address of the upload permits."""
    return Permit(upload.key, upload.size, upload.content_type, int(upload.expires_at.timestamp()))


def is_awaited(permit: Permit) -> bool:
    """Whether the file of a permit is still waited for: neither completed nor aborted nor over."""
    return MediaUpload.objects.filter(
        key=permit.key, media__state=MediaState.PENDING, expires_at__gt=now()
    ).exists()


def complete_upload(*, actor: Viewer, upload_id: int) -> int:
    """Hand the file that was put to the worker; the id of its media. Again, or at once from two sides: the same
    media, processed once.

    Raises NotFound, UploadExpired, UploadIncomplete, UploadMismatch where the file is not the announced one,
    Unprocessable for a picture that cannot be read or is too large, StorageUnavailable."""
    upload = own_upload(actor, upload_id)
    if upload.media.state != MediaState.PENDING:
        return upload_id
    if upload.expires_at <= now():
        raise UploadExpired
    key = files.original_key(upload_id)
    try:
        try:
            # Before a byte is copied or read: how much there is was nobody's promise.
            _agree(("/size", files.size_of(upload.key) == upload.size))
            files.copy(upload.key, key)
            _inspect(key, upload)
        except FileMissing:
            raise UploadIncomplete from None
    except Unprocessable:
        files.delete([key, upload.key])
        raise
    except UploadIncomplete:
        if Media.objects.filter(pk=upload_id, state=MediaState.PENDING).exists():
            raise
        # Another completion was quicker, and has taken the file.
        return own_upload(actor, upload_id).pk
    if not _hand_over(upload, key):
        with suppress(StorageUnavailable):
            files.delete([key])
        return own_upload(actor, upload_id).pk
    with suppress(StorageUnavailable):
        # What is left goes with the mark of the upload.
        files.delete([upload.key])
    return upload_id


def abort_upload(*, actor: Viewer, upload_id: int) -> None:
    """Forget an upload; what was put goes too. Raises NotFound, UploadCompleted, MediaAttached where a draft
    holds its media."""
    with transaction.atomic():
        upload = own_upload(actor, upload_id)
        media = Media.objects.select_for_update().filter(pk=upload_id).first()
        if media is None:
            raise NotFound
        if media.state != MediaState.PENDING:
            raise UploadCompleted
        if not release_media([upload.pk]):
            raise MediaAttached


def end_expired(media_ids: Iterable[int]) -> None:
    """End those pending media of `media_ids` whose file can come no more: what a draft holds has failed, the
    others are deleted."""
    with transaction.atomic():
        over = Media.objects.select_for_update(of=("self",)).filter(
            pk__in=list(media_ids),
            state=MediaState.PENDING,
            upload__expires_at__lte=now() - LAST_BYTES,
        )
        ids = list(over.order_by("pk").values_list("pk", flat=True))
        if ids:
            release_media(ids)
            kept = Media.objects.filter(pk__in=ids)
            kept.update(state=MediaState.FAILED, reason=Reason.UPLOAD_EXPIRED.value, updated_at=now())
            emit(Topic.MEDIA, *ids)


def _check(file: Announced) -> None:
    if file.content_type not in TYPES[file.kind]:
        raise Unprocessable.field("/content_type", "unsupported_type", _("This kind has no such type."))
    limits = {
        MediaKind.IMAGE: settings.MEDIA_IMAGE_MAX_BYTES,
        MediaKind.VIDEO: settings.MEDIA_VIDEO_MAX_BYTES,
    }
    if file.size > limits[file.kind]:
        raise UploadTooLarge(limits[file.kind])


def _inspect(key: str, upload: MediaUpload) -> None:
    """Raise UploadMismatch unless the file is the announced one, and what a direct upload of a picture raises."""
    found = files.digest(key)
    _agree(
        ("/size", found.size == upload.size),
        ("/content_type", sniff(found.head) == upload.content_type),
        ("/sha256", found.sha256 == upload.sha256),
    )
    if upload.content_type in PICTURE_TYPES:
        picture_size(files.read(key), upload.content_type)


def _agree(*checks: tuple[str, bool]) -> None:
    problems = [
        FieldProblem(pointer, "mismatch", _("The file differs in this from what was announced."))
        for pointer, good in checks
        if not good
    ]
    if problems:
        raise UploadMismatch(errors=problems)


def _hand_over(upload: MediaUpload, key: str) -> bool:
    """Make the copy the media's original; False where another completion did, or the media is gone."""
    with transaction.atomic():
        waiting = Media.objects.filter(pk=upload.pk, state=MediaState.PENDING)
        handed = waiting.update(
            state=MediaState.PROCESSING,
            original_key=key,
            content_type=upload.content_type,
            size=upload.size,
            sha256=upload.sha256,
            updated_at=now(),
        )
        if handed:
            emit(Topic.MEDIA, upload.pk)
    return bool(handed)
