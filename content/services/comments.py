"""Writing comments: create, edit, delete (R52). Threads are one level deep: a reply to a reply joins its
thread."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from content.access import SeenPost, access_comment, access_post
from content.errors import CommentsRestricted, PostNotPublished
from content.models import Comment, CommentPolicy, QueuedComment
from content.services.counters import add_comments, add_replies, hold_post, lock_comments, share_accounts
from content.services.names import mentioned_in, set_comment_mentions
from project.kernel.clock import now
from project.kernel.errors import Forbidden, NotFound, Unauthenticated, Unprocessable
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.visibility import Relation


def may_comment(policy: str, relation: Relation) -> bool:
    """Whether the author of a post accepts a comment from an account with this relation to them."""
    match policy:
        case _ if relation.is_self:
            return True
        case CommentPolicy.EVERYONE:
            return True
        case CommentPolicy.FOLLOWERS:
            return relation.following
        case CommentPolicy.FOLLOWING:
            return relation.followed_by
    return False


def create_comment(*, actor: Viewer, post_id: int, text: str, reply_to: int | None = None) -> int:
    """Comment on a post, or reply to a comment of it; returns the comment's id.

    Raises NotFound, PostNotPublished, CommentsRestricted, Unprocessable where `reply_to` is no comment that
    the actor may see on this post, GraphUnavailable."""
    parent_id = judge_comment(actor, post_id, reply_to)
    people = mentioned_in(text, actor.id)
    with transaction.atomic():
        _hold(actor, post_id, parent_id, people)
        comment = Comment.objects.create(
            post_id=post_id, author_id=actor.id, reply_to_id=parent_id, text=text, created_at=now()
        )
        set_comment_mentions(comment.pk, people)
        if parent_id is not None:
            add_replies(parent_id, 1)
        add_comments(post_id, 1)
        emit(Topic.COMMENT, comment.pk)
    return comment.pk


def judge_comment(actor: Viewer, post_id: int, reply_to: int | None) -> int | None:
    """The thread that a comment of the actor would join, None for one of its own. Raises as `create_comment`."""
    post = access_post(actor, post_id)
    if not post.published:
        raise PostNotPublished
    if not may_comment(post.comment_policy, post.relation):
        raise CommentsRestricted
    return None if reply_to is None else _thread_of(actor, post, reply_to)


def update_comment(*, actor: Viewer, comment_id: int, text: str) -> None:
    """Change the text of one's own comment. Raises NotFound, Forbidden, GraphUnavailable."""
    seen = access_comment(actor, comment_id)
    if not actor.owns(seen.author_id):
        raise Forbidden
    people = mentioned_in(text, actor.id)
    with transaction.atomic():
        share_accounts(people)
        comment = Comment.objects.select_for_update().filter(pk=comment_id).first()
        if comment is None:
            raise NotFound
        if comment.text == text:
            return
        comment.text, comment.edited_at = text, now()
        comment.save(update_fields=["text", "edited_at"])
        set_comment_mentions(comment_id, people)
        emit(Topic.COMMENT, comment_id)


def delete_comment(*, actor: Viewer, comment_id: int) -> None:
    """Delete a comment, a parent with its thread: one's own, any on one's own post, any at all as staff.

    For them it need not be visible (R52): blocking the owner of the post or a moderator must not keep a comment out
    of their reach, and who is shut out of a post can still take back what they wrote there. Raises NotFound,
    Forbidden, GraphUnavailable."""
    # One that waits to be written (`comment_burst`) is withdrawn; if it is just being written, this waits until it is.
    if QueuedComment.objects.filter(pk=comment_id, author_id=actor.id).delete()[0]:
        return
    theirs = Q(author_id=actor.id) | Q(post__author_id=actor.id)
    if not (actor.is_staff or Comment.objects.filter(theirs, pk=comment_id).exists()):
        access_comment(actor, comment_id)
        # One that waited has been written in the meantime.
        if not Comment.objects.filter(theirs, pk=comment_id).exists():
            raise Forbidden
    remove_comment(comment_id)


def remove_comment(comment_id: int) -> None:
    """Delete a comment, a parent with its thread, whoever asks: for the admin and moderation. Raises NotFound."""
    place = Comment.objects.filter(pk=comment_id).values_list("post_id", "reply_to_id").first()
    if place is None:
        raise NotFound
    post_id, parent_id = place
    with transaction.atomic():
        # The parent first: new replies wait for it, and the thread that is deleted is complete.
        if comment_id not in lock_comments({comment_id} if parent_id is None else {comment_id, parent_id}):
            raise NotFound
        replies = Comment.objects.filter(reply_to_id=comment_id).values_list("id", flat=True)
        ids = lock_comments({comment_id, *replies})
        gone = Comment.objects.filter(pk__in=ids)
        counted = gone.filter(counted=True).count()
        gone.delete()
        if parent_id is not None:
            add_replies(parent_id, -counted)
        add_comments(post_id, -counted)
        emit(Topic.COMMENT, *sorted(ids))


def _thread_of(actor: Viewer, post: SeenPost, comment_id: int) -> int:
    """The top-level comment whose thread a reply to `comment_id` joins."""
    try:
        target = access_comment(actor, comment_id)
    except NotFound:
        target = None
    if target is None or target.post.id != post.id:
        raise Unprocessable.field("/reply_to", "unknown_comment", "There is no such comment on this post.")
    return target.parent_id or target.id


def _hold(actor: Viewer, post_id: int, parent_id: int | None, mentioned: Iterable[int]) -> None:
    """Lock what the new comment hangs on, in the order of `services.counters`, and see that it is all still
    there."""
    authors = {actor.id}
    if parent_id is not None:
        authors |= set(Comment.objects.filter(pk=parent_id).values_list("author_id", flat=True))
    active = share_accounts(authors.union(mentioned))
    if actor.id not in active:
        raise Unauthenticated
    if not authors <= active or not hold_post(post_id):
        raise NotFound
    if parent_id is not None and parent_id not in lock_comments({parent_id}):
        raise NotFound
