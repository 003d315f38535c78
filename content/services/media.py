"""Uploading, attaching and deleting media. What the worker does is in `media_processing`, what an owner says of a
media in `media_describing`, what clients put into the storage themselves in `media_uploads`.

An upload is a row and a file, which cannot commit together. So a mark in the outbox commits first, due after
a lease; then the file is stored; then the row commits and takes the mark back. After a crash between any two
of these steps the mark falls due, finds no row, and the file goes (see `media_processing.follow_media`)."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from content.access import access_media
from content.errors import MediaAttached, MediaNotReady
from content.media import files
from content.media.sniffing import Upload, inspect_upload
from content.models import Media, MediaKind, MediaState, PostMedia, Story
from project.kernel.clock import now
from project.kernel.errors import FieldProblem, Forbidden, NotFound, Unprocessable
from project.kernel.viewer import Viewer
from project.outbox.emit import emit, make_due, withdraw
from project.outbox.topics import Topic
from social.models import Profile

# Longer than any upload takes, shorter than anybody minds a file without a row.
UPLOAD_LEASE = timedelta(hours=1)
# How long an upload may wait to be used (R54).
UNATTACHED_LIFETIME = timedelta(hours=24)
SWEEP_BATCH = 200


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A file in the storage that has no row yet, under the id that its row will have."""

    media_id: int
    key: str
    mark: list[int]
    upload: Upload


@contextmanager
def stored(upload: Upload) -> Iterator[StoredUpload]:
    """The upload's file in the storage, for as long as `create_media` needs to make it a media.

    What was not made one by the end is deleted by the relay. Raises StorageUnavailable."""
    media_id = _next_id()
    mark = emit(Topic.MEDIA, media_id, due_at=now() + UPLOAD_LEASE)
    try:
        key = files.original_key(media_id)
        files.save(key, upload.data)
        yield StoredUpload(media_id, key, mark, upload)
    finally:
        # Does nothing where `create_media` took the mark back.
        make_due(mark)


def create_media(*, owner_id: int, file: StoredUpload, alt_text: str = "") -> Media:
    """A media in state `processing`; the worker takes it from here."""
    upload = file.upload
    with transaction.atomic():
        media = Media.objects.create(
            pk=file.media_id,
            owner_id=owner_id,
            kind=MediaKind.VIDEO if upload.is_video else MediaKind.IMAGE,
            state=MediaState.PROCESSING,
            alt_text=alt_text,
            original_key=file.key,
            content_type=upload.content_type,
            size=len(upload.data),
            sha256=upload.sha256,
        )
        withdraw(file.mark)
        emit(Topic.MEDIA, media.pk)
    return media


def create_media_of_bytes(*, owner_id: int, data: bytes, alt_text: str = "") -> Media:
    """`create_media` for code that has a whole file at hand, such as seeds and tests. Raises as an upload
    does."""
    with stored(inspect_upload(io.BytesIO(data), size=len(data))) as file:
        return create_media(owner_id=owner_id, file=file, alt_text=alt_text)


def delete_media(*, actor: Viewer, media_id: int) -> None:
    """Delete an own media that nothing shows. Raises NotFound, Forbidden where it is another's,
    MediaAttached, GraphUnavailable."""
    row = access_media(actor, media_id)
    if not actor.owns(row.owner_id):
        raise Forbidden
    with transaction.atomic():
        if not Media.objects.select_for_update().filter(pk=media_id).exists():
            raise NotFound
        if not _delete_unattached(Media.objects.filter(pk=media_id)):
            raise MediaAttached


def require_attachable(
    media_ids: Sequence[int], owner_id: int, *, post_id: int | None = None
) -> dict[int, MediaState]:
    """Lock `media_ids` for attaching them to something of `owner_id`; media id → state, in the order given.

    Call it inside the transaction that attaches. What is attached to the post `post_id` already may stay
    there. Raises Unprocessable pointing at `/media/N` for ids that are unknown, another's or named twice,
    MediaAttached for what is shown elsewhere."""
    ids = list(media_ids)
    # In the order of ids, so that two posts that are written at once never wait for each other.
    rows = Media.objects.select_for_update().filter(pk__in=ids, owner_id=owner_id).order_by("pk")
    states = {pk: MediaState(state) for pk, state in rows.values_list("pk", "state")}
    problems = [
        FieldProblem(f"/media/{at}", code, message)
        for at, media_id in enumerate(ids)
        for code, message in _misfits(media_id, ids[:at], states)
    ]
    if problems:
        raise Unprocessable(errors=problems)
    taken = PostMedia.objects.filter(media_id__in=ids)
    if post_id is not None:
        taken = taken.exclude(post_id=post_id)
    if taken.exists() or Story.objects.filter(media_id__in=ids).exists():
        raise MediaAttached
    return {media_id: states[media_id] for media_id in ids}


def require_ready(media_ids: Sequence[int], owner_id: int, *, post_id: int | None = None) -> list[int]:
    """`require_attachable`, and all of them ready to be published (R54); the ids in the order given.

    Raises MediaNotReady as well."""
    states = require_attachable(media_ids, owner_id, post_id=post_id)
    if any(state != MediaState.READY for state in states.values()):
        raise MediaNotReady
    return list(states)


def release_media(media_ids: Iterable[int]) -> int:
    """Delete those of `media_ids` that nothing shows any more; returns how many.

    Call it inside the transaction that took them out of a post or a profile: what is replaced or deleted
    leaves the storage (R54)."""
    ids = list(
        Media.objects.select_for_update()
        .filter(pk__in=set(media_ids))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return _delete_unattached(Media.objects.filter(pk__in=ids)) if ids else 0


def delete_media_of(owner_id: int) -> int:
    """Delete every media of an account that is being purged, after what showed them (R17); returns how many.

    Can be run again: files go by the outbox."""
    with transaction.atomic():
        return _delete(Media.objects.filter(owner_id=owner_id))


def sweep_unattached(*, moment: Any = None) -> int:
    """Delete uploads that nothing has used for 24 hours; returns how many."""
    before = (moment or now()) - UNATTACHED_LIFETIME
    count = 0
    while True:
        with transaction.atomic():
            old = unattached(Media.objects.filter(created_at__lt=before))
            ids = list(
                old.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[
                    :SWEEP_BATCH
                ]
            )
            deleted = _delete_unattached(Media.objects.filter(pk__in=ids)) if ids else 0
        count += deleted
        if not deleted:
            return count


def unattached(media: QuerySet[Media]) -> QuerySet[Media]:
    """Those of `media` that no post, story or avatar shows. What comes to show media is added here."""
    avatar = Profile.objects.filter(account_id=OuterRef("owner_id"), avatar_media_id=OuterRef("pk"))
    post = PostMedia.objects.filter(media_id=OuterRef("pk"))
    story = Story.objects.filter(media_id=OuterRef("pk"))
    return media.filter(~Exists(post), ~Exists(story), ~Exists(avatar))


def _misfits(media_id: int, earlier: Sequence[int], known: Collection[int]) -> Iterator[tuple[str, str]]:
    if media_id not in known:
        # Another's media and one that never was: the same words.
        yield "unknown_media", _("There is no such media of yours.")
    elif media_id in earlier:
        yield "duplicate", _("The same media is named twice.")


def _delete_unattached(media: QuerySet[Media]) -> int:
    return _delete(unattached(media))


def _delete(media: QuerySet[Media]) -> int:
    ids = list(media.values_list("pk", flat=True))
    if ids:
        Media.objects.filter(pk__in=ids).delete()
        emit(Topic.MEDIA, *ids)
    return len(ids)


def _next_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [Media._meta.db_table])
        row = cursor.fetchone()
    assert row is not None, "a sequence always answers"
    return int(row[0])
