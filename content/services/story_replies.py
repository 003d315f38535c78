"""Replying to a story. A reply is kept as a row of its own; whoever carries messages registers with `replies`
and makes one of it in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from content.access import access_story
from content.errors import RepliesRestricted
from content.models import Story, StoryReply
from content.services.counters import share_accounts
from project.kernel.clock import now
from project.kernel.errors import NotFound, Unauthenticated
from project.kernel.viewer import Viewer
from social.hydration import load_cards
from social.services.settings import load_settings
from social.visibility import may_contact, may_see_trace, relation_to


@dataclass(frozen=True, slots=True)
class Reply:
    """What `author_id` answered to a story of `recipient_id`. The story may be gone when it is read."""

    id: int
    story_id: int
    author_id: int
    recipient_id: int
    text: str
    created_at: datetime


ReplyHook = Callable[[Reply], None]


@dataclass
class ReplyHooks:
    """Who makes something of a reply."""

    hooks: list[ReplyHook] = field(default_factory=list)

    def register(self, hook: ReplyHook) -> None:
        """Add a hook. It is called once for each reply, in the transaction that stores it, with the rows of both
        accounts locked against a change of state."""
        self.hooks.append(hook)

    def run(self, reply: Reply) -> None:
        for hook in self.hooks:
            hook(reply)


replies = ReplyHooks()


def reply_to_story(*, actor: Viewer, story_id: int, text: str) -> int:
    """Answer a story of somebody else; returns the reply's id.

    Raises NotFound for what the actor may not see (by the privilege of staff does not count),
    RepliesRestricted where the story takes no replies or its author no messages from the actor (R40),
    GraphUnavailable."""
    seen = access_story(actor, story_id)
    if not seen.as_anybody:
        raise NotFound
    owner_id = seen.owner.account_id
    policy = load_settings(owner_id).allow_messages_from
    if seen.relation.is_self or not seen.allow_replies or not may_contact(policy, seen.relation):
        raise RepliesRestricted
    with transaction.atomic():
        active = share_accounts({actor.id, owner_id})
        if actor.id not in active:
            raise Unauthenticated
        moment = now()
        live = Story.objects.filter(pk=story_id, expires_at__gt=moment).exists()
        if owner_id not in active or not live:
            raise NotFound
        row = StoryReply.objects.create(
            story_id=story_id, author_id=actor.id, recipient_id=owner_id, text=text, created_at=moment
        )
        replies.run(_of(row))
    return row.pk


def read_reply(reply_id: int, viewer: Viewer) -> Reply:
    """An own reply. Raises NotFound where there is none, or where its recipient is gone or across a block,
    GraphUnavailable."""
    row = StoryReply.objects.filter(pk=reply_id, author_id=viewer.id).first()
    if row is None:
        raise NotFound
    card = load_cards([row.recipient_id]).get(row.recipient_id)
    if card is None or not may_see_trace(card.owner, viewer, relation_to(viewer, row.recipient_id)):
        raise NotFound
    return _of(row)


def _of(row: StoryReply) -> Reply:
    return Reply(row.pk, row.story_id, row.author_id, row.recipient_id, row.text, row.created_at)
