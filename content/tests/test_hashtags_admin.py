"""The ban list in the admin (R57)."""

from __future__ import annotations

import pytest
from django.test import Client

from content.models import Hashtag
from content.tests.kit import publish
from social.models import Account


@pytest.fixture
def admin_site(db, graph):
    """A client signed in to the admin."""
    client = Client()
    client.force_login(Account.objects.create_superuser("root_one", "root@example.org", "pw"))
    return client


def test_r57_hashtags_are_banned_and_the_ban_is_lifted(cast, anonymous, admin_site, drain_outbox):
    publish(cast.ada, caption="#sun #sea")
    sun = Hashtag.objects.get(name="sun")
    for action, status, found in (("ban", 404, 0), ("lift_ban", 200, 1)):
        body = {"action": action, "_selected_action": [sun.pk]}
        assert admin_site.post("/admin/content/hashtag/", body, follow=True).status_code == 200
        drain_outbox()
        assert anonymous.get("/hashtags/sun/").status_code == status
        assert anonymous.get("/hashtags/sea/").status_code == 200
        assert len(cast.bob.api.get("/search/hashtags/", query={"q": "sun"}).json()["results"]) == found, (
            action
        )


def test_a_hashtag_is_banned_before_anybody_uses_it(cast, anonymous, admin_site):
    add = "/admin/content/hashtag/add/"
    assert admin_site.post(add, {"name": "#Bad Word", "banned": "on"}).status_code == 200
    assert not Hashtag.objects.exists()
    assert admin_site.post(add, {"name": " #BadWord ", "banned": "on"}).status_code == 302
    publish(cast.ada, caption="#badword")
    assert anonymous.get("/hashtags/badword/").status_code == 404
    tag = Hashtag.objects.get()
    assert (tag.name, tag.banned, tag.post_count) == ("badword", True, 1)
    change = f"/admin/content/hashtag/{tag.pk}/change/"
    # The name stays: captions use it.
    assert admin_site.post(change, {"name": "other"}).status_code == 302
    tag.refresh_from_db()
    assert (tag.name, tag.banned) == ("badword", False)
    assert admin_site.post(f"/admin/content/hashtag/{tag.pk}/delete/", {"post": "yes"}).status_code == 403
