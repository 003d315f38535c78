"""Registering, logging in, privacy, leaving and coming back (R10, R11, R16, R17, R21, R38)."""

from __future__ import annotations

from project.tests.model import rules
from project.tests.model.answers import Answer, signed_in
from project.tests.model.world import GRACE, Edge, Person, World


def register(w: World, name: str) -> Answer:
    """A taken name is told (R11), also that of an account that is gone for now; a purged one is free."""
    if name in w.people and w.people[name].state != "purged":
        return Answer(409)
    w.people[name] = Person(name, full_name(name))
    return Answer(201)


def full_name(name: str) -> str:
    """Everybody's has a word by which search finds them all."""
    return f"{name.capitalize()} Modelperson"


def log_in(w: World, name: str) -> Answer:
    """Whoever is gone gets the answer for a wrong password (R11)."""
    return Answer(200 if w.active(name) else 401)


def restore(w: World, name: str) -> Answer:
    """R16: from deactivation at any time, from deletion within the grace time; for who is there, a log-in."""
    person = w.people[name]
    if person.state == "purged":
        return Answer(401)
    if person.state == "deleted" and person.left_at is not None and w.now >= person.left_at + GRACE:
        return Answer(401)
    person.state, person.left_at = "active", None
    return Answer(200)


@signed_in
def set_private(w: World, actor: str, private: bool) -> Answer:
    """R21: opening accepts what is pending, but not from who is blocked or inactive; those requests end."""
    person = w.people[actor]
    if person.private and not private:
        moment = w.moment()
        for asker, target in [pair for pair in w.requests if pair[1] == actor]:
            request = w.requests.pop((asker, target))
            if rules.may_find(w, actor, asker):
                w.follows[asker, target] = Edge(moment, request.request_id)
    person.private = private
    return Answer(200)


@signed_in
def deactivate(w: World, actor: str) -> Answer:
    """R17: the edges and what was written stay, hidden, for the day of coming back."""
    w.people[actor].state = "deactivated"
    return Answer(204)


@signed_in
def delete(w: World, actor: str, target: str) -> Answer:
    """R16: the owner with the password. Others are refused as far as they may know of the account at all."""
    if actor != target:
        return Answer(403 if rules.may_find(w, actor, target) else 404)
    w.people[actor].state, w.people[actor].left_at = "deleted", w.now
    return Answer(204)


def purge(w: World) -> None:
    """R17: whoever is deleted for longer than the grace time leaves nothing behind."""
    for person in w.people.values():
        if person.state == "deleted" and person.left_at is not None and w.now >= person.left_at + GRACE:
            person.state = "purged"
            _forget(w, person.name)


def _forget(w: World, name: str) -> None:
    for edges in (w.follows, w.requests, w.blocks, w.mutes, w.close_friends):
        for pair in [pair for pair in edges if name in pair]:
            del edges[pair]
    w.dismissed = {pair for pair in w.dismissed if name not in pair}
    for label in [p.label for p in w.posts.values() if p.author == name]:
        w.forget_post(label)
    for label in [c.label for c in w.comments.values() if c.author == name]:
        w.forget_comment(label)
    w.likes = {pair: at for pair, at in w.likes.items() if pair[1] != name}
