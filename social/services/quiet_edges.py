"""Mutes and close friends: edges of one side, of which the other is told nothing (R34, R35)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from graph.writes import close_friends, mutes
from project.kernel.clock import now
from project.kernel.errors import Unprocessable
from project.kernel.idempotency import Claim
from project.kernel.viewer import Viewer
from social.access import AccountRef
from social.services.marks import facts_of, relationship_write
from social.services.relationships import both_ends, other_end, refuse


def mute_account(
    *,
    actor: Viewer,
    ref: AccountRef,
    posts: bool,
    stories: bool,
    notifications: bool,
    expires_at: datetime | None,
    claim: Claim | None = None,
) -> tuple[int, bool]:
    """Mute an account by three switches, until `expires_at` where given; returns its id and whether it was not muted
    before. Muting again replaces switches and time. Raises Unprocessable for no switch or a time that is over,
    NotFound, SelfRelationship, GraphUnavailable."""
    if not (posts or stories or notifications):
        raise Unprocessable.field("", "nothing_to_mute", _("At least one switch must be on."))
    if expires_at is not None and expires_at <= now():
        raise Unprocessable.field("/expires_at", "not_in_future", _("The time must be in the future."))
    source, target = both_ends(actor, ref)
    with relationship_write(source.id, target.id, claim):
        result = mutes.mute(
            facts_of(source),
            facts_of(target),
            posts=posts,
            stories=stories,
            notifications=notifications,
            expires_at=expires_at,
        )
        if result.outcome != "done":
            refuse(result.outcome)
    return target.id, result.created


def unmute_account(*, actor: Viewer, ref: AccountRef) -> None:
    """Take back a mute. Always works, also when there is none (R30)."""
    target_id = other_end(actor, ref)
    with relationship_write(actor.id, target_id):
        mutes.unmute(actor.id, target_id)


def add_close_friend(*, actor: Viewer, ref: AccountRef, claim: Claim | None = None) -> tuple[int, bool]:
    """Put an account on the actor's close friends list; returns its id and whether it was not on it. Raises NotFound,
    SelfRelationship, Blocking, GraphUnavailable."""
    source, target = both_ends(actor, ref)
    with relationship_write(source.id, target.id, claim):
        result = close_friends.add_close_friend(facts_of(source), facts_of(target))
        if result.outcome != "done":
            refuse(result.outcome)
    return target.id, result.created


def remove_close_friend(*, actor: Viewer, ref: AccountRef) -> None:
    """Take an account off the list. Always works, also when it is not on it."""
    target_id = other_end(actor, ref)
    with relationship_write(actor.id, target_id):
        close_friends.remove_close_friend(actor.id, target_id)
