"""Avatars: own, ready pictures; what is replaced leaves the storage (R54)."""

from __future__ import annotations

from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from content.media import files
from content.models import Media, MediaKind, MediaState
from content.services.media import sweep_unattached
from content.tests.kit import publish, ready_media, together
from project.kernel.clock import now
from social.models import Account, Profile

PATH = "/profiles/ada/avatar/"


def put(member, media_id, **options):
    return member.api.put(PATH, {"media": media_id}, **options)


def test_an_avatar_shows_wherever_the_account_does(cast):
    media_id = ready_media(cast.ada.id)
    answer = put(cast.ada, media_id)
    assert answer.status_code == 200
    assert "/files/" in answer.json()["avatar_url"] or "media/thumb.webp" in answer.json()["avatar_url"]
    cast.ada.follow(cast.bob)
    assert cast.bob.api.get("/followers/bob/").json()["results"][0]["avatar_url"]
    assert cast.bob.api.get(f"/media/{media_id}/").status_code == 200
    assert cast.ada.api.delete(PATH).status_code == 204
    assert cast.ada.api.delete(PATH).status_code == 204
    assert cast.bob.api.get("/profiles/ada/").json()["avatar_url"] is None


def test_r54_the_replaced_avatar_leaves_the_storage_and_the_new_one_stays(cast, drain_outbox):
    old, new = ready_media(cast.ada.id), ready_media(cast.ada.id)
    key = files.served_key(old, files.new_token(), "thumb", "image/webp")
    default_storage.save(key, ContentFile(b"x"))
    put(cast.ada, old)
    put(cast.ada, old)
    assert Media.objects.filter(pk=old).exists()
    put(cast.ada, new)
    assert not Media.objects.filter(pk=old).exists()
    drain_outbox()
    assert not default_storage.exists(key)
    Media.objects.update(created_at=now().replace(year=2020))
    assert sweep_unattached() == 0
    assert cast.ada.api.delete(f"/media/{new}/").status_code == 409
    cast.ada.api.delete(PATH)
    assert not Media.objects.filter(pk=new).exists()


def test_only_own_ready_pictures_become_an_avatar(cast):
    cases = {
        ready_media(cast.bob.id): (422, "validation-failed"),
        10**12: (422, "validation-failed"),
        ready_media(cast.ada.id, kind=MediaKind.VIDEO): (422, "validation-failed"),
        ready_media(cast.ada.id, state=MediaState.PROCESSING): (409, "media-not-ready"),
        publish(cast.ada)["media"][0]["id"]: (409, "media-attached"),
    }
    for media_id, expected in cases.items():
        answer = put(cast.ada, media_id)
        assert (answer.status_code, answer.json()["code"]) == expected
        assert all(error["pointer"] == "/media" for error in answer.json()["errors"])
    for body in ({}, {"media": "1"}, {"media": None}, {"media": 1, "x": 1}):
        assert cast.ada.api.put(PATH, body).status_code == 422
    assert Profile.objects.get(pk=cast.ada.id).avatar_media_id is None


def test_only_the_owner_sets_it_and_if_match_guards_it(cast, staff):
    media_id = ready_media(cast.bob.id)
    assert put(cast.bob, media_id).status_code == 403
    assert staff.api.delete(PATH).status_code == 403
    cast.bob.block(cast.ada)
    assert put(cast.bob, media_id).status_code == 404
    etag = cast.ada.api.get("/profiles/ada/")["ETag"]
    mine = ready_media(cast.ada.id)
    assert put(cast.ada, mine, headers={"If-Match": etag}).status_code == 200
    assert put(cast.ada, ready_media(cast.ada.id), headers={"If-Match": etag}).status_code == 412
    assert Account.objects.get(pk=cast.ada.id).version == 2


def test_many_at_once_leave_one_avatar_and_one_file(threaded_cast):
    ada = threaded_cast.ada
    ids = [ready_media(ada.id) for _ in range(8)]
    answers = together([partial(put, ada, id_) for id_ in ids])
    assert {answer.status_code for answer in answers} == {200}
    assert list(Media.objects.values_list("pk", flat=True)) == [
        Profile.objects.get(pk=ada.id).avatar_media_id
    ]
