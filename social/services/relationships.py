"""Following, requests, blocks. The edges live in the graph alone; Postgres says who is active and private, and holds
the mark. Mutes and close friends, which nobody is told of, are in `quiet_edges`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from graph.queries.requests import find_asker
from graph.rows import BlockScope
from graph.writes import blocks, follows
from project.kernel.errors import NotFound
from project.kernel.idempotency import Claim
from project.kernel.viewer import Viewer
from social.access import AccountRef, access_card, find_card
from social.errors import Blocking, SelfRelationship
from social.hydration import AccountCard, load_cards
from social.services.marks import facts_of, next_request_id, relationship_write


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of a follow. `created`: this call made the edge."""

    state: str
    request_id: int | None
    created: bool
    account_id: int


def both_ends(actor: Viewer, ref: AccountRef) -> tuple[AccountCard, AccountCard]:
    """The cards of the actor and of an active other account. Raises NotFound, SelfRelationship."""
    target = access_card(ref)
    if actor.owns(target.id):
        raise SelfRelationship
    source = load_cards([actor.id]).get(actor.id)
    if source is None or not source.active:
        raise NotFound
    return source, target


def refuse(outcome: str) -> None:
    """Raise what a refusing outcome means to the actor (R30)."""
    if outcome == "blocking_target":
        raise Blocking
    # Who blocks the actor, or is gone, does not exist for them.
    raise NotFound


def follow_account(*, actor: Viewer, ref: AccountRef, claim: Claim | None = None) -> Followed:
    """Follow an account, or ask to where it is private (R20, R30). Again is the same. Raises NotFound,
    SelfRelationship, Blocking, GraphUnavailable."""
    source, target = both_ends(actor, ref)
    followed = _follow(source, target, claim)
    if followed.state == "requested":
        # An account that is being opened accepts who waits; we may have come too late for that, with old news.
        target = load_cards([target.id]).get(target.id, target)
        if not target.is_private:
            # Whoever is blocked or gone by now has been told the truth about then.
            with suppress(NotFound, Blocking):
                again = _follow(source, target, None)
                followed = replace(again, created=followed.created or again.created)
    return followed


def _follow(source: AccountCard, target: AccountCard, claim: Claim | None) -> Followed:
    request_id = next_request_id()
    with relationship_write(source.id, target.id, claim):
        result = follows.follow(facts_of(source), facts_of(target), request_id=request_id)
        if result.outcome not in ("following", "requested"):
            refuse(result.outcome)
    return Followed(result.outcome, result.request_id, result.created, target.id)


def unfollow_account(*, actor: Viewer, ref: AccountRef) -> None:
    """End one's own follow, or cancel one's own request. Always works, also when there is none (R30)."""
    target_id = other_end(actor, ref)
    with relationship_write(actor.id, target_id):
        follows.unfollow(actor.id, target_id)


def accept_request(*, actor: Viewer, request_id: int, claim: Claim | None = None) -> int:
    """Accept a pending request to the actor; returns the new follower's id. Accepting again is the same. Raises
    NotFound for no such request, another's, one of somebody since blocked or gone (R20), GraphUnavailable."""
    asker_id = _asker(actor, request_id)
    with relationship_write(asker_id, actor.id, claim):
        result = follows.accept_request(actor.id, request_id)
        if result.outcome != "accepted" or result.follower_id is None:
            raise NotFound
    return result.follower_id


def reject_request(*, actor: Viewer, request_id: int) -> None:
    """Reject a pending request to the actor, silently. Raises NotFound where there is none."""
    asker_id = _asker(actor, request_id)
    with relationship_write(asker_id, actor.id):
        if not follows.reject_request(actor.id, request_id):
            raise NotFound


def _asker(actor: Viewer, request_id: int) -> int:
    # The mark must name both ends before the graph is written.
    asker_id = find_asker(actor.id, request_id)
    if asker_id is None:
        raise NotFound
    return asker_id


def remove_follower(*, actor: Viewer, ref: AccountRef) -> None:
    """Make an account stop following the actor, silently (R31)."""
    follower_id = other_end(actor, ref)
    with relationship_write(follower_id, actor.id):
        follows.remove_follower(actor.id, follower_id)


def block_account(
    *, actor: Viewer, ref: AccountRef, scope: BlockScope, claim: Claim | None = None
) -> tuple[int, bool]:
    """Block an account, wholly or by scope (R32, R33); returns its id and whether there was no block before. Raises
    NotFound, SelfRelationship, GraphUnavailable."""
    source, target = both_ends(actor, ref)
    with relationship_write(source.id, target.id, claim):
        result = blocks.block(facts_of(source), facts_of(target), scope=scope)
        if result.outcome != "blocking":
            refuse(result.outcome)
    return target.id, result.created


def unblock_account(*, actor: Viewer, ref: AccountRef, scope: BlockScope | None) -> None:
    """End a block, or one scope of it. Restores nothing; works also when there is none."""
    target_id = other_end(actor, ref)
    with relationship_write(actor.id, target_id):
        blocks.unblock(actor.id, target_id, scope=scope)


def other_end(actor: Viewer, ref: AccountRef) -> int:
    """The id of the other end of an edge that is to end. Raises NotFound, SelfRelationship."""
    # Deleting an own edge works whatever the other end has become, so its state does not count.
    card = find_card(ref)
    if card is None:
        raise NotFound
    if actor.owns(card.id):
        raise SelfRelationship
    return card.id
