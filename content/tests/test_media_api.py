"""The media operations over HTTP: uploads of every kind, who may see, change and delete (R50, R54, R55,
R82)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from content.models import Media, MediaState
from content.tests import pictures
from social.models import Account, AccountState, Profile
from social.schemas.media import MediaOut

Drain = Callable[[], int]


def part(data: bytes, name: str = "photo.jpg", content_type: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type)


def upload(member: Any, data: bytes | None = None, **options: Any) -> Any:
    form = {"file": part(pictures.photo() if data is None else data), **options.pop("fields", {})}
    return member.api.post("/media/", form=form, **options)


def ready(member: Any, drain_outbox: Drain, data: bytes | None = None) -> dict[str, Any]:
    media_id = upload(member, data).json()["id"]
    drain_outbox()
    body = member.api.get(f"/media/{media_id}/").json()
    assert body["state"] == "ready"
    return body


def post_of(member: Any, *media_ids: int, **fields: Any) -> Any:
    return member.api.post("/posts/", {"media": list(media_ids), **fields})


def problems(response: Any) -> list[tuple[str, str]]:
    return [(e["pointer"], e["code"]) for e in response.json()["errors"]]


def test_an_upload_is_accepted_and_becomes_ready(cast: Any, drain_outbox: Drain) -> None:
    response = upload(cast.ada, fields={"alt_text": "hills at dusk"})
    assert response.status_code == 202
    body = response.json()
    assert (body["kind"], body["state"], body["variants"]) == ("image", "processing", [])
    assert (body["alt_text"], body["reason"], body["width"]) == ("hills at dusk", None, None)
    drain_outbox()
    body = cast.ada.api.get(f"/media/{body['id']}/").json()
    assert (body["state"], body["width"], body["height"]) == ("ready", 900, 600)
    assert [v["name"] for v in body["variants"]] == ["thumb", "small", "medium", "large", "large_jpeg"]
    assert MediaOut.model_validate(body).model_dump(mode="json") == body


def test_the_links_of_the_answer_open_the_variants(cast: Any, anonymous: Any, drain_outbox: Drain) -> None:
    for variant in ready(cast.ada, drain_outbox)["variants"]:
        parts = urlsplit(variant["url"])
        response = anonymous.client.get(f"{parts.path}?{parts.query}")
        assert response.status_code == 200
        assert response["Content-Type"] == variant["content_type"]
        assert len(b"".join(response)) > 50
        assert anonymous.client.get(parts.path).status_code == 404


def test_signing_in_is_needed_to_upload(anonymous: Any) -> None:
    assert anonymous.post("/media/", form={"file": part(pictures.photo())}).status_code == 401
    assert not Media.objects.exists()


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("page.jpg", b"<!doctype html><script>alert(1)</script>", 415, "unsupported-media"),
        (
            "drawing.png",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            415,
            "unsupported-media",
        ),
        ("bomb.png", pictures.bomb(), 422, "validation-failed"),
        ("empty.jpg", b"", 422, "validation-failed"),
        ("torn.png", pictures.png((40, 40), colour=2)[:12], 422, "validation-failed"),
    ],
)
def test_hostile_uploads_are_refused_at_once(
    name: str, data: bytes, status: int, code: str, cast: Any, media_root: Path
) -> None:
    response = cast.ada.api.post("/media/", form={"file": part(data, name)})
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not Media.objects.exists()
    assert not media_root.exists()


def test_the_name_and_the_declared_type_do_not_matter(cast: Any, drain_outbox: Drain) -> None:
    data = pictures.encoded(pictures.quarters(), "PNG")
    response = cast.ada.api.post(
        "/media/", form={"file": part(data, "../../x.exe", "application/x-msdownload")}
    )
    assert response.status_code == 202
    drain_outbox()
    assert Media.objects.get().content_type == "image/png"
    assert Media.objects.get().state == MediaState.READY


def test_a_torn_file_fails_with_a_reason(cast: Any, drain_outbox: Drain) -> None:
    media_id = upload(cast.ada, pictures.photo()[:9000]).json()["id"]
    drain_outbox()
    body = cast.ada.api.get(f"/media/{media_id}/").json()
    assert (body["state"], body["reason"], body["variants"]) == ("failed", "undecodable", [])


def test_a_file_above_the_limit_is_413_whether_or_not_it_is_spooled(cast: Any, settings: Any) -> None:
    settings.MEDIA_DIRECT_MAX_BYTES = 20_000
    data = pictures.photo()
    assert len(data) > 20_000
    # The first is told by its parts, the second by the length of the whole request.
    for size in (len(data), 600_000):
        response = upload(cast.ada, data.ljust(size, b"\0"))
        assert (response.status_code, response.json()["code"]) == (413, "content-too-large")
    settings.MEDIA_DIRECT_MAX_BYTES = len(data)
    assert upload(cast.ada, data).status_code == 202


def test_what_is_not_a_form_with_one_file_is_refused(cast: Any) -> None:
    api, data = cast.ada.api, pictures.photo()
    assert problems(api.post("/media/", form={"alt_text": "x"})) == [("/file", "missing")]
    assert problems(api.post("/media/", form={"file": part(data), "alt": "x"})) == [
        ("/alt", "extra_forbidden")
    ]
    assert problems(api.post("/media/", form={"file": [part(data), part(data)]})) == [("/file", "duplicate")]
    assert problems(api.post("/media/", form={"file": part(data), "more": part(data)})) == [
        ("/more", "extra_forbidden")
    ]
    assert problems(upload(cast.ada, fields={"alt_text": "x" * 1001})) == [("/alt_text", "string_too_long")]
    assert upload(cast.ada, fields={"alt_text": "nul \0 nul"}).status_code == 422
    assert api.post("/media/", {"file": "x"}).status_code in (415, 422)
    assert api.post("/media/", raw=data, content_type="image/jpeg").status_code in (415, 422)
    assert api.post("/media/", raw=b"--x", content_type="multipart/form-data; boundary=x").status_code == 422
    assert api.post("/media/", raw=b"\xff\xfe", content_type="multipart/form-data").status_code == 400
    assert not Media.objects.exists()


def test_a_retry_with_the_same_key_is_the_same_media_and_leaves_one_file(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    headers = {"Idempotency-Key": "upload-1"}
    first, again = (upload(cast.ada, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    drain_outbox()
    third = upload(cast.ada, headers=headers)
    assert (third.status_code, third.json()["state"]) == (202, "ready")
    drain_outbox()
    row = Media.objects.get()
    kept = {str(path.relative_to(media_root)) for path in media_root.rglob("*") if path.is_file()}
    assert kept == {v["key"] for v in row.variants}


@pytest.mark.parametrize("other", [{"data": pictures.photo(2)}, {"fields": {"alt_text": "another"}}])
def test_a_key_used_with_another_file_or_text_is_refused(other: dict[str, Any], cast: Any) -> None:
    headers = {"Idempotency-Key": "upload-1"}
    upload(cast.ada, headers=headers)
    response = upload(cast.ada, headers=headers, **other)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency-key-reused")
    # Another's key is another key.
    assert upload(cast.bob, headers=headers).status_code == 202
    assert Media.objects.count() == 2


def test_an_upload_that_nothing_shows_is_seen_by_its_owner_and_staff_alone(
    cast: Any, anonymous: Any, staff: Any, drain_outbox: Drain
) -> None:
    path = f"/media/{ready(cast.ada, drain_outbox)['id']}/"
    assert cast.ada.api.get(path).status_code == staff.api.get(path).status_code == 200
    hidden, missing = cast.bob.api.get(path), cast.bob.api.get("/media/999999/")
    assert hidden.status_code == missing.status_code == anonymous.get(path).status_code == 404
    assert {**hidden.json(), "request_id": ""} == {**missing.json(), "request_id": ""}


def test_who_may_see_the_post_may_see_its_media(cast: Any, anonymous: Any, drain_outbox: Drain) -> None:
    media_id = ready(cast.ada, drain_outbox)["id"]
    assert post_of(cast.ada, media_id, audience="followers").status_code == 201
    path = f"/media/{media_id}/"
    cast.bob.follow(cast.ada)
    assert [m.api.get(path).status_code for m in (cast.bob, cast.cyd)] == [200, 404]
    assert anonymous.get(path).status_code == 404
    cast.ada.block(cast.bob)
    assert cast.bob.api.get(path).status_code == 404


def test_media_of_a_public_post_is_public_and_of_a_draft_is_not(
    cast: Any, anonymous: Any, drain_outbox: Drain
) -> None:
    public, draft = (ready(cast.ada, drain_outbox)["id"] for _ in range(2))
    post_of(cast.ada, public)
    post_of(cast.ada, draft, state="draft")
    assert anonymous.get(f"/media/{public}/").status_code == 200
    assert [m.api.get(f"/media/{draft}/").status_code for m in (cast.ada, cast.bob)] == [200, 404]
    cast.ada.go_private()
    assert anonymous.get(f"/media/{public}/").status_code == 404


def test_an_avatar_is_seen_by_whoever_sees_the_account(
    cast: Any, anonymous: Any, drain_outbox: Drain
) -> None:
    media_id = ready(cast.ada, drain_outbox)["id"]
    Profile.objects.filter(account_id=cast.ada.id).update(avatar_media_id=media_id)
    cast.ada.go_private()
    path = f"/media/{media_id}/"
    assert anonymous.get(path).status_code == cast.bob.api.get(path).status_code == 200
    cast.ada.block(cast.bob)
    assert [m.api.get(path).status_code for m in (cast.bob, cast.cyd)] == [404, 200]
    thumb = cast.cyd.api.get(f"/profiles/{cast.ada.id}/").json()["avatar_url"]
    assert urlsplit(thumb).path.endswith("/thumb.webp")


def test_the_media_of_an_account_that_is_gone_are_gone_for_all(
    cast: Any, anonymous: Any, staff: Any, drain_outbox: Drain
) -> None:
    media_id = ready(cast.ada, drain_outbox)["id"]
    post_of(cast.ada, media_id)
    Account.objects.filter(pk=cast.ada.id).update(state=AccountState.DEACTIVATED)
    for api in (anonymous, cast.bob.api, staff.api):
        assert api.get(f"/media/{media_id}/").status_code == 404


def test_text_and_focal_point_change_also_after_posting(cast: Any, drain_outbox: Drain) -> None:
    media_id = ready(cast.ada, drain_outbox)["id"]
    post_of(cast.ada, media_id)
    path = f"/media/{media_id}/"
    body = cast.ada.api.patch(path, {"alt_text": "hills", "focal_x": 0.1, "focal_y": 1}).json()
    assert (body["alt_text"], body["focal_x"], body["focal_y"]) == ("hills", 0.1, 1.0)
    assert cast.ada.api.patch(path, {"alt_text": ""}).json()["alt_text"] == ""
    assert cast.ada.api.get(path).json()["focal_x"] == 0.1


@pytest.mark.parametrize(
    "body",
    [
        {"focal_x": 1.01},
        {"focal_x": -0.1},
        {"focal_y": None},
        {"focal_y": "0.5"},
        {"alt_text": None},
        {"focal_x": True},
        {"alt_text": "a\0"},
        {"alt_text": "a" * 1001},
        {"state": "ready"},
        {"owner_id": 1},
        {"variants": []},
    ],
)
def test_a_patch_takes_nothing_else(body: dict[str, Any], cast: Any) -> None:
    media_id = upload(cast.ada).json()["id"]
    assert cast.ada.api.patch(f"/media/{media_id}/", body).status_code == 422
    assert not Media.objects.filter(state=MediaState.READY).exists()


def test_only_the_owner_changes_and_deletes(cast: Any, staff: Any, drain_outbox: Drain) -> None:
    hidden, shown = (ready(cast.ada, drain_outbox)["id"] for _ in range(2))
    post_of(cast.ada, shown)
    for member, expected in ((cast.bob, {hidden: 404, shown: 403}), (staff, {hidden: 403, shown: 403})):
        for media_id, status in expected.items():
            assert member.api.patch(f"/media/{media_id}/", {"alt_text": "mine"}).status_code == status
            assert member.api.delete(f"/media/{media_id}/").status_code == status
    assert not Media.objects.exclude(alt_text="").exists()


def test_what_is_shown_cannot_be_deleted_and_the_rest_can(cast: Any, drain_outbox: Drain) -> None:
    posted, avatar, loose = (ready(cast.ada, drain_outbox)["id"] for _ in range(3))
    post_of(cast.ada, posted)
    Profile.objects.filter(account_id=cast.ada.id).update(avatar_media_id=avatar)
    for media_id in (posted, avatar):
        response = cast.ada.api.delete(f"/media/{media_id}/")
        assert (response.status_code, response.json()["code"]) == (409, "media-attached")
    assert cast.ada.api.delete(f"/media/{loose}/").status_code == 204
    assert cast.ada.api.delete(f"/media/{loose}/").status_code == 404


def test_a_post_takes_only_own_ready_unused_media_named_once(cast: Any, drain_outbox: Drain) -> None:
    mine, used, theirs = (ready(m, drain_outbox)["id"] for m in (cast.ada, cast.ada, cast.bob))
    waiting = upload(cast.ada).json()["id"]
    post_of(cast.ada, used)
    response = post_of(cast.ada, mine, theirs, 999_999)
    assert response.status_code == 422
    assert problems(response) == [("/media/1", "unknown_media"), ("/media/2", "unknown_media")]
    assert post_of(cast.ada, mine, mine).status_code == 422
    for media_ids, code in (((mine, used), "media-attached"), ((mine, waiting), "media-not-ready")):
        response = post_of(cast.ada, *media_ids)
        assert (response.status_code, response.json()["code"]) == (409, code)
    drain_outbox()
    assert [m["id"] for m in post_of(cast.ada, waiting, mine).json()["media"]] == [waiting, mine]


def test_a_deleted_post_takes_its_media_out_of_the_storage(
    cast: Any, drain_outbox: Drain, media_root: Path
) -> None:
    first, second = (ready(cast.ada, drain_outbox)["id"] for _ in range(2))
    post_id = post_of(cast.ada, first, second).json()["id"]
    assert cast.ada.api.patch(f"/posts/{post_id}/", {"media": [second]}).status_code == 200
    drain_outbox()
    assert set(Media.objects.values_list("pk", flat=True)) == {second}
    assert cast.ada.api.delete(f"/posts/{post_id}/").status_code == 204
    drain_outbox()
    assert not Media.objects.exists()
    assert not [path for path in media_root.rglob("*") if path.is_file()]


def test_uploads_have_a_limit_of_their_own(cast: Any, settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 1.0
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "upload": (1, 3600, 1)}
    assert upload(cast.ada).status_code == 202
    response = upload(cast.ada)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 1000
    assert upload(cast.bob).status_code == 202
