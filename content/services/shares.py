"""Passing posts on: reposting them to one's followers (R53), and sending them out as a link or into
conversations. How the counts stay exact is in `services.once_each`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from content.access import access_post
from content.errors import NotPublic, PostNotPublished, SendingUnavailable
from content.services.once_each import Deed, do_once, undo
from project.kernel.viewer import Viewer
from project.outbox.topics import Topic
from social.visibility import is_public

REPOST = Deed("content_repost", "share_count", Topic.SHARE)
SEND = Deed("content_share", "share_count", Topic.SHARE)

# (actor, post id, conversation ids, account ids): puts the post into each conversation, and into the one with
# each of the accounts. Raises what messages raise; runs in the transaction that counts the share.
Sender = Callable[[Viewer, int, Sequence[int], Sequence[int]], None]


@dataclass
class SendingTo:
    """Who delivers posts into conversations; None while nobody does."""

    sender: Sender | None = None

    def register(self, sender: Sender) -> None:
        """Name the one who delivers. Raises ValueError on a second one."""
        if self.sender is not None:
            raise ValueError("a sender is registered already")
        self.sender = sender


sending = SendingTo()


def repost_post(*, actor: Viewer, post_id: int) -> bool:
    """Repost a public post, one's own too; returns whether this call did it. Reposting it again changes
    nothing, its time neither.

    Raises NotFound for what the actor may not see, NotPublic for what not everybody may, GraphUnavailable."""
    post = access_post(actor, post_id)
    if not is_public(post.gate):
        raise NotPublic
    return do_once(REPOST, account_id=actor.id, post_id=post_id)


def unrepost_post(*, actor: Viewer, post_id: int) -> bool:
    """Take a repost back; returns whether there was one. Always possible, also where the post is hidden from one by
    now. Raises NotFound for what the actor may not see and has not reposted, GraphUnavailable."""
    if undo(REPOST, account_id=actor.id, post_id=post_id):
        return True
    access_post(actor, post_id)
    return False


def share_post(
    *, actor: Viewer, post_id: int, conversations: Sequence[int] = (), users: Sequence[int] = ()
) -> None:
    """Send a post on: into conversations and to people, or, where none are named, as a link that the client
    passes on by itself. Counted once per account and post, whichever way and however often.

    Raises NotFound, PostNotPublished, SendingUnavailable, GraphUnavailable."""
    post = access_post(actor, post_id)
    if not post.published:
        raise PostNotPublished
    with transaction.atomic():
        if conversations or users:
            if sending.sender is None:
                raise SendingUnavailable
            sending.sender(actor, post_id, conversations, users)
        do_once(SEND, account_id=actor.id, post_id=post_id)
