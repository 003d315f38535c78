"""Presigned uploads where the storage is a disk: announced, put, completed, aborted (R54, R82)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine

from content.errors import TooManyUploads
from content.media import files
from content.models import Media, MediaKind, MediaState, MediaUpload
from content.services import media
from content.services.media_uploads import LAST_BYTES, Announced, create_upload
from content.tasks import sweep_unattached_media
from content.tests import pictures, videos
from content.tests.kit import together
from content.tests.uploading import PHOTO, Drain, announce, complete, on_disk, put
from project.kernel.clock import now
from project.kernel.viewer import Viewer
from project.outbox.models import OutboxRow
from social.schemas.media import MediaOut


def test_a_file_is_announced_put_completed_and_becomes_ready(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    answer = announce(cast.ada)
    assert answer.status_code == 201
    ticket = answer.json()
    assert ticket.keys() == {"id", "method", "url", "fields", "headers", "expires_at"}
    assert (ticket["method"], ticket["headers"]) == ("POST", {})
    assert cast.ada.api.get(f"/media/{ticket['id']}/").json()["state"] == "pending"
    assert put(ticket).status_code == 204
    response = complete(cast.ada, ticket)
    assert response.status_code == 202
    body = response.json()
    assert (body["id"], body["state"], body["kind"]) == (ticket["id"], "processing", "image")
    drain_outbox()
    body = complete(cast.ada, ticket).json()
    assert (body["state"], body["width"], len(body["variants"])) == ("ready", 900, 5)
    assert MediaOut.model_validate(body).model_dump(mode="json") == body
    row = Media.objects.get()
    assert (row.content_type, row.size, row.sha256) == (
        "image/jpeg",
        len(PHOTO),
        hashlib.sha256(PHOTO).hexdigest(),
    )
    assert on_disk(media_root) == {v["key"] for v in row.variants}


def test_a_video_larger_than_a_direct_upload_comes_this_way(
    cast: Any, drain_outbox: Drain, settings: Any
) -> None:
    settings.MEDIA_DIRECT_MAX_BYTES = 1000
    data = videos.video()
    ticket = announce(cast.ada, data, "video/mp4").json()
    assert put(ticket, data).status_code == 204
    assert complete(cast.ada, ticket).status_code == 202
    drain_outbox()
    body = cast.ada.api.get(f"/media/{ticket['id']}/").json()
    assert (body["kind"], body["state"], body["variants"][-1]["name"]) == ("video", "ready", "video")


def test_a_key_is_random_and_no_field_of_the_request_chooses_it(cast: Any) -> None:
    tickets = [announce(cast.ada).json() for _ in range(3)]
    keys = {upload.key for upload in MediaUpload.objects.all()}
    assert len({key.rsplit("/", 1)[1] for key in keys}) == 3
    assert all(len(key.rsplit("/", 1)[1]) == 32 for key in keys)
    for ticket, upload in zip(tickets, MediaUpload.objects.order_by("pk"), strict=True):
        assert urlsplit(ticket["url"]).path == f"/uploads/{upload.key}"
    for extra in ("key", "filename", "id", "expires_at", "url"):
        changes: dict[str, Any] = {extra: "mine"}
        assert announce(cast.ada, **changes).status_code == 422


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"kind": "video"}, 422, "/content_type"),
        ({"content_type": "image/svg+xml"}, 422, "/content_type"),
        ({"kind": "image", "content_type": "video/mp4"}, 422, "/content_type"),
        ({"content_type": "text/html"}, 422, "/content_type"),
        ({"size": 0}, 422, "/size"),
        ({"size": -1}, 422, "/size"),
        ({"size": "10"}, 422, "/size"),
        ({"size": 10**12}, 413, None),
        ({"sha256": "abc"}, 422, "/sha256"),
        ({"sha256": "z" * 64}, 422, "/sha256"),
        ({"sha256": "a" * 64 + "\n"}, 422, "/sha256"),
    ],
)
def test_what_cannot_become_a_media_is_not_even_announced(
    changes: dict[str, Any], status: int, pointer: str | None, cast: Any
) -> None:
    response = announce(cast.ada, **changes)
    assert response.status_code == status
    if pointer:
        assert pointer in [error["pointer"] for error in response.json()["errors"]]
    assert not Media.objects.exists()


def test_each_kind_has_its_own_largest_size(cast: Any, settings: Any) -> None:
    settings.MEDIA_IMAGE_MAX_BYTES, settings.MEDIA_VIDEO_MAX_BYTES = 100, 200
    for content_type, size, status in (
        ("image/png", 100, 201),
        ("image/png", 101, 413),
        ("video/webm", 200, 201),
        ("video/webm", 201, 413),
    ):
        assert announce(cast.ada, content_type=content_type, size=size).status_code == status


def test_signing_in_is_needed_to_announce_complete_and_abort(cast: Any, anonymous: Any) -> None:
    ticket = announce(cast.ada).json()
    assert anonymous.post("/media/uploads/", {}).status_code == 401
    assert anonymous.post(f"/media/uploads/{ticket['id']}/complete/").status_code == 401
    assert anonymous.delete(f"/media/uploads/{ticket['id']}/").status_code == 401


def test_r82_a_retry_with_the_same_key_is_the_same_upload(cast: Any) -> None:
    headers = {"Idempotency-Key": "up-1"}
    first, again = (announce(cast.ada, headers=headers).json() for _ in range(2))
    assert first == again
    assert announce(cast.ada, size=9, headers=headers).json()["code"] == "idempotency-key-reused"
    assert Media.objects.count() == 1


# ---- completing, aborting, forgetting


def test_completing_at_once_from_many_sides_is_once(
    threaded_cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    ada = threaded_cast.ada
    ticket = announce(ada).json()
    put(ticket)
    answers = together([lambda: complete(ada, ticket)] * 6)
    assert [a.status_code for a in answers] == [202] * 6
    assert {a.json()["id"] for a in answers} == {ticket["id"]}
    drain_outbox()
    row = Media.objects.get()
    assert (row.state, row.attempts) == (MediaState.READY, 1)
    assert on_disk(media_root) == {v["key"] for v in row.variants}


def test_completing_before_the_file_is_there_is_409_and_can_be_repeated(cast: Any) -> None:
    ticket = announce(cast.ada).json()
    response = complete(cast.ada, ticket)
    assert (response.status_code, response.json()["code"]) == (409, "upload-incomplete")
    put(ticket)
    assert complete(cast.ada, ticket).status_code == 202


@pytest.mark.parametrize(
    ("data", "code"),
    [(pictures.bomb(), "too-many-pixels"), (pictures.png((9, 9), colour=2)[:20], "unreadable")],
)
def test_a_picture_is_looked_at_as_in_a_direct_upload(data: bytes, code: str, cast: Any) -> None:
    ticket = announce(cast.ada, data, "image/png").json()
    put(ticket, data)
    response = complete(cast.ada, ticket)
    assert response.status_code == 422
    assert [error["code"] for error in response.json()["errors"]] == [code]


def test_an_abort_takes_the_file_and_the_media(cast: Any, drain_outbox: Drain, media_root: Path) -> None:
    ticket = announce(cast.ada).json()
    put(ticket)
    path = f"/media/uploads/{ticket['id']}/"
    assert cast.ada.api.delete(path).status_code == 204
    drain_outbox()
    assert on_disk(media_root) == set()
    assert not Media.objects.exists()
    assert cast.ada.api.delete(path).status_code == 404
    assert complete(cast.ada, ticket).status_code == 404


def test_what_was_completed_or_is_in_a_draft_cannot_be_aborted(cast: Any) -> None:
    done, held = announce(cast.ada).json(), announce(cast.ada).json()
    put(done)
    complete(cast.ada, done)
    assert cast.ada.api.post("/posts/", {"media": [held["id"]], "state": "draft"}).status_code == 201
    for ticket, code in ((done, "upload-completed"), (held, "media-attached")):
        response = cast.ada.api.delete(f"/media/uploads/{ticket['id']}/")
        assert (response.status_code, response.json()["code"]) == (409, code)


def test_a_pending_media_cannot_be_published(cast: Any) -> None:
    ticket = announce(cast.ada).json()
    response = cast.ada.api.post("/posts/", {"media": [ticket["id"]]})
    assert (response.status_code, response.json()["code"]) == (409, "media-not-ready")


def test_only_so_many_uploads_can_be_open(cast: Any, settings: Any) -> None:
    settings.MEDIA_OPEN_UPLOADS = 2
    first = announce(cast.ada).json()
    assert announce(cast.ada).status_code == 201
    response = announce(cast.ada)
    assert (response.status_code, response.json()["code"]) == (409, "too-many-uploads")
    assert announce(cast.bob).status_code == 201
    cast.ada.api.delete(f"/media/uploads/{first['id']}/")
    assert announce(cast.ada).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_so_many_uploads_are_open_however_many_are_asked_for_at_once(
    threaded_cast: Any, settings: Any
) -> None:
    settings.MEDIA_OPEN_UPLOADS = 5
    actor = Viewer(threaded_cast.ada.id)
    file = Announced(MediaKind.IMAGE, "image/jpeg", 1000, "0" * 64)
    answers = together([lambda: create_upload(actor=actor, file=file)] * 20)
    assert sum(isinstance(answer, TooManyUploads) for answer in answers) == 15
    assert MediaUpload.objects.count() == 5


def test_an_abandoned_upload_is_swept_with_its_file(
    cast: Any, drain_outbox: Drain, media_root: Path, settings: Any
) -> None:
    put(announce(cast.ada).json())
    held = announce(cast.ada).json()
    put(held)
    assert cast.ada.api.post("/posts/", {"media": [held["id"]], "state": "draft"}).status_code == 201
    over = now() + settings.MEDIA_UPLOAD_LIFETIME + LAST_BYTES
    with time_machine.travel(over - timedelta(minutes=1), tick=False):
        drain_outbox()
    assert len(on_disk(media_root)) == 2
    with time_machine.travel(over + timedelta(minutes=1), tick=False):
        drain_outbox()
    assert on_disk(media_root) == set()
    row = Media.objects.get()
    assert (row.pk, row.state, row.reason) == (held["id"], MediaState.FAILED, "upload-expired")
    assert not OutboxRow.objects.filter(topic="media").exists()


def test_what_is_put_at_the_address_after_its_use_goes_too(
    cast: Any, drain_outbox: Drain, media_root: Path, settings: Any
) -> None:
    ticket = announce(cast.ada).json()
    put(ticket)
    complete(cast.ada, ticket)
    drain_outbox()
    # S3 takes a file again for as long as the signature lives.
    files.save(MediaUpload.objects.get().key, b"another")
    over = now() + settings.MEDIA_UPLOAD_LIFETIME + LAST_BYTES + timedelta(minutes=1)
    with time_machine.travel(over, tick=False):
        drain_outbox()
    assert on_disk(media_root) == {v["key"] for v in Media.objects.get().variants}
    assert MediaUpload.objects.count() == 1


def test_the_sweep_of_unused_media_takes_pending_ones_and_a_purge_all(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    put(announce(cast.ada).json())
    put(announce(cast.bob).json())
    assert media.delete_media_of(cast.bob.id) == 1
    with time_machine.travel(now() + media.UNATTACHED_LIFETIME * 1.01, tick=True):
        assert sweep_unattached_media.delay().get() == 1
        drain_outbox()
    assert on_disk(media_root) == set()
    assert not MediaUpload.objects.exists()
