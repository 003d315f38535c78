"""The same life of a media where files lie in S3 (played by moto): stored, served by the bucket itself, deleted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3  # type: ignore[import-untyped]
import pytest
import requests
from moto import mock_aws

from content.hydration_media import load_media, present_media
from content.media.links import window_end
from content.models import Media, MediaState
from content.services import media
from content.tests import pictures
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
