"""What every relationship operation answers and changes, as plain functions of a state (R20, R21, R30–R35).

A state holds what is between some accounts. Accounts are numbers here; edges are tuples (source, kind, target,
details). An operation in doubt leads from one state to several: those in which it has happened and those in which it
has not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

Edge = tuple[int, str, int, tuple[bool, ...]]
FULL = (True, False, False)
SCOPES = {"all": 0, "posts": 1, "stories": 2}

# What an account may be. OPENING: it has been opened in the graph, where those who waited were accepted, and Postgres
# follows when the relay finishes it; until then it is private.
PUBLIC, PRIVATE, OPENING = "public", "private", "opening"


@dataclass(frozen=True, slots=True)
class State:
    """`privacy[n]` of account n, and all edges."""

    privacy: tuple[str, ...]
    edges: frozenset[Edge] = frozenset()

    def find(self, source: int, kind: str, target: int) -> Edge | None:
        return next((e for e in self.edges if e[0] == source and e[1] == kind and e[2] == target), None)

    def blocks(self, source: int, target: int) -> bool:
        """Fully."""
        return (source, "BLOCKS", target, FULL) in self.edges

    def plus(self, source: int, kind: str, target: int, details: tuple[bool, ...] = ()) -> State:
        """With this edge instead of any other of its kind."""
        return replace(
            self.minus(source, kind, target),
            edges=self.minus(source, kind, target).edges | {(source, kind, target, details)},
        )

    def minus(self, source: int, kind: str, target: int) -> State:
        gone = {e for e in self.edges if e[0] == source and e[1] == kind and e[2] == target}
        return replace(self, edges=self.edges - gone) if gone else self

    def switched(self, account: int, privacy: str) -> State:
        before, after = self.privacy[:account], self.privacy[account + 1 :]
        return replace(self, privacy=(*before, privacy, *after))


# An answer: the status, and what the body says of the relation where the status alone does not tell.
Outcome = tuple[int, str, State]


def follow(state: State, a: int, b: int) -> Outcome:
    if state.blocks(b, a):
        return 404, "", state
    if state.blocks(a, b):
        return 409, "", state
    if state.find(a, "FOLLOWS", b):
        return 200, "following", state
    if state.privacy[b] == PUBLIC:
        return 201, "following", state.minus(a, "REQUESTED", b).plus(a, "FOLLOWS", b)
    if state.find(a, "REQUESTED", b):
        return 200, "requested", state
    return 201, "requested", state.plus(a, "REQUESTED", b)


def unfollow(state: State, a: int, b: int) -> Outcome:
    return 204, "", state.minus(a, "FOLLOWS", b).minus(a, "REQUESTED", b)


def remove_follower(state: State, a: int, b: int) -> Outcome:
    return 204, "", state.minus(b, "FOLLOWS", a)


def accept(state: State, a: int, b: int) -> Outcome:
    """a accepts the request of b that was there a moment ago: also when an earlier try has done so."""
    if state.find(b, "REQUESTED", a):
        return 200, "", state.minus(b, "REQUESTED", a).plus(b, "FOLLOWS", a)
    return (200 if state.find(b, "FOLLOWS", a) else 404), "", state


def reject(state: State, a: int, b: int) -> Outcome:
    if state.find(b, "REQUESTED", a):
        return 204, "", state.minus(b, "REQUESTED", a)
    return 404, "", state


def answer_nothing(state: State, a: int, b: int) -> Outcome:
    """A request that does not exist."""
    return 404, "", state


def block(state: State, a: int, b: int, scope: str) -> Outcome:
    if state.blocks(b, a):
        return 404, "", state
    old = state.find(a, "BLOCKS", b)
    if scope == "all" or (old is not None and old[3][0]):
        details = FULL
    else:
        had = old[3] if old is not None else (False, False, False)
        details = (False, had[1] or scope == "posts", had[2] or scope == "stories")
    made = state.plus(a, "BLOCKS", b, details)
    if details == FULL:
        for kind in ("FOLLOWS", "REQUESTED", "CLOSE_FRIEND"):
            made = made.minus(a, kind, b).minus(b, kind, a)
    return (200 if old else 201), "", made


def unblock(state: State, a: int, b: int, scope: str) -> Outcome:
    old = state.find(a, "BLOCKS", b)
    if old is None or not scope:
        return 204, "", state.minus(a, "BLOCKS", b)
    left = tuple(on and number != SCOPES[scope] for number, on in enumerate(old[3]))
    return 204, "", state.plus(a, "BLOCKS", b, left) if any(left) else state.minus(a, "BLOCKS", b)


def mute(state: State, a: int, b: int, switches: tuple[bool, ...]) -> Outcome:
    if state.blocks(b, a):
        return 404, "", state
    return (200 if state.find(a, "MUTES", b) else 201), "", state.plus(a, "MUTES", b, switches)


def unmute(state: State, a: int, b: int) -> Outcome:
    return 204, "", state.minus(a, "MUTES", b)


def befriend(state: State, a: int, b: int) -> Outcome:
    if state.blocks(b, a):
        return 404, "", state
    if state.blocks(a, b):
        return 409, "", state
    return (200 if state.find(a, "CLOSE_FRIEND", b) else 201), "", state.plus(a, "CLOSE_FRIEND", b)


def unfriend(state: State, a: int, b: int) -> Outcome:
    return 204, "", state.minus(a, "CLOSE_FRIEND", b)


def close(state: State, a: int, b: int) -> Outcome:
    return 200, "private", state.switched(a, PRIVATE)


def open_up(state: State, a: int, b: int) -> Outcome:
    return 200, "public", accepted(state, a).switched(a, PUBLIC)


def accepted(state: State, account: int) -> State:
    """All who wait for this account follow it."""
    for source, kind, target, _ in state.edges:
        if kind == "REQUESTED" and target == account:
            state = state.minus(source, kind, target).plus(source, "FOLLOWS", target)
    return state


def in_doubt(act: Callable[..., Outcome], state: State, *arguments: Any) -> set[State]:
    """What may be after an operation that was answered 503: not at all or wholly; an opening may be under way."""
    found = {state, act(state, *arguments)[2]}
    if act is open_up and state.privacy[arguments[0]] != PUBLIC:
        found.add(accepted(state, arguments[0]).switched(arguments[0], OPENING))
    return found


def in_time(states: Iterable[State]) -> set[State]:
    """With those to which the relay may have come meanwhile: openings that it has finished."""
    found = set(states)
    for state in list(found):
        for account, privacy in enumerate(state.privacy):
            if privacy == OPENING:
                found |= in_time({accepted(state, account).switched(account, PUBLIC)})
    return found


def settled(states: Iterable[State]) -> set[State]:
    """What may be when the relay has nothing left to do."""
    return {state for state in in_time(states) if OPENING not in state.privacy}
