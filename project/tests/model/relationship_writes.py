"""Follows, requests, blocks, mutes, close friends: how each write is answered, and what it changes (R20–R22, R30–R37).

Each function changes the world as its answer tells. Edge ids that the service gives out are filled in by the caller."""

from __future__ import annotations

from datetime import datetime

from project.tests.model import rules, views
from project.tests.model.answers import Answer, signed_in
from project.tests.model.world import Block, Edge, Mute, World


def _refused(w: World, actor: str, target: str) -> int | None:
    """The status that keeps any new edge from being made: to oneself, to who is gone, to who blocks the actor (R30)."""
    if actor == target:
        return 422
    return None if rules.may_know_of(w, actor, target) else 404


def _ended(w: World, actor: str, target: str) -> Answer:
    """Deleting one's own edge always works (R30), whatever became of the other end; with a purged account its edges
    are gone, and it is as if it had never been (R17)."""
    if w.people[target].state == "purged":
        return Answer(404)
    return Answer(422 if actor == target else 204)


@signed_in
def follow(w: World, actor: str, target: str) -> Answer:
    """R20, R30. The body is the state and the edge, whose request id may still be unknown."""
    pair = (actor, target)
    if status := _refused(w, actor, target):
        return Answer(status)
    if rules.blocks_fully(w, actor, target):
        return Answer(409)
    if pair in w.follows:
        return Answer(200, ("following", None))
    if pair in w.requests:
        return Answer(200, ("requested", w.requests[pair]))
    if w.private(target):
        w.requests[pair] = Edge(w.moment())
        return Answer(201, ("requested", w.requests[pair]))
    w.follows[pair] = Edge(w.moment())
    return Answer(201, ("following", None))


@signed_in
def unfollow(w: World, actor: str, target: str) -> Answer:
    """Ends the follow or takes the request back (R20, R31)."""
    w.follows.pop((actor, target), None)
    w.requests.pop((actor, target), None)
    return _ended(w, actor, target)


@signed_in
def remove_follower(w: World, actor: str, follower: str) -> Answer:
    """R31. What is only asked for is rejected, not removed."""
    w.follows.pop((follower, actor), None)
    return _ended(w, actor, follower)


@signed_in
def accept(w: World, actor: str, request_id: int) -> Answer:
    """R20. Accepting again is the same, as long as the follow stands."""
    waiting = next((p for p, e in w.requests.items() if e.request_id == request_id and p[1] == actor), None)
    accepted = next((p for p, e in w.follows.items() if e.request_id == request_id and p[1] == actor), None)
    pair = waiting or accepted
    if pair is None or not rules.may_find(w, actor, pair[0]):
        return Answer(404)
    if waiting:
        del w.requests[pair]
        w.follows[pair] = Edge(w.moment(), request_id)
    return Answer(200, views.relationship(w, actor, pair[0]))


@signed_in
def reject(w: World, actor: str, request_id: int) -> Answer:
    """R20."""
    waiting = next((p for p, e in w.requests.items() if e.request_id == request_id and p[1] == actor), None)
    if waiting is None:
        return Answer(404)
    del w.requests[waiting]
    return Answer(204)


@signed_in
def block(w: World, actor: str, target: str, scope: str) -> Answer:
    """R32, R33: scopes add up, `all` takes them up and ends what binds the two."""
    pair = (actor, target)
    if status := _refused(w, actor, target):
        return Answer(status)
    created = pair not in w.blocks
    scopes = {scope} if created else w.blocks[pair].scopes | {scope}
    since = w.moment() if created else w.blocks[pair].since
    w.blocks[pair] = Block(since, {"all"} if "all" in scopes else scopes)
    if "all" in scopes:
        for ends in (pair, pair[::-1]):
            w.follows.pop(ends, None)
            w.requests.pop(ends, None)
            w.close_friends.pop(ends, None)
    return Answer(201 if created else 200, views.relationship(w, actor, target))


@signed_in
def unblock(w: World, actor: str, target: str, scope: str | None) -> Answer:
    """Restores nothing (R32). A scope that is not there is not taken away."""
    pair = (actor, target)
    if pair in w.blocks:
        w.blocks[pair].scopes -= {scope} if scope else {"all", "posts", "stories"}
        if not w.blocks[pair].scopes:
            del w.blocks[pair]
    return _ended(w, actor, target)


@signed_in
def mute(
    w: World, actor: str, target: str, switches: tuple[bool, bool, bool], until: datetime | None
) -> Answer:
    """R34: muting again replaces switches and time."""
    if not any(switches):
        return Answer(422)
    if status := _refused(w, actor, target):
        return Answer(status)
    old = rules.live_mute(w, actor, target)
    w.mutes[actor, target] = Mute(old.since if old else w.moment(), *switches, until)
    return Answer(200 if old else 201, views.relationship(w, actor, target))


@signed_in
def unmute(w: World, actor: str, target: str) -> Answer:
    w.mutes.pop((actor, target), None)
    return _ended(w, actor, target)


@signed_in
def add_close_friend(w: World, actor: str, target: str) -> Answer:
    """R35; like a follow, never across a block (R30, R32)."""
    pair = (actor, target)
    if status := _refused(w, actor, target):
        return Answer(status)
    if rules.blocks_fully(w, actor, target):
        return Answer(409)
    created = pair not in w.close_friends
    if created:
        w.close_friends[pair] = w.moment()
    return Answer(201 if created else 200, views.relationship(w, actor, target))


@signed_in
def remove_close_friend(w: World, actor: str, target: str) -> Answer:
    w.close_friends.pop((actor, target), None)
    return _ended(w, actor, target)


@signed_in
def dismiss(w: World, actor: str, target: str) -> Answer:
    """A choice about the list of suggestions, of whom the actor may know."""
    if status := _refused(w, actor, target):
        return Answer(status)
    w.dismissed.add((actor, target))
    return Answer(204)
