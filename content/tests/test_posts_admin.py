"""Posts and comments in the admin: they show, and what is done there keeps counts and files in step."""

from __future__ import annotations

import pytest
from django.test import Client

from content.models import Comment, Media, Post, PostCounters
from content.tests.kit import comment, ids_of, publish
from social.models import Account


@pytest.fixture
def admin_site(db, graph):
    """A client signed in to the admin."""
    client = Client()
    client.force_login(Account.objects.create_superuser("root_one", "root@example.org", "pw"))
    return client


def act(client, model, action, ids):
    body = {"action": action, "_selected_action": ids, "post": "yes"}
    return client.post(f"/admin/content/{model}/", body, follow=True)


def test_the_lists_and_pages_show_with_pictures(cast, admin_site):
    post = publish(cast.ada, caption="#sun <b>bold</b>")
    made = comment(cast.bob, post)
    for path in (
        "post/",
        f"post/{post['id']}/change/",
        "comment/",
        f"comment/{made['id']}/change/",
        "hashtag/",
    ):
        response = admin_site.get(f"/admin/content/{path}")
        assert response.status_code == 200, path
        assert b"<b>bold" not in response.content
    assert b"<img src=" in admin_site.get("/admin/content/post/").content
    assert admin_site.get("/admin/content/post/?q=sun").status_code == 200


def test_a_post_that_is_taken_back_leaves_every_list(cast, admin_site):
    post = publish(cast.ada, caption="#sun")
    assert act(admin_site, "post", "take_back", [post["id"]]).status_code == 200
    assert (
        ids_of(cast.bob.api.get("/posts/"))
        == ids_of(cast.bob.api.get("/posts/", query={"hashtag": "sun"}))
        == []
    )
    assert ids_of(cast.ada.api.get("/posts/drafts/")) == [post["id"]]


def test_deleting_in_the_admin_keeps_counts_and_files_in_step(cast, admin_site):
    post, other = publish(cast.ada), publish(cast.ada)
    thread = comment(cast.bob, post)
    reply = comment(cast.cyd, post, reply_to=thread["id"])
    kept = comment(cast.cyd, post)
    act(admin_site, "comment", "delete_selected", [thread["id"], reply["id"]])
    assert list(Comment.objects.values_list("id", flat=True)) == [kept["id"]]
    assert PostCounters.objects.get(pk=post["id"]).comment_count == 1
    act(admin_site, "post", "delete_selected", [post["id"]])
    assert list(Post.objects.values_list("id", flat=True)) == [other["id"]]
    assert Media.objects.count() == 1
