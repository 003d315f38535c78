"""Writing posts: create, edit, publish, delete. What follows from it elsewhere is the outbox's business."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from content.access import access_own_post, access_post
from content.models import (
    Comment,
    CommentPolicy,
    Like,
    MediaState,
    Post,
    PostAudience,
    PostCounters,
    PostMedia,
    PostState,
    Repost,
    Share,
)
from content.services import parts
from content.services.counters import lock_comments, share_accounts
from content.services.hashtag_counts import drop_uses, settle_uses
from content.services.media import release_media
from content.services.names import emit_hashtags, set_post_names
from project.kernel.clock import now
from project.kernel.errors import Forbidden, NotFound, PreconditionFailed, Unauthenticated, Unprocessable
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic

log = logging.getLogger(__name__)
TEXT_FIELDS = ("title", "caption", "location")
PLAIN_FIELDS = (*TEXT_FIELDS, "audience", "comment_policy")
# A change of one of these on a published post is an edit that people are told of.
VISIBLE_FIELDS = frozenset({*TEXT_FIELDS, "media", "tagged"})


@dataclass(frozen=True, slots=True)
class PostDraft:
    """Everything that the author writes of a post. `media` are ids in order, `tagged` account ids."""

    title: str = ""
    caption: str = ""
    location: str = ""
    media: Sequence[int] = ()
    tagged: Sequence[int] = ()
    audience: str = PostAudience.EVERYONE
    comment_policy: str = CommentPolicy.EVERYONE
    state: str = PostState.PUBLISHED
    publish_at: datetime | None = None


def create_post(*, actor: Viewer, draft: PostDraft) -> int:
    """Create a post; returns its id.

    Raises Unprocessable for what does not fit together (no media on a published post, a time in the past),
    for unknown media and for people who cannot be tagged; MediaNotReady, MediaAttached; GraphUnavailable
    where people are tagged."""
    parts.check_taggable(actor, draft.tagged)
    with transaction.atomic():
        if not share_accounts({actor.id}):
            raise Unauthenticated
        moment = now()
        post = Post(author_id=actor.id, created_at=moment, updated_at=moment)
        for name in PLAIN_FIELDS:
            setattr(post, name, getattr(draft, name))
        _set_state(post, draft.state, draft.publish_at, moment)
        post.save(force_insert=True)
        PostCounters.objects.create(post=post)
        parts.set_media(post, draft.media)
        parts.set_tagged(post, draft.tagged)
        set_post_names(post)
        parts.require_media(post)
        emit(Topic.POST, post.pk)
    return post.pk


def update_post(
    *, actor: Viewer, post_id: int, changes: Mapping[str, Any], if_version: int | None = None
) -> None:
    """Change what `changes` names (fields of PostDraft); the rest stays. A draft that becomes published is
    new now; a published post that becomes a draft leaves every list.

    `if_version` is the version that the client has read; another one raises PreconditionFailed. Raises
    NotFound, Forbidden where the post is another's, and as `create_post`."""
    access_own_post(actor, post_id)
    parts.check_taggable(actor, changes.get("tagged", ()), already_on=post_id)
    with transaction.atomic():
        post = _locked(post_id)
        if if_version is not None and post.version != if_version:
            raise PreconditionFailed
        moment = now()
        before = _snapshot(post)
        for name in PLAIN_FIELDS:
            if name in changes:
                setattr(post, name, changes[name])
        if "state" in changes or "publish_at" in changes:
            state, publish_at = changes.get("state", post.state), changes.get("publish_at", post.publish_at)
            _set_state(post, state, publish_at, moment)
        if "media" in changes:
            parts.set_media(post, changes["media"])
        if "tagged" in changes:
            parts.set_tagged(post, changes["tagged"])
        after = _snapshot(post)
        if after == before:
            return
        changed = {name for name in after if after[name] != before[name]}
        if changed & {"state", "media"}:
            parts.require_media(post)
        if post.state != PostState.PUBLISHED:
            post.edited_at = None
        elif before["state"] == PostState.PUBLISHED and changed & VISIBLE_FIELDS:
            post.edited_at = moment
        _save(post, moment, names_too=bool(changed & {"caption", "audience", "published_at"}))


def delete_post(*, actor: Viewer, post_id: int) -> None:
    """Delete a post with its likes, comments and media; by its owner or staff (R50).

    Raises NotFound, Forbidden, GraphUnavailable."""
    seen = access_post(actor, post_id)
    if not (seen.relation.is_self or actor.is_staff):
        raise Forbidden
    remove_post(post_id)


def remove_post(post_id: int) -> None:
    """Delete a post whoever asks: for the admin and moderation, which have asked who. Raises NotFound."""
    with transaction.atomic():
        post = _locked(post_id)
        media_ids = parts.media_of(post)
        # In the order of locks of `services.counters`; the post's own lock keeps new ones out.
        for rows in (Like, Repost, Share):
            rows.objects.filter(post_id=post_id).delete()
        lock_comments(Comment.objects.filter(post_id=post_id).values_list("id", flat=True))
        emit_hashtags(list(post.hashtags.values_list("hashtag__name", flat=True)))
        uses = drop_uses(post_id)
        post.delete()
        release_media(media_ids)
        settle_uses(changes=uses)
        emit(Topic.POST, post_id)


def withdraw_post(post_id: int) -> None:
    """Make a post a draft again whoever asks: for the admin and moderation. Raises NotFound."""
    with transaction.atomic():
        post = _locked(post_id)
        if post.state != PostState.DRAFT:
            moment = now()
            _set_state(post, PostState.DRAFT, None, moment)
            post.edited_at = None
            _save(post, moment, names_too=True)


def publish_due(*, limit: int = 200) -> int:
    """Publish scheduled posts whose time has come; returns how many. Those with unready media wait (R54).

    Each is its own transaction: a worker that dies publishes nothing twice and leaves the rest to others. One
    that cannot be published now (the graph does not answer who may be mentioned in it) keeps nobody else's
    waiting; the next run tries again."""
    published = 0
    for post_id in list(_due().order_by("publish_at", "id").values_list("id", flat=True)[:limit]):
        try:
            published += _publish(post_id)
        except Exception:
            log.exception("post %s could not be published; it will be tried again", post_id)
    return published


def _publish(post_id: int) -> bool:
    with transaction.atomic():
        # Another worker may have it, or its author has just changed the plan.
        post = _due().select_for_update(skip_locked=True, of=("self",)).filter(pk=post_id).first()
        if post is None:
            return False
        moment = now()
        _set_state(post, PostState.PUBLISHED, None, moment)
        _save(post, moment, names_too=True)
    return True


def _due() -> QuerySet[Post]:
    unready = PostMedia.objects.filter(post_id=OuterRef("pk")).exclude(media__state=MediaState.READY)
    return Post.objects.filter(~Exists(unready), state=PostState.SCHEDULED, publish_at__lte=now())


def _save(post: Post, moment: datetime, *, names_too: bool) -> None:
    post.updated_at = moment
    post.version += 1
    post.save()
    if names_too:
        set_post_names(post)
    emit(Topic.POST, post.pk)


def _locked(post_id: int) -> Post:
    post = Post.objects.select_for_update().filter(pk=post_id).first()
    if post is None:
        raise NotFound
    return post


def _set_state(post: Post, state: str, publish_at: datetime | None, moment: datetime) -> None:
    if state == PostState.SCHEDULED:
        if publish_at is None:
            raise Unprocessable.field("/publish_at", "missing", "A scheduled post needs its time.")
        unchanged = post.state == PostState.SCHEDULED and post.publish_at == publish_at
        if not unchanged and publish_at <= moment:
            raise Unprocessable.field("/publish_at", "not_in_future", "The time must be in the future.")
        post.state, post.publish_at, post.published_at = state, publish_at, None
        return
    # A client that sends a whole post back sends the old time too; only a new one is a mistake.
    if publish_at is not None and publish_at != post.publish_at:
        raise Unprocessable.field("/publish_at", "not_scheduled", "Only a scheduled post has a time.")
    if state == PostState.DRAFT:
        post.state, post.publish_at, post.published_at = state, None, None
    elif post.published_at is None:
        post.state, post.publish_at, post.published_at = state, None, moment


def _snapshot(post: Post) -> dict[str, Any]:
    fields = (*PLAIN_FIELDS, "state", "publish_at", "published_at")
    return {
        **{name: getattr(post, name) for name in fields},
        "media": parts.media_of(post),
        "tagged": parts.tagged_on(post),
    }
