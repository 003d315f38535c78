"""Posts, likes, comments."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import precondition, rule

from content.tests.kit import ready_media
from project.tests.model import content_writes, views
from project.tests.model.machine.drawing import (
    AUDIENCES,
    CAPTIONS,
    POLICIES,
    comments,
    looks,
    people,
    posts,
)
from project.tests.model.machine.looks import Look
from project.tests.model.machine.story import Story


class ContentSteps(Story):
    """What one publishes, and says of what others publish."""

    @rule(
        actor=people,
        caption=st.sampled_from(CAPTIONS),
        audience=st.sampled_from(AUDIENCES),
        policy=st.sampled_from(POLICIES),
        draft=st.sampled_from([False, False, False, True]),
        looks=looks,
    )
    def create_post(
        self, actor: str, caption: str, audience: str, policy: str, draft: bool, looks: list[Look]
    ) -> None:
        self._create_post(actor, caption, audience, policy, draft)
        self.look(looks)

    def _create_post(self, actor: str, caption: str, audience: str, policy: str, draft: bool) -> None:
        w, label = self.w, f"p{len(self.w.post_ids) + 1}"
        predicted = content_writes.create_post(
            w, actor, label, caption=caption, audience=audience, policy=policy, draft=draft
        )
        body = {
            "caption": caption,
            "audience": audience,
            "comment_policy": policy,
            "state": "draft" if draft else "published",
            "media": [ready_media(w.id_of(actor))] if predicted.status == 201 else [1],
        }
        answer = self.act(actor, "POST", "/posts/", body, predicted)
        if predicted.status == 201:
            w.posts[label].id = w.post_ids[label] = answer["id"]
            self.told[-1] += f" ({label})"
            self.agree(predicted.body, views.told_post(w, answer))

    def _post_path(self, label: str, more: str = "") -> str:
        return f"/posts/{self.w.post_ids[label]}/{more}"

    def _owner(self, label: str, otherwise: str) -> str:
        post = self.w.posts.get(label)
        return post.author if post else otherwise

    @precondition(lambda self: self.w.post_ids)
    @rule(
        actor=people,
        post=posts,
        own=st.booleans(),
        caption=st.sampled_from([None, *CAPTIONS]),
        audience=st.sampled_from([None, *AUDIENCES]),
        publish=st.sampled_from([None, True, False]),
        looks=looks,
    )
    def edit_post(
        self,
        actor: str,
        post: str,
        own: bool,
        caption: str | None,
        audience: str | None,
        publish: bool | None,
        looks: list[Look],
    ) -> None:
        actor = self._owner(post, actor) if own else actor
        predicted = content_writes.edit_post(
            self.w, actor, post, caption=caption, audience=audience, publish=publish
        )
        state = {None: None, True: "published", False: "draft"}[publish]
        body = {"caption": caption, "audience": audience, "state": state}
        body = {name: value for name, value in body.items() if value is not None}
        self.act(actor, "PATCH", self._post_path(post), body, predicted, views.told_post)
        self.look(looks)

    @precondition(lambda self: self.w.post_ids)
    @rule(actor=people, post=posts, own=st.booleans(), looks=looks)
    def delete_post(self, actor: str, post: str, own: bool, looks: list[Look]) -> None:
        actor = self._owner(post, actor) if own else actor
        predicted = content_writes.delete_post(self.w, actor, post)
        self.act(actor, "DELETE", self._post_path(post), None, predicted)
        self.look(looks)

    @precondition(lambda self: self.w.post_ids)
    @rule(actor=people, post=posts, looks=looks)
    def like(self, actor: str, post: str, looks: list[Look]) -> None:
        predicted = content_writes.like(self.w, actor, post)
        self.act(
            actor,
            "PUT",
            self._post_path(post, "like/"),
            None,
            predicted,
            lambda w, body: views.told_post(w, body["post"]),
        )
        self.look(looks)

    @precondition(lambda self: self.w.post_ids)
    @rule(actor=people, post=posts, looks=looks)
    def unlike(self, actor: str, post: str, looks: list[Look]) -> None:
        predicted = content_writes.unlike(self.w, actor, post)
        self.act(actor, "DELETE", self._post_path(post, "like/"), None, predicted)
        self.look(looks)

    # ---- comments

    def _comment(self, actor: str, post: str, text: str, reply_to: str | None) -> None:
        w, label = self.w, f"c{len(self.w.comment_ids) + 1}"
        predicted = content_writes.create_comment(w, actor, label, post=post, text=text, reply_to=reply_to)
        body: dict[str, Any] = {"text": text}
        if reply_to is not None:
            body["reply_to"] = w.comment_ids[reply_to]
        answer = self.act(actor, "POST", self._post_path(post, "comments/"), body, predicted)
        if predicted.status == 201:
            w.comments[label].id = w.comment_ids[label] = answer["id"]
            self.told[-1] += f" ({label})"
            self.agree(predicted.body, views.told_comment(w, answer))

    @precondition(lambda self: self.w.post_ids)
    @rule(actor=people, post=posts, looks=looks)
    def comment(self, actor: str, post: str, looks: list[Look]) -> None:
        self._comment(actor, post, "lovely", None)
        self.look(looks)

    @precondition(lambda self: self.w.comment_ids)
    @rule(
        actor=people, above=comments, post=posts, rightly=st.sampled_from([True] * 4 + [False]), looks=looks
    )
    def reply(self, actor: str, above: str, post: str, rightly: bool, looks: list[Look]) -> None:
        if rightly and above in self.w.comments:
            post = self.w.comments[above].post
        self._comment(actor, post, "indeed", above)
        self.look(looks)

    @precondition(lambda self: self.w.comment_ids)
    @rule(
        actor=people,
        comment=comments,
        own=st.booleans(),
        text=st.sampled_from(["better", "best"]),
        looks=looks,
    )
    def edit_comment(self, actor: str, comment: str, own: bool, text: str, looks: list[Look]) -> None:
        if own and comment in self.w.comments:
            actor = self.w.comments[comment].author
        predicted = content_writes.edit_comment(self.w, actor, comment, text=text)
        path = f"/comments/{self.w.comment_ids[comment]}/"
        self.act(actor, "PATCH", path, {"text": text}, predicted, views.told_comment)
        self.look(looks)

    @precondition(lambda self: self.w.comment_ids)
    @rule(actor=people, comment=comments, own=st.booleans(), looks=looks)
    def delete_comment(self, actor: str, comment: str, own: bool, looks: list[Look]) -> None:
        if own and comment in self.w.comments:
            actor = self.w.comments[comment].author
        predicted = content_writes.delete_comment(self.w, actor, comment)
        self.act(actor, "DELETE", f"/comments/{self.w.comment_ids[comment]}/", None, predicted)
        self.look(looks)
