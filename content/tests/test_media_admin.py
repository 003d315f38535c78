"""Media in the admin: staff look, describe and delete, with the rules of the services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from content.models import Media
from content.services import media
from content.tests import pictures
from social.models import Profile

Drain = Callable[[], int]
LIST = "/admin/content/media/"


@pytest.fixture
def desk(staff: Any) -> Client:
    """The admin as a superuser sees it."""
    staff.account.is_superuser = True
    staff.account.save()
    client = Client()
    client.force_login(staff.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def make(owner: Any, drain_outbox: Drain, data: bytes | None = None) -> Media:
    row = media.create_media_of_bytes(owner_id=owner.id, data=data or pictures.photo())
    drain_outbox()
    row.refresh_from_db()
    return row


def test_the_list_shows_thumbnails_and_states(desk: Client, cast: Any, drain_outbox: Drain) -> None:
    row = make(cast.ada, drain_outbox)
    make(cast.bob, drain_outbox, pictures.photo()[:9000])
    page = desk.get(LIST).content.decode()
    assert row.variants[0]["key"] in page
    assert "900 × 600" in page
    assert "undecodable" in page
    assert desk.get(f"{LIST}add/").status_code == 403


def test_a_description_and_focal_point_can_be_corrected_and_nothing_else(
    desk: Client, cast: Any, drain_outbox: Drain
) -> None:
    row = make(cast.ada, drain_outbox)
    assert row.variants[3]["key"] in desk.get(f"{LIST}{row.pk}/change/").content.decode()
    form = {"alt_text": "hills", "focal_x": "0.1", "focal_y": "0.5", "state": "failed", "owner": cast.bob.id}
    assert desk.post(f"{LIST}{row.pk}/change/", form).status_code == 302
    drain_outbox()
    after = Media.objects.get(pk=row.pk)
    assert (after.alt_text, after.focal_x, after.state, after.owner_id) == (
        "hills",
        0.1,
        "ready",
        cast.ada.id,
    )
    assert next(v for v in after.variants if v["name"] == "thumb")["focal"] == [0.1, 0.5]


def test_deleting_keeps_what_is_shown(desk: Client, cast: Any, drain_outbox: Drain, media_root: Any) -> None:
    loose, avatar = make(cast.ada, drain_outbox), make(cast.ada, drain_outbox)
    Profile.objects.filter(account_id=cast.ada.id).update(avatar_media_id=avatar.pk)
    form = {"action": "delete_selected", "_selected_action": [loose.pk, avatar.pk], "post": "yes"}
    assert desk.post(LIST, form).status_code == 302
    assert "were kept" in desk.get(LIST).content.decode()
    drain_outbox()
    assert list(Media.objects.values_list("pk", flat=True)) == [avatar.pk]
    assert not list(media_root.glob(f"*/*/{loose.pk}"))
