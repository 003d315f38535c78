"""Presentation is pure, and what it makes fits the published schemas."""

from __future__ import annotations

from content.api.posts import router
from content.feed.comments import read_comment
from content.feed.reader import read_post
from content.hydration import hydrate_comments, hydrate_posts
from content.presenters import present_comment, present_post
from content.schemas.comments import CommentOut, CommentPatch
from content.schemas.posts import PostIn, PostOut, PostPatch
from content.tests.kit import comment, publish
from project.kernel.guards import no_queries
from project.kernel.viewer import ANONYMOUS, Viewer


def test_posts_and_comments_are_presented_without_a_query(cast):
    post = publish(cast.ada, caption="#sun @bob @cyd", tagged=[cast.dan.id])
    made = comment(cast.bob, post, "hi @ada")
    for viewer in (Viewer(cast.cyd.id), ANONYMOUS):
        posts = hydrate_posts([post["id"]], viewer)
        comments = hydrate_comments([made["id"]], viewer)
        with no_queries():
            shown = present_post(post["id"], posts)
            said = present_comment(made["id"], comments)
        assert shown.keys() == PostOut.model_fields.keys()
        assert said.keys() == CommentOut.model_fields.keys()
        PostOut.model_validate(shown)
        CommentOut.model_validate(said)


def test_the_answer_over_http_is_what_the_presenter_made(cast):
    post = publish(cast.ada, caption="#sun @bob")
    made = comment(cast.bob, post)
    over_http = cast.cyd.api.get(f"/posts/{post['id']}/").json()
    assert over_http == PostOut(**read_post(post["id"], Viewer(cast.cyd.id))).model_dump(mode="json")
    over_http = cast.cyd.api.get(f"/comments/{made['id']}/").json()
    assert over_http == CommentOut(**read_comment(made["id"], Viewer(cast.cyd.id))).model_dump(mode="json")


def test_a_patch_names_no_defaults_that_a_client_could_send():
    for schema in (PostPatch, CommentPatch):
        fields = schema.model_json_schema()["properties"]
        assert not [name for name, field in fields.items() if "default" in field]
    assert "default" not in PostIn.model_json_schema()["properties"]["state"]


def test_every_operation_says_what_it_does():
    for view in router.path_operations.values():
        for operation in view.operations:
            assert operation.operation_id
            assert operation.summary
            assert operation.description
