"""The same life of a media where files lie in S3 (played by moto): put, stored, served by the bucket itself,
deleted. moto enforces no condition of a presigned POST, so that what S3 would refuse arrives here, and has to be
refused by `complete`."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3  # type: ignore[import-untyped]
import pytest
import requests
import time_machine
from moto import mock_aws

from content.hydration_media import load_media, present_media
from content.media.links import window_end
from content.models import Media, MediaState, MediaUpload
from content.services import media
from content.services.media_uploads import LAST_BYTES
from content.tests import pictures, videos
from content.tests.kit import publish
from project.kernel.clock import now
from project.kernel.viewer import Viewer

BUCKET = "pictures"


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch, media_root: Any) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    options = {
        "bucket_name": BUCKET,
        "region_name": "us-east-1",
        "querystring_auth": True,
        "default_acl": None,
        "signature_version": "s3v4",
    }
    s3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)
        settings.STORAGES = {**settings.STORAGES, "default": s3}
        yield boto3.resource("s3", region_name="us-east-1").Bucket(BUCKET)


def test_a_media_in_s3_is_made_linked_and_deleted(
    cast: Any, drain_outbox: Callable[[], int], bucket: Any
) -> None:
    row = media.create_media_of_bytes(owner_id=cast.ada.id, data=pictures.photo())
    assert {o.key for o in bucket.objects.all()} == {row.original_key}
    drain_outbox()
    row.refresh_from_db()
    assert row.state == MediaState.READY
    assert {o.key for o in bucket.objects.all()} == {v["key"] for v in row.variants}

    for variant in present_media(load_media([row.pk])[row.pk])["variants"]:
        response = requests.get(variant["url"], timeout=5)
        assert (response.status_code, response.headers["Content-Type"]) == (200, variant["content_type"])
        query = parse_qs(urlsplit(variant["url"]).query)
        left = int((query.get("X-Amz-Expires") or [0])[0]) or int(query["Expires"][0]) - time.time()
        assert 0 < left <= 300

    media.delete_media(actor=Viewer(cast.ada.id), media_id=row.pk)
    drain_outbox()
    assert not list(bucket.objects.all())
    assert not Media.objects.exists()


@pytest.mark.usefixtures("bucket")
def test_links_into_s3_are_the_same_for_a_window_and_end_with_it() -> None:
    from content.media.links import file_url

    key, moment = "media/001/1/abc/thumb.webp", time.time()
    first = file_url(key, moment=moment)
    time.sleep(1.1)
    assert file_url(key, moment=moment) == first
    query = parse_qs(urlsplit(first).query)
    end = int(query["Expires"][0]) if "Expires" in query else None
    assert end is None or abs(end - window_end(moment)) <= 1


# ---- presigned uploads

PHOTO = pictures.photo()


def announce(member: Any, data: bytes = PHOTO, content_type: str = "image/jpeg") -> dict[str, Any]:
    body = {
        "kind": content_type.split("/")[0],
        "content_type": content_type,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    response = member.api.post("/media/uploads/", body)
    assert response.status_code == 201, response.content
    return dict(response.json())


def put(ticket: dict[str, Any], data: bytes = PHOTO, **changes: str) -> int:
    fields = {**ticket["fields"], **changes}
    return requests.post(ticket["url"], data=fields, files={"file": data}, timeout=5).status_code


def complete(member: Any, ticket: dict[str, Any]) -> Any:
    return member.api.post(f"/media/uploads/{ticket['id']}/complete/")


def keys(bucket: Any) -> set[str]:
    return {found.key for found in bucket.objects.all()}


@pytest.mark.parametrize("kind", ["image", "video"])
def test_a_file_put_into_the_bucket_becomes_ready_and_leaves_it_in_every_size(
    kind: str, cast: Any, drain_outbox: Callable[[], int], bucket: Any
) -> None:
    data, content_type = (
        (PHOTO, "image/jpeg") if kind == "image" else (videos.video(secret=True), "video/mp4")
    )
    ticket = announce(cast.ada, data, content_type)
    assert put(ticket, data) in (200, 204)
    assert keys(bucket) == {MediaUpload.objects.get().key}
    assert complete(cast.ada, ticket).status_code == 202
    assert keys(bucket) == {Media.objects.get().original_key}
    drain_outbox()
    row = Media.objects.get()
    assert (row.state, row.kind) == (MediaState.READY, kind)
    assert keys(bucket) == {v["key"] for v in row.variants}
    for variant in cast.ada.api.get(f"/media/{row.pk}/").json()["variants"]:
        response = requests.get(variant["url"], timeout=5)
        assert (response.status_code, response.headers["Content-Type"]) == (200, variant["content_type"])
    # A new thumbnail replaces the old one; a post that goes takes all of them.
    post = publish(cast.ada, media=[row.pk])
    cast.ada.api.patch(f"/media/{row.pk}/", {"focal_x": 0})
    drain_outbox()
    assert (
        keys(bucket) == {v["key"] for v in Media.objects.get().variants} != {v["key"] for v in row.variants}
    )
    assert cast.ada.api.delete(f"/posts/{post['id']}/").status_code == 204
    drain_outbox()
    assert keys(bucket) == set()


@pytest.mark.usefixtures("bucket")
def test_the_policy_that_s3_enforces_names_key_size_type_and_end(cast: Any) -> None:
    ticket = announce(cast.ada)
    upload = MediaUpload.objects.get()
    policy = json.loads(base64.b64decode(ticket["fields"]["policy"]))
    conditions = policy["conditions"]
    assert {"key": upload.key} in conditions
    assert {"bucket": BUCKET} in conditions
    assert {"Content-Type": "image/jpeg"} in conditions
    assert ["content-length-range", len(PHOTO), len(PHOTO)] in conditions
    assert ["starts-with", "$key", ""] not in conditions
    end = time.mktime(time.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%SZ")) - time.timezone
    assert abs(end - upload.expires_at.timestamp()) <= 2
    assert (ticket["fields"]["key"], ticket["fields"]["Content-Type"]) == (upload.key, "image/jpeg")


@pytest.mark.parametrize(
    ("data", "pointers"),
    [
        (PHOTO + b"\0", ["/size"]),
        (PHOTO[:-1], ["/size"]),
        (b"", ["/size"]),
        (b"<html>".ljust(len(PHOTO)), ["/content_type", "/sha256"]),
        (pictures.encoded(pictures.quarters(), "PNG").ljust(len(PHOTO), b"\0"), ["/content_type", "/sha256"]),
        (PHOTO[:-9] + b"\1" * 9, ["/sha256"]),
    ],
)
def test_bigger_smaller_other_types_and_other_bytes_are_refused_by_complete(
    data: bytes, pointers: list[str], cast: Any, drain_outbox: Callable[[], int], bucket: Any
) -> None:
    ticket = announce(cast.ada)
    put(ticket, data, **{"Content-Type": "image/jpeg"})
    response = complete(cast.ada, ticket)
    assert (response.status_code, response.json()["code"]) == (422, "upload-mismatch")
    assert [error["pointer"] for error in response.json()["errors"]] == pointers
    drain_outbox()
    assert keys(bucket) == set()
    assert Media.objects.get().state == MediaState.PENDING


def test_a_file_under_another_key_is_never_taken(
    cast: Any, drain_outbox: Callable[[], int], bucket: Any
) -> None:
    mine, theirs = announce(cast.ada), announce(cast.bob)
    put(mine, key=theirs["fields"]["key"])
    response = complete(cast.ada, mine)
    assert (response.status_code, response.json()["code"]) == (409, "upload-incomplete")
    assert complete(cast.ada, theirs).status_code == complete(cast.bob, mine).status_code == 404
    # What somebody else put is judged as one's own is.
    put(mine, b"<html>", key=theirs["fields"]["key"])
    assert complete(cast.bob, theirs).status_code == 422
    drain_outbox()
    assert keys(bucket) == set()


def test_a_file_that_is_put_again_after_complete_changes_nothing_and_is_swept(
    cast: Any, drain_outbox: Callable[[], int], bucket: Any, settings: Any
) -> None:
    ticket = announce(cast.ada)
    put(ticket)
    assert complete(cast.ada, ticket).status_code == 202
    evil = videos.video(secret=True)
    put(ticket, evil)
    drain_outbox()
    row = Media.objects.get()
    assert (row.state, row.width, row.sha256) == (MediaState.READY, 900, hashlib.sha256(PHOTO).hexdigest())
    # And again after that: nothing looks there until the signature has ended for good.
    put(ticket, evil)
    assert complete(cast.ada, ticket).json()["state"] == "ready"
    with time_machine.travel(now() + settings.MEDIA_UPLOAD_LIFETIME + LAST_BYTES, tick=True):
        drain_outbox()
    assert keys(bucket) == {v["key"] for v in Media.objects.get().variants}


def test_what_is_put_after_an_abort_is_swept(
    cast: Any, drain_outbox: Callable[[], int], bucket: Any, settings: Any
) -> None:
    ticket = announce(cast.ada)
    assert cast.ada.api.delete(f"/media/uploads/{ticket['id']}/").status_code == 204
    drain_outbox()
    put(ticket)
    assert complete(cast.ada, ticket).status_code == 404
    with time_machine.travel(now() + settings.MEDIA_UPLOAD_LIFETIME + LAST_BYTES, tick=True):
        drain_outbox()
    assert keys(bucket) == set()


def test_an_expired_upload_is_refused_and_swept(
    cast: Any, drain_outbox: Callable[[], int], bucket: Any, settings: Any
) -> None:
    ticket = announce(cast.ada)
    put(ticket)
    MediaUpload.objects.update(expires_at=now())
    response = complete(cast.ada, ticket)
    assert (response.status_code, response.json()["code"]) == (410, "upload-expired")
    with time_machine.travel(now() + settings.MEDIA_UPLOAD_LIFETIME + LAST_BYTES, tick=True):
        drain_outbox()
    assert keys(bucket) == set()
    assert not Media.objects.exists()


@pytest.mark.usefixtures("bucket")
def test_the_local_address_takes_nothing_where_the_storage_is_s3(cast: Any, anonymous: Any) -> None:
    announce(cast.ada)
    key = MediaUpload.objects.get().key
    assert anonymous.client.post(f"/uploads/{key}?e=9999999999&n=1&t=image/jpeg&s=x").status_code == 403
