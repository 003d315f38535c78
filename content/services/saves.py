"""Saving posts for oneself. Nobody is told, nothing is counted where others see it."""

from __future__ import annotations

from content.access import access_post
from content.errors import PostNotPublished
from content.services.once_each import Deed, do_once, undo
from project.kernel.viewer import Viewer

SAVE = Deed("content_save")


def save_post(*, actor: Viewer, post_id: int) -> bool:
    """Save a post; returns whether this call did it. Saving it again changes nothing, its place in the list
    neither.

    Raises NotFound for what the actor may not see, PostNotPublished for a draft, GraphUnavailable."""
    post = access_post(actor, post_id)
    if not post.published:
        raise PostNotPublished
    return do_once(SAVE, account_id=actor.id, post_id=post_id)


def unsave_post(*, actor: Viewer, post_id: int) -> bool:
    """Take a save back; returns whether there was one. Always possible, also where the post is hidden from one by
    now. Raises NotFound for what the actor may not see and has not saved, GraphUnavailable."""
    if undo(SAVE, account_id=actor.id, post_id=post_id):
        return True
    access_post(actor, post_id)
    return False
