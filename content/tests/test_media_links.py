"""Signed links (R55): they end within five minutes, and nothing but the exact link opens the file."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from content.media.links import FILES_PATH, file_url, remaining, window_end
from content.media.serving import serve_file
from project.kernel.guards import no_queries

KEY = "media/007/7/0123456789abcdef0123456789abcdef/thumb.webp"
BODY = b"RIFF....WEBPVP8 "


def open_link(url: str, method: str = "get", **options: Any) -> HttpResponseBase:
    parts = urlsplit(url)
    request = getattr(RequestFactory(), method)(f"{parts.path}?{parts.query}", **options)
    return serve_file(request, parts.path.removeprefix(FILES_PATH))


def body_of(response: HttpResponseBase) -> bytes:
    return b"".join(response)


@pytest.fixture
def stored() -> str:
    return default_storage.save(KEY, ContentFile(BODY))


@pytest.mark.parametrize("moment", [0, 1, 149.9, 150, 1_700_000_000.5, 1_800_000_149])
def test_a_link_lives_one_to_two_windows_and_never_more_than_five_minutes(moment: float) -> None:
    assert 150 <= window_end(moment) - moment <= 300
    assert window_end(moment) % 150 == 0


def test_all_who_ask_within_one_window_get_the_same_link() -> None:
    start = 1_700_000_100.0
    assert start % 150 == 0
    assert file_url(KEY, moment=start) == file_url(KEY, moment=start + 149.9)
    assert file_url(KEY, moment=start) != file_url(KEY, moment=start + 150)


@pytest.mark.django_db
def test_making_a_link_asks_no_store() -> None:
    with no_queries():
        assert file_url(KEY).startswith("http")


def test_a_link_opens_its_file_with_the_type_it_has(stored: str, settings: Any) -> None:
    url = file_url(stored)
    assert url.startswith(f"{settings.PUBLIC_URL}/files/media/")
    response = open_link(url)
    assert (response.status_code, body_of(response)) == (200, BODY)
    assert response["Content-Type"] == "image/webp"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == 'inline; filename="thumb.webp"'
    assert response["Content-Length"] == str(len(BODY))
    assert response["Cache-Control"].startswith("private, max-age=")
    assert "sandbox" in response["Content-Security-Policy"]
    assert open_link(url, "head").status_code == 200
    assert open_link(url, "post").status_code == 405


def test_caches_may_keep_a_file_no_longer_than_its_link_lives(stored: str) -> None:
    url = file_url(stored)
    left = int(parse_qs(urlsplit(url).query)["e"][0]) - time.time()
    age = int(open_link(url)["Cache-Control"].split("max-age=")[1].split(",")[0])
    assert left - 2 <= age <= left


def test_an_expired_link_opens_nothing(stored: str) -> None:
    moment = time.time()
    expired = file_url(stored, moment=moment - 301)
    assert open_link(expired).status_code == 404
    end = window_end(moment)
    query = parse_qs(urlsplit(file_url(stored, moment=moment)).query)
    assert remaining(stored, query["e"][0], query["s"][0], moment=end - 0.1) > 0
    assert remaining(stored, query["e"][0], query["s"][0], moment=end) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.replace("thumb.webp", "large.webp"),
        lambda url: url.replace("media/007/7/", "media/008/8/"),
        lambda url: url.replace("?e=", "?e=9"),
        lambda url: url.split("&s=")[0],
        lambda url: url.split("?")[0],
        lambda url: url.replace("&s=", "&s=A"),
        lambda url: url[:-1],
        lambda url: url.split("?e=")[0] + "?e=99999999999999999999&s=" + url.split("&s=")[1],
        lambda url: url.split("?e=")[0] + "?e=-1&s=" + url.split("&s=")[1],
        lambda url: url.split("?e=")[0] + "?e=%D9%A1&s=" + url.split("&s=")[1],
        lambda url: url.split("&s=")[0] + "&s=%C3%A9%00%ED%A0%80",
    ],
)
def test_a_forged_link_is_the_same_404_as_a_missing_file(change: Any, stored: str) -> None:
    url = file_url(stored)
    forged, missing = open_link(change(url)), open_link(file_url(KEY.replace("thumb", "nothing")))
    assert forged.status_code == missing.status_code == 404
    assert body_of(forged) == body_of(missing)
    assert forged["Cache-Control"] == missing["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "key", ["originals/007/7/0123", "originals/007/7/a.webp", "media/007/7/a/x.svg", "../x.webp"]
)
def test_only_derived_files_are_served_even_with_a_true_signature(key: str) -> None:
    assert open_link(file_url(key)).status_code == 404


def test_links_of_an_older_key_open_until_they_end(stored: str, settings: Any) -> None:
    url = file_url(stored)
    older, settings.SECRET_KEY = settings.SECRET_KEY, "another-key" * 6
    assert open_link(url).status_code == 404
    settings.SECRET_KEY_FALLBACKS = [older]
    assert open_link(url).status_code == 200


@pytest.mark.parametrize(
    ("asked", "part", "place"),
    [
        ("bytes=0-3", BODY[:4], "bytes 0-3/16"),
        ("bytes=4-", BODY[4:], "bytes 4-15/16"),
        ("bytes=-5", BODY[-5:], "bytes 11-15/16"),
        ("bytes=10-999999", BODY[10:], "bytes 10-15/16"),
        ("bytes=-999999", BODY, "bytes 0-15/16"),
    ],
)
def test_a_player_gets_the_part_that_it_asks_for(asked: str, part: bytes, place: str, stored: str) -> None:
    response = open_link(file_url(stored), headers={"Range": asked})
    assert (response.status_code, body_of(response)) == (206, part)
    assert (response["Content-Range"], response["Content-Length"]) == (place, str(len(part)))
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("asked", ["bytes=16-", "bytes=9-3", "bytes=-0"])
def test_a_part_that_is_not_there_is_416(asked: str, stored: str) -> None:
    response = open_link(file_url(stored), headers={"Range": asked})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */16")


@pytest.mark.parametrize(
    "asked",
    ["bytes=-", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=" + "9" * 40 + "-", "bytes=١-٢", ""],
)
def test_a_range_that_cannot_be_read_is_answered_with_the_whole_file(asked: str, stored: str) -> None:
    response = open_link(file_url(stored), headers={"Range": asked})
    assert (response.status_code, body_of(response)) == (200, BODY)
    assert response["Accept-Ranges"] == "bytes"
