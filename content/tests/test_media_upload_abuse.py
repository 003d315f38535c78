"""Presigned uploads, abused: another size, type, file, key or account, a second time, too late (R54)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from content.errors import UploadExpired
from content.media import receiving
from content.media.links import file_url
from content.models import Media, MediaState, MediaUpload
from content.services.media_uploads import complete_upload
from content.tests import pictures, videos
from content.tests.kit import ready_media
from content.tests.uploading import PHOTO, Drain, announce, complete, mismatches, on_disk, put, with_query
from project.kernel.clock import now
from project.kernel.viewer import Viewer


def test_a_bigger_or_smaller_file_is_refused(cast: Any, media_root: Path) -> None:
    ticket = announce(cast.ada).json()
    assert put(ticket, PHOTO + b"\0").status_code == 413
    assert put(ticket, PHOTO + bytes(600_000)).status_code == 413
    assert put(ticket, PHOTO[:-1]).status_code == 400
    assert put(ticket, b"").status_code == 400
    assert on_disk(media_root) == set()
    assert complete(cast.ada, ticket).json()["code"] == "upload-incomplete"


def test_the_size_is_enforced_while_the_body_is_read_whatever_its_length_says(
    cast: Any, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    take = receiving.ExactUploadHandler.receive_data_chunk

    def counting(self: Any, raw: bytes, start: int) -> None:
        seen.append(len(raw))
        take(self, raw, start)

    monkeypatch.setattr(receiving.ExactUploadHandler, "receive_data_chunk", counting)
    monkeypatch.setattr(receiving, "FORM_OVERHEAD", 100_000_000)
    assert put(announce(cast.ada).json(), PHOTO + bytes(5_000_000)).status_code == 413
    assert sum(seen) < len(PHOTO) + 2 * 65_536
    assert on_disk(media_root) == set()


def test_another_type_is_refused_in_the_field_and_in_the_bytes(cast: Any) -> None:
    ticket = announce(cast.ada).json()
    for value in ("image/png", ["image/jpeg", "text/html"]):
        changes: dict[str, Any] = {"Content-Type": value}
        assert put(ticket, **changes).status_code == 403
    png = pictures.encoded(pictures.quarters(), "PNG")
    for data in (png, b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", videos.video()):
        ticket = announce(cast.ada, data).json()
        assert put(ticket, data).status_code == 204
        assert mismatches(complete(cast.ada, ticket)) == ["/content_type"]
    assert not Media.objects.exclude(state=MediaState.PENDING).exists()


def test_another_file_of_the_same_size_and_type_is_refused(cast: Any, media_root: Path) -> None:
    ticket = announce(cast.ada).json()
    other = bytearray(PHOTO)
    other[-20] ^= 1
    assert put(ticket, bytes(other)).status_code == 204
    assert mismatches(complete(cast.ada, ticket)) == ["/sha256"]
    # It is gone, so that the right one can be put.
    assert on_disk(media_root) == set()
    assert put(ticket).status_code == 204
    assert complete(cast.ada, ticket).status_code == 202


@pytest.mark.parametrize(
    "forge",
    [
        lambda url, other: url.replace("/uploads/", "/uploads/../media/"),
        lambda url, other: f"{urlsplit(other).path}?{urlsplit(url).query}",
        lambda url, other: url.replace("/uploads/", "/uploads/x/"),
        lambda url, other: url.split("?")[0] + "x?" + url.split("?")[1],
        lambda url, other: with_query(url, n="999999999"),
        lambda url, other: with_query(url, t="text/html"),
        lambda url, other: with_query(url, e="99999999999"),
        lambda url, other: with_query(url, e="٣"),
        lambda url, other: with_query(url, n="-1"),
        lambda url, other: with_query(url, n="9" * 40),
        lambda url, other: with_query(url, s=""),
        lambda url, other: with_query(url, s="é\0"),
        lambda url, other: url.split("?")[0],
        lambda url, other: "/uploads/etc/passwd",
        lambda url, other: "/uploads/%00",
        lambda url, other: "/uploads/" + "x" * 3000,
    ],
)
def test_an_address_is_good_for_its_own_key_size_and_type_alone(
    forge: Any, cast: Any, media_root: Path
) -> None:
    mine, other = announce(cast.ada).json(), announce(cast.ada).json()
    assert put(mine, url=forge(mine["url"], other["url"])).status_code in (403, 404)
    assert on_disk(media_root) == set()


def test_a_link_to_read_a_file_is_no_permission_to_put_one(cast: Any, media_root: Path) -> None:
    ticket = announce(cast.ada).json()
    key = MediaUpload.objects.get().key
    signature = dict(parse_qsl(urlsplit(file_url(key)).query))
    assert put(ticket, url=with_query(ticket["url"], **signature)).status_code == 403
    parts = urlsplit(ticket["url"])
    assert put(ticket).status_code == 204
    # Nor can what was put be read, by its own address or by a true link.
    for url in (f"{parts.path}?{parts.query}", file_url(key)):
        address = urlsplit(url)
        response = Client().get(f"{address.path}?{address.query}")
        assert response.status_code in (404, 405)
    assert on_disk(media_root) == {key}


def test_another_account_can_neither_see_complete_nor_abort_an_upload(cast: Any, staff: Any) -> None:
    ticket = announce(cast.ada).json()
    put(ticket)
    for member in (cast.bob, staff):
        assert complete(member, ticket).status_code == 404
        assert member.api.delete(f"/media/uploads/{ticket['id']}/").status_code == 404
    assert cast.bob.api.get(f"/media/{ticket['id']}/").status_code == 404
    assert complete(cast.ada, ticket).status_code == 202
    # A media that was never an upload has nothing to complete.
    assert complete(cast.ada, {"id": ready_media(cast.ada.id)}).status_code == 404
    assert complete(cast.ada, {"id": 2**62}).status_code == 404


def test_an_address_works_once(cast: Any, drain_outbox: Drain, media_root: Path) -> None:
    ticket = announce(cast.ada).json()
    assert [put(ticket).status_code for _ in range(2)] == [204, 409]
    assert complete(cast.ada, ticket).status_code == 202
    assert put(ticket).status_code == 403
    drain_outbox()
    assert put(ticket).status_code == 403
    assert not [name for name in on_disk(media_root) if name.startswith("uploads/")]
    aborted = announce(cast.ada).json()
    assert cast.ada.api.delete(f"/media/uploads/{aborted['id']}/").status_code == 204
    assert put(aborted).status_code == 403


def test_an_address_ends_and_so_does_the_upload(cast: Any, settings: Any) -> None:
    ticket = announce(cast.ada).json()
    put(ticket)
    late = announce(cast.ada).json()
    moment = now()
    end = moment + settings.MEDIA_UPLOAD_LIFETIME
    with time_machine.travel(end - timedelta(seconds=5), tick=False):
        assert put(late, PHOTO[:-1]).status_code == 400
    with time_machine.travel(end + timedelta(seconds=1), tick=False):
        assert put(late).status_code == 403
        # The access token has ended as well, so not through the API.
        with pytest.raises(UploadExpired):
            complete_upload(actor=Viewer(cast.ada.id), upload_id=ticket["id"])


def test_an_upload_that_has_expired_answers_410(cast: Any) -> None:
    ticket = announce(cast.ada).json()
    put(ticket)
    MediaUpload.objects.update(expires_at=now())
    response = complete(cast.ada, ticket)
    assert (response.status_code, response.json()["code"]) == (410, "upload-expired")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 411),
        (b"--x--", "multipart/form-data; boundary=x", 403),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x", 403),
        (b"--x", "multipart/form-data", 400),
        (b"--x", "multipart/form-data; boundary=\xc3\xa9", 400),
        (b"{}", "application/json", 415),
        (PHOTO, "image/jpeg", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_that_is_not_the_form_is_refused(
    body: bytes, content_type: str, status: int, cast: Any, media_root: Path
) -> None:
    parts = urlsplit(announce(cast.ada).json()["url"])
    client = Client(raise_request_exception=False)
    response = client.post(f"{parts.path}?{parts.query}", body, content_type=content_type)
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/plain")
    assert on_disk(media_root) == set()


def test_other_parts_fields_and_methods_are_refused(cast: Any, media_root: Path) -> None:
    ticket = announce(cast.ada).json()
    more = SimpleUploadedFile("b", b"b")
    assert put(ticket, key="media/001/1/x").status_code == 403
    assert put(ticket, other=more).status_code in (400, 413)
    assert put(ticket, file=[SimpleUploadedFile("a", b"a"), more]).status_code == 400
    parts = urlsplit(ticket["url"])
    for method in ("get", "put", "patch", "delete", "head"):
        assert getattr(Client(), method)(f"{parts.path}?{parts.query}").status_code == 405
    assert on_disk(media_root) == set()
