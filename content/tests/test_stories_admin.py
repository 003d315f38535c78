"""Stories in the admin: they show with pictures, over or not, and are deleted with their media."""

from __future__ import annotations

import pytest
from django.test import Client

from content.models import Media, Story
from content.tests.stories_kit import expire, tell, view
from social.models import Account


@pytest.fixture
def admin_site(db, graph):
    """A client signed in to the admin."""
    client = Client()
    client.force_login(Account.objects.create_superuser("root_one", "root@example.org", "pw"))
    return client


def test_the_list_and_the_pages_show_with_pictures(cast, admin_site):
    story, over = tell(cast.ada), tell(cast.bob, audience="close_friends")
    view(cast.cyd, story)
    expire(over)
    page = admin_site.get("/admin/content/story/").content.decode()
    assert page.count("<img src=") >= 2
    for row in (story, over):
        answer = admin_site.get(f"/admin/content/story/{row['id']}/change/")
        assert answer.status_code == 200
        assert b"<img src=" in answer.content
    for query, found in (("live=yes", story), ("live=no", over), ("q=ada", story)):
        page = admin_site.get(f"/admin/content/story/?{query}").content.decode()
        assert f"/story/{found['id']}/change/" in page
        other = over if found is story else story
        assert f"/story/{other['id']}/change/" not in page


def test_deleting_takes_the_media_along(cast, admin_site):
    one, two, three = tell(cast.ada), tell(cast.ada), tell(cast.ada)
    expire(one)
    body = {"action": "delete_selected", "_selected_action": [one["id"], two["id"]], "post": "yes"}
    assert admin_site.post("/admin/content/story/", body, follow=True).status_code == 200
    assert [row.pk for row in Story.objects.all()] == [three["id"]]
    admin_site.post(f"/admin/content/story/{three['id']}/delete/", {"post": "yes"})
    assert not Story.objects.exists()
    assert not Media.objects.exists()


def test_a_story_is_not_made_or_changed_by_hand(cast, admin_site):
    story = tell(cast.ada)
    assert admin_site.get("/admin/content/story/add/").status_code == 403
    admin_site.post(f"/admin/content/story/{story['id']}/change/", {"audience": "close_friends"})
    assert Story.objects.get().audience == "everyone"
