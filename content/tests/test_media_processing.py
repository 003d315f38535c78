"""Uploads become media that are ready, exactly once, whatever dies on the way; files follow their rows (R54,
R80)."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import FileSystemStorage
from django.db import connection

from content.media import files
from content.media.sniffing import inspect_upload
from content.models import Media, MediaState
from content.services import media, media_processing
from content.services.media_describing import update_media
from content.services.media_processing import CLAIM_LEASE, MAX_ATTEMPTS, RECHECK, claim, follow_media
from content.tasks import STORAGE_RETRIES, process_media, sweep_unattached_media
from content.tests import pictures
from project.celery import app as celery_app
from project.kernel.clock import now
from project.kernel.viewer import Viewer
from project.outbox.models import OutboxRow
from social.models import Profile

Drain = Callable[[], int]


class FlakyStorage(FileSystemStorage):
    """A disk that does not answer the next `failures` times that a file is read."""

    failures = 0

    def open(self, name: str, mode: str = "rb") -> Any:
        if FlakyStorage.failures:
            FlakyStorage.failures -= 1
            raise ConnectionError("the storage is away")
        return super().open(name, mode)


@pytest.fixture
def flaky(settings: Any, media_root: Path) -> Iterator[type[FlakyStorage]]:
    """The storage is a FlakyStorage, and tasks end as in a worker: a retry is a task of its own, errors stay
    there."""
    default = {"BACKEND": f"{__name__}.FlakyStorage", "OPTIONS": {"location": str(media_root)}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
    FlakyStorage.failures = 0
    celery_app.conf.task_eager_propagates = False
    yield FlakyStorage
    celery_app.conf.task_eager_propagates = True


def upload(owner: Any, data: bytes | None = None, **fields: Any) -> Media:
    return media.create_media_of_bytes(owner_id=owner.id, data=data or pictures.photo(), **fields)


def on_disk(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def waiting_marks() -> int:
    return OutboxRow.objects.filter(topic="media").count()


def test_an_upload_becomes_ready_and_only_derived_files_stay(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    row = upload(cast.ada, alt_text="hills")
    assert row.state == MediaState.PROCESSING
    assert on_disk(media_root) == {row.original_key}
    drain_outbox()
    row.refresh_from_db()
    assert (row.state, row.width, row.height, row.reason) == (MediaState.READY, 900, 600, "")
    assert (row.original_key, row.claimed_until, row.attempts) == ("", None, 1)
    assert {v["name"] for v in row.variants} == {"thumb", "small", "medium", "large", "large_jpeg"}
    assert on_disk(media_root) == {v["key"] for v in row.variants}
    assert waiting_marks() == 0


def test_an_address_tells_nothing_about_another(cast: Any, drain_outbox: Drain) -> None:
    rows = [upload(cast.ada), upload(cast.ada)]
    tokens = {row.original_key.split("/")[3] for row in rows}
    drain_outbox()
    for row in rows:
        row.refresh_from_db()
        tokens |= {v["key"].split("/")[3] for v in row.variants}
    # One for each original and one for each run of the worker, all of 128 bits.
    assert len(tokens) == 4
    assert all(len(token) == 32 for token in tokens)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pictures.photo()[:9000], "undecodable"),
        (pictures.encoded(pictures.quarters((600, 600)), "PNG")[:400], "undecodable"),
        (pictures.many_scans(100), "too-complex"),
    ],
)
def test_what_cannot_be_decoded_fails_with_a_reason_and_leaves_no_file(
    data: bytes, reason: str, cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    row = upload(cast.ada, data)
    drain_outbox()
    row.refresh_from_db()
    assert (row.state, row.reason, row.variants) == (MediaState.FAILED, reason, [])
    assert on_disk(media_root) == set()


def test_a_lost_original_fails_with_its_own_reason(cast: Any, drain_outbox: Drain) -> None:
    row = upload(cast.ada)
    files.delete([row.original_key])
    drain_outbox()
    row.refresh_from_db()
    assert (row.state, row.reason) == (MediaState.FAILED, "original-missing")


def test_processing_twice_is_once(cast: Any, drain_outbox: Drain, media_root: Path) -> None:
    row = upload(cast.ada)
    drain_outbox()
    row.refresh_from_db()
    before, stored = row.updated_at, on_disk(media_root)
    process_media.delay(row.pk)
    follow_media([row.pk, row.pk], enqueue=process_media.delay, enqueue_recrop=process_media.delay)
    drain_outbox()
    row.refresh_from_db()
    assert (row.updated_at, row.attempts, on_disk(media_root)) == (before, 1, stored)


def test_a_media_is_claimed_by_one_worker_only(threaded_cast: Any) -> None:
    row = upload(threaded_cast.ada)
    barrier, claims = threading.Barrier(8), []

    def work() -> None:
        barrier.wait()
        claims.append(claim(row.pk))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([held for held in claims if held is not None]) == 1
    assert len(claims) == 8


def test_two_workers_at_once_leave_one_set_of_files(
    threaded_cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    row = upload(threaded_cast.ada)
    threads = [threading.Thread(target=_process_and_close, args=(row.pk,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    drain_outbox()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (MediaState.READY, 1)
    assert on_disk(media_root) == {v["key"] for v in row.variants}


def _process_and_close(media_id: int) -> None:
    process_media.delay(media_id)
    connection.close()


def test_the_picture_of_a_worker_that_died_is_taken_over_when_its_claim_ends(
    cast: Any, drain_outbox: Drain
) -> None:
    row = upload(cast.ada)
    assert claim(row.pk) is not None
    drain_outbox()
    row.refresh_from_db()
    assert row.state == MediaState.PROCESSING
    with time_machine.travel(now() + CLAIM_LEASE, tick=True):
        drain_outbox()
    row.refresh_from_db()
    assert (row.state, row.attempts) == (MediaState.READY, 2)


def test_a_picture_that_kills_every_worker_fails_in_the_end(cast: Any, drain_outbox: Drain) -> None:
    row = upload(cast.ada)
    moment = now()
    for turn in range(MAX_ATTEMPTS):
        with time_machine.travel(moment + turn * CLAIM_LEASE, tick=False):
            assert claim(row.pk) is not None
    with time_machine.travel(moment + MAX_ATTEMPTS * CLAIM_LEASE, tick=True):
        drain_outbox()
    row.refresh_from_db()
    assert (row.state, row.reason) == (MediaState.FAILED, "processing-failed")


def test_a_task_that_the_broker_lost_is_sent_again(cast: Any, drain_outbox: Drain) -> None:
    row = upload(cast.ada)
    OutboxRow.objects.all().delete()
    lost: list[int] = []
    follow_media([row.pk], enqueue=lost.append, enqueue_recrop=lost.append)
    assert lost == [row.pk]
    drain_outbox()
    row.refresh_from_db()
    assert row.state == MediaState.PROCESSING
    with time_machine.travel(now() + RECHECK, tick=True):
        drain_outbox()
    row.refresh_from_db()
    assert row.state == MediaState.READY


def test_a_storage_that_does_not_answer_is_tried_again(cast: Any, drain_outbox: Drain, flaky: Any) -> None:
    row = upload(cast.ada)
    flaky.failures = 3
    drain_outbox()
    row.refresh_from_db()
    # The outages were not the picture's fault and count for nothing.
    assert (row.state, row.attempts) == (MediaState.READY, 1)
    assert waiting_marks() == 0


def test_a_storage_that_stays_away_leaves_the_media_waiting(
    cast: Any, drain_outbox: Drain, flaky: Any
) -> None:
    row = upload(cast.ada)
    flaky.failures = 1000
    drain_outbox()
    assert flaky.failures == 1000 - 1 - STORAGE_RETRIES
    row.refresh_from_db()
    assert (row.state, row.claimed_until, row.attempts) == (MediaState.PROCESSING, None, 0)
    flaky.failures = 0
    with time_machine.travel(now() + RECHECK, tick=True):
        drain_outbox()
    row.refresh_from_db()
    assert row.state == MediaState.READY


def test_the_files_of_a_worker_that_finds_its_media_deleted_go(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    row = upload(cast.ada)
    held = claim(row.pk)
    assert held is not None
    working = Media.objects.get(pk=row.pk)
    media.delete_media(actor=Viewer(cast.ada.id), media_id=row.pk)
    drain_outbox()
    assert on_disk(media_root) == set()
    # The worker has read the original before, and stores what it made of it.
    files.save(files.served_key(working.pk, files.new_token(), "large", "image/webp"), b"late")
    media_processing._finish(held, state=MediaState.READY, variants=[])
    drain_outbox()
    assert on_disk(media_root) == set()
    assert not Media.objects.filter(pk=row.pk).exists()


def test_an_upload_that_got_no_row_leaves_no_file(cast: Any, drain_outbox: Drain, media_root: Path) -> None:
    data = pictures.photo()
    with media.stored(inspect_upload(io.BytesIO(data), size=len(data))):
        # Nothing makes a media of it.
        assert len(on_disk(media_root)) == 1
    drain_outbox()
    assert on_disk(media_root) == set()
    assert waiting_marks() == 0


def test_an_upload_whose_process_died_leaves_no_file_once_its_mark_is_due(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    data = pictures.photo()
    upload_and_die = media.stored(inspect_upload(io.BytesIO(data), size=len(data)))
    # Entered and never left: nothing after the file was stored has run.
    upload_and_die.__enter__()
    drain_outbox()
    assert len(on_disk(media_root)) == 1
    with time_machine.travel(now() + media.UPLOAD_LEASE, tick=True):
        drain_outbox()
    assert on_disk(media_root) == set()


def test_a_new_focal_point_is_followed_by_a_new_thumbnail(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    row = upload(cast.ada, pictures.encoded(pictures.quarters((900, 300)), "PNG"))
    drain_outbox()
    row.refresh_from_db()
    before = {v["name"]: v["key"] for v in row.variants}
    update_media(actor=Viewer(cast.ada.id), media_id=row.pk, changes={"focal_x": 1.0})
    drain_outbox()
    row.refresh_from_db()
    after = {v["name"]: v["key"] for v in row.variants}
    assert before.pop("thumb") != after.pop("thumb")
    assert before == after
    assert on_disk(media_root) == {v["key"] for v in row.variants}
    assert (row.claimed_until, waiting_marks()) == (None, 0)
    # The same again changes nothing.
    update_media(actor=Viewer(cast.ada.id), media_id=row.pk, changes={"alt_text": "quarters"})
    drain_outbox()
    assert {v["key"] for v in Media.objects.get(pk=row.pk).variants} == {v["key"] for v in row.variants}


def test_a_deleted_media_leaves_the_storage_with_files_of_every_size_and_folders(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    row, other = upload(cast.ada), upload(cast.ada, pictures.photo(2))
    drain_outbox()
    media.delete_media(actor=Viewer(cast.ada.id), media_id=row.pk)
    drain_outbox()
    other.refresh_from_db()
    assert on_disk(media_root) == {v["key"] for v in other.variants}
    assert not list(media_root.glob(f"*/*/{row.pk}"))


def test_uploads_that_nothing_uses_go_after_a_day(cast: Any, drain_outbox: Drain, media_root: Path) -> None:
    old, avatar = upload(cast.ada), upload(cast.ada)
    failed = upload(cast.bob, pictures.photo()[:9000])
    Profile.objects.filter(account_id=cast.ada.id).update(avatar_media_id=avatar.pk)
    drain_outbox()
    moment = now()
    with time_machine.travel(moment + media.UNATTACHED_LIFETIME * 0.99, tick=True):
        young = upload(cast.bob)
        assert sweep_unattached_media.delay().get() == 0
    with time_machine.travel(moment + media.UNATTACHED_LIFETIME * 1.01, tick=True):
        assert sweep_unattached_media.delay().get() == 2
        assert sweep_unattached_media.delay().get() == 0
        drain_outbox()
    assert set(Media.objects.values_list("pk", flat=True)) == {avatar.pk, young.pk}
    assert not {old.pk, failed.pk} & {int(name.split("/")[2]) for name in on_disk(media_root)}


def test_everything_of_an_account_can_be_purged_twice(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    mine, theirs = upload(cast.ada), upload(cast.bob)
    drain_outbox()
    assert media.delete_media_of(cast.ada.id) == 1
    assert media.delete_media_of(cast.ada.id) == 0
    drain_outbox()
    assert {int(name.split("/")[2]) for name in on_disk(media_root)} == {theirs.pk}
    assert not Media.objects.filter(pk=mine.pk).exists()
