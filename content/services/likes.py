"""Liking and unliking a post (R51); how it stays exact is in `services.once_each`."""

from __future__ import annotations

from dataclasses import dataclass

from content.access import access_post
from content.errors import PostNotPublished
from content.services.once_each import Deed, do_once, toggle, undo
from project.kernel.viewer import Viewer
from project.outbox.topics import Topic

LIKE = Deed("content_like", "like_count", Topic.LIKE)


@dataclass(frozen=True, slots=True)
class Liked:
    """The outcome of a like. `created` tells whether this call made it."""

    post_id: int
    created: bool


def like_post(*, actor: Viewer, post_id: int) -> Liked:
    """Like a post; liking it again changes nothing.

    Raises NotFound for what the actor may not see, PostNotPublished for a draft, GraphUnavailable."""
    _require_published(actor, post_id)
    return Liked(post_id, do_once(LIKE, account_id=actor.id, post_id=post_id))


def unlike_post(*, actor: Viewer, post_id: int) -> bool:
    """Take a like back; returns whether there was one. One's own like can be taken back even where the post is
    hidden from one by now. Raises NotFound for what the actor may not see and does not like, GraphUnavailable."""
    if undo(LIKE, account_id=actor.id, post_id=post_id):
        return True
    access_post(actor, post_id)
    return False


def toggle_like(*, actor: Viewer, post_id: int) -> bool:
    """Like a post that is not liked, else take the like back; returns whether it is liked now. Raises as
    `like_post`."""
    _require_published(actor, post_id)
    return toggle(LIKE, account_id=actor.id, post_id=post_id)


def _require_published(actor: Viewer, post_id: int) -> None:
    if not access_post(actor, post_id).published:
        raise PostNotPublished
