"""Posts, likes, comments: how each write is answered, and what it changes (R50–R52). New ids are filled in by the
caller."""

from __future__ import annotations

from project.tests.model import rules, views
from project.tests.model.answers import Answer, signed_in
from project.tests.model.world import Comment, Post, World


def _owned(w: World, actor: str, label: str) -> int | None:
    """The status that keeps the actor from changing a post: hidden, or another's (R50)."""
    post = w.posts.get(label)
    if post is None or not rules.may_see_post(w, actor, post):
        return 404
    return None if post.author == actor else 403


def _open(w: World, actor: str, label: str) -> int | None:
    """The status that keeps the actor from adding to a post: hidden, or a draft."""
    post = w.posts.get(label)
    if post is None or not rules.may_see_post(w, actor, post):
        return 404
    return 409 if post.published is None else None


@signed_in
def create_post(
    w: World, actor: str, label: str, *, caption: str, audience: str, policy: str, draft: bool
) -> Answer:
    number = w.moment()
    w.posts[label] = Post(label, actor, number, caption, audience, policy, None if draft else number)
    return Answer(201, views.post_view(w, actor, w.posts[label]))


@signed_in
def edit_post(
    w: World,
    actor: str,
    label: str,
    *,
    caption: str | None = None,
    audience: str | None = None,
    publish: bool | None = None,
) -> Answer:
    """What is None stays. A draft that is published today is today's (R59); unpublishing keeps likes and comments for
    the owner's eyes (R50)."""
    if status := _owned(w, actor, label):
        return Answer(status)
    post = w.posts[label]
    post.caption = post.caption if caption is None else caption
    post.audience = post.audience if audience is None else audience
    if publish is True and post.published is None:
        post.published = w.moment()
    if publish is False:
        post.published = None
    return Answer(200, views.post_view(w, actor, post))


@signed_in
def delete_post(w: World, actor: str, label: str) -> Answer:
    if status := _owned(w, actor, label):
        return Answer(status)
    w.forget_post(label)
    return Answer(204)


@signed_in
def like(w: World, actor: str, label: str) -> Answer:
    """R51."""
    if status := _open(w, actor, label):
        return Answer(status)
    created = (label, actor) not in w.likes
    if created:
        w.likes[label, actor] = w.moment()
    return Answer(201 if created else 200, views.post_view(w, actor, w.posts[label]))


@signed_in
def unlike(w: World, actor: str, label: str) -> Answer:
    """One's own like can always be taken back. For the rest what is hidden is 404; a like across a block stays
    stored (R32)."""
    post = w.posts.get(label)
    if post is not None and (label, actor) in w.likes:
        del w.likes[label, actor]
        return Answer(204)
    return Answer(404 if post is None or not rules.may_see_post(w, actor, post) else 204)


@signed_in
def create_comment(w: World, actor: str, label: str, *, post: str, text: str, reply_to: str | None) -> Answer:
    """R52: a reply to a reply joins its thread; `reply_to` must be a comment on this post that the actor sees."""
    if status := _open(w, actor, post):
        return Answer(status)
    if not rules.may_comment(w, actor, w.posts[post]):
        return Answer(403)
    parent = None
    if reply_to is not None:
        above = w.comments.get(reply_to)
        if above is None or above.post != post or not rules.may_see_comment(w, actor, above):
            return Answer(422)
        parent = above.parent or above.label
    comment = w.comments[label] = Comment(label, actor, post, parent, text, w.moment())
    return Answer(201, views.comment_view(w, comment))


@signed_in
def edit_comment(w: World, actor: str, label: str, *, text: str) -> Answer:
    """One's own, where it can be seen (R52)."""
    comment = w.comments.get(label)
    if comment is None or not rules.may_see_comment(w, actor, comment):
        return Answer(404)
    if comment.author != actor:
        return Answer(403)
    comment.text = text
    return Answer(200, views.comment_view(w, comment))


@signed_in
def delete_comment(w: World, actor: str, label: str) -> Answer:
    """R52: one's own; any below one's own post. Hidden ones too: nobody is out of the owner's reach by blocking
    them, and who is shut out of a post can take back what they wrote there."""
    comment = w.comments.get(label)
    if comment is None:
        return Answer(404)
    if actor not in (comment.author, w.posts[comment.post].author):
        return Answer(403 if rules.may_see_comment(w, actor, comment) else 404)
    w.forget_comment(label)
    return Answer(204)
