"""One thread of clients. It owns its pairs of accounts: nobody else changes what is between them, so it knows after
every answer what can be so. Its own accounts switch between private and public; the hubs, which all threads share,
make them meet in the graph."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from project.tests.faults import model
from project.tests.faults.installation import Answer, Installation
from project.tests.faults.model import PRIVATE, PUBLIC, State

# Access tokens live five minutes.
REFRESH_SECONDS = 180.0
# Far longer than the graph is away.
PATIENCE_SECONDS = 300.0
# More than this is looked up rather than kept in mind.
MOST_STATES = 32


class Client:
    """A signed-in account; several threads may use it."""

    def __init__(self, installation: Installation, username: str) -> None:
        self.installation = installation
        self.id, self._access, self._refresh = installation.register(username)
        self._fresh_until = time.monotonic() + REFRESH_SECONDS
        self._lock = threading.Lock()

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        with self._lock:
            if time.monotonic() > self._fresh_until:
                answer = self.installation.call("POST", "/auth/token/refresh/", {"refresh": self._refresh})
                assert answer.status == 200, answer
                self._access, self._refresh = answer.body["access"], answer.body["refresh"]
                self._fresh_until = time.monotonic() + REFRESH_SECONDS
            token = self._access
        return self.installation.call(method, path, body, token)


@dataclass(frozen=True, slots=True)
class Operation:
    """A call of account `a`, and the function of the model that says what it does."""

    name: str
    act: Callable[..., model.Outcome]
    arguments: tuple[Any, ...]
    method: str
    path: str
    body: Any = None

    @property
    def a(self) -> int:
        return int(self.arguments[0])

    @property
    def b(self) -> int:
        return int(self.arguments[1])


@dataclass
class Figures:
    """What happened, over all threads."""

    operations: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, counter: Counter[Any], what: Any) -> None:
        with self.lock:
            counter[what] += 1

    @property
    def total(self) -> int:
        return self.statuses.total()


class Player:
    """Plays `turns` operations at random, and keeps the states that its answers leave possible."""

    def __init__(
        self,
        own: list[Client],
        hubs: list[Client],
        private_hubs: Iterable[int],
        figures: Figures,
        rng: random.Random,
    ) -> None:
        self.clients = own + hubs
        self.own = range(len(own))
        closed = set(private_hubs)
        hub_privacy = [PRIVATE if number in closed else PUBLIC for number in range(len(hubs))]
        self.states = {State((*[PUBLIC] * len(own), *hub_privacy))}
        self.figures = figures
        self.rng = rng
        self.history: list[str] = []

    # ---- playing

    def play(self, turns: int, stop: threading.Event) -> None:
        """Raises AssertionError at the first answer that no possible state explains."""
        for _ in range(turns):
            if stop.is_set():
                return
            operation = self.choose()
            before = self.states = model.in_time(self.states)
            answer = self.send(operation)
            if answer.status == 503:
                self.in_doubt(operation, before)
            if len(self.states) > MOST_STATES:
                self.look(self.everybody())

    def send(self, operation: Operation) -> Answer:
        answer = self.clients[operation.a].call(operation.method, operation.path, operation.body)
        self.figures.count(self.figures.operations, operation.name)
        self.figures.count(self.figures.statuses, answer.status)
        self.history.append(f"{operation.name} {operation.arguments} → {answer.status} {answer.body}")
        self.judge(operation, answer)
        return answer

    def judge(self, operation: Operation, answer: Answer) -> None:
        """Keep what the answer leaves possible."""
        if answer.status == 503:
            assert answer.body["code"] == "graph-unavailable", answer
            assert int(answer.headers["retry-after"]) >= 1
            self.states = {
                possible
                for state in self.states
                for possible in model.in_doubt(operation.act, state, *operation.arguments)
            }
            return
        found = set()
        for state in model.in_time(self.states):
            status, said, after = operation.act(state, *operation.arguments)
            if status == answer.status and self.fits(operation, said, after, answer.body):
                found.add(after)
        assert found, self.tell("no possible state explains this answer")
        self.states = found

    def fits(self, operation: Operation, said: str, after: State, body: Any) -> bool:
        if not body or "status" in body:
            return True
        if operation.act is model.follow:
            return bool(body["state"] == said)
        if operation.act in (model.close, model.open_up):
            return bool(body["is_private"] == (said == "private"))
        return same(view(after, operation.a, operation.b), body)

    def in_doubt(self, operation: Operation, before: set[State]) -> None:
        """After a 503: repeat it until it is answered, look what has become of it, or go on with the doubt."""
        self.wait()
        choice = self.rng.random()
        if choice < 0.4:
            self.repeat(operation)
            self.figures.count(self.figures.doubts, "repeated until answered")
        elif choice < 0.8:
            self.look([operation.a, operation.b])
            self.figures.count(self.figures.doubts, self.became(operation, before))
        else:
            self.figures.count(self.figures.doubts, "left in doubt")

    def became(self, operation: Operation, before: set[State]) -> str:
        applied = model.in_time(
            after
            for state in before
            for after in model.in_doubt(operation.act, state, *operation.arguments) - {state}
        )
        if not applied:
            return "would have changed nothing"
        if self.states <= applied - before:
            return "applied"
        return "not applied" if self.states <= before - applied else "cannot be told"

    def repeat(self, operation: Operation) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.send(operation).status == 503:
            assert time.monotonic() < deadline, "the graph does not come back"
            self.wait()

    def wait(self) -> None:
        time.sleep(self.rng.uniform(0.2, 0.9))

    # ---- looking

    def everybody(self) -> list[int]:
        return list(range(len(self.clients)))

    def look(self, accounts: Iterable[int]) -> None:
        """Ask each of these for its privacy and its relation to all others of this thread, until there is an
        answer."""
        for a in accounts:
            others = [n for n in self.everybody() if n != a and (n in self.own or a in self.own)]
            ids = ",".join(str(self.clients[n].id) for n in others)
            rows = self.insist(a, f"/relationships/?users={ids}")["results"]
            by_id = {row["account_id"]: row for row in rows}
            found = {
                state
                for state in model.in_time(self.states)
                if all(
                    by_id.get(self.clients[b].id) is None
                    if state.blocks(b, a)
                    else self.clients[b].id in by_id and same(view(state, a, b), by_id[self.clients[b].id])
                    for b in others
                )
            }
            assert found, self.tell(f"what {a} sees fits no possible state: {rows}")
            self.states = found
            if a in self.own:
                private = self.insist(a, f"/profiles/{self.clients[a].id}/")["is_private"]
                found = {s for s in model.in_time(self.states) if (s.privacy[a] != PUBLIC) == private}
                assert found, self.tell(f"{a} is private: {private}, which fits no possible state")
                self.states = found

    def insist(self, a: int, path: str) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (answer := self.clients[a].call("GET", path)).status == 503:
            assert time.monotonic() < deadline, "the graph does not come back"
            self.wait()
        assert answer.status == 200, answer
        self.history.append(f"{a} GET {path} → {answer.body}")
        return answer.body

    def tell(self, what: str) -> str:
        lines = "\n  ".join(self.history[-25:])
        states = "\n  ".join(map(str, list(self.states)[:4]))
        return f"{what}\nlast:\n  {lines}\npossible before it ({len(self.states)}):\n  {states}"

    # ---- choosing

    def choose(self) -> Operation:
        (kind,) = self.rng.choices(list(WEIGHTS), weights=list(WEIGHTS.values()))
        a = self.rng.choice(self.everybody())
        b = self.rng.choice([n for n in self.everybody() if n != a and (n in self.own or a in self.own)])
        return getattr(self, f"choose_{kind}")(a, b) or self.choose()

    def path(self, text: str, b: int) -> str:
        return text.format(self.clients[b].id)

    def choose_follow(self, a: int, b: int) -> Operation:
        return Operation("follow", model.follow, (a, b), "POST", self.path("/follow/{}/", b))

    def choose_unfollow(self, a: int, b: int) -> Operation:
        path = self.rng.choice(["/follow/{}/", "/following/{}/"])
        waits = any(state.find(a, "REQUESTED", b) for state in self.states)
        name = "cancel" if waits else "unfollow"
        return Operation(name, model.unfollow, (a, b), "DELETE", self.path(path, b))

    def choose_remove_follower(self, a: int, b: int) -> Operation:
        path = self.path("/followers/{}/", b)
        return Operation("remove follower", model.remove_follower, (a, b), "DELETE", path)

    def choose_answer(self, a: int, b: int) -> Operation | None:
        accepts = self.rng.random() < 0.7
        method, name = ("POST", "accept") if accepts else ("DELETE", "reject")
        waiting = [edge for state in self.states for edge in state.edges if edge[1] == "REQUESTED"]
        if not waiting:
            if self.rng.random() < 0.8:
                return None
            return Operation(name, model.answer_nothing, (a, b), method, f"/follow-request/{10**15 + a}/")
        asker, _, target, _ = self.rng.choice(sorted(waiting))
        request_id = self.find_request(asker, target)
        if request_id is None:
            return None
        act = model.accept if accepts else model.reject
        return Operation(name, act, (target, asker), method, f"/follow-request/{request_id}/")

    def find_request(self, asker: int, target: int) -> int | None:
        """The id of a pending request; also a look whether there is one."""
        # From the side that shares it with no other thread: its list is short.
        mine, other, direction = (
            (target, asker, "incoming") if target in self.own else (asker, target, "outgoing")
        )
        answer = self.clients[mine].call("GET", f"/follow-requests/?direction={direction}&limit=50")
        if answer.status == 503:
            return None
        rows = {row["account"]["id"]: row["id"] for row in answer.body["results"]}
        found = rows.get(self.clients[other].id)
        self.history.append(f"request of {asker} to {target}: {found}")
        states = {
            s
            for s in model.in_time(self.states)
            if (s.find(asker, "REQUESTED", target) is None) == (found is None)
        }
        assert states, self.tell("this list of requests fits no possible state")
        self.states = states
        return found

    def choose_block(self, a: int, b: int) -> Operation:
        path = self.path("/block/{}/", b)
        return Operation("block", model.block, (a, b, "all"), "POST", path)

    def choose_scoped_block(self, a: int, b: int) -> Operation:
        scope = self.rng.choice(["posts", "stories"])
        path = self.path("/block/{}/", b)
        return Operation("scoped block", model.block, (a, b, scope), "POST", path, {"scope": scope})

    def choose_unblock(self, a: int, b: int) -> Operation:
        # Blocks must not pile up: rather one that is there.
        blocks = sorted(edge for state in self.states for edge in state.edges if edge[1] == "BLOCKS")
        if blocks and self.rng.random() < 0.9:
            a, _, b, _ = self.rng.choice(blocks)
        scope = self.rng.choice(["", "", "all", "posts", "stories"])
        path = self.path("/block/{}/", b) + (f"?scope={scope}" if scope else "")
        return Operation("unblock", model.unblock, (a, b, scope), "DELETE", path)

    def choose_mute(self, a: int, b: int) -> Operation:
        switches = self.rng.choice([(True, False, False), (False, True, True), (True, True, True)])
        body = dict(zip(("posts", "stories", "notifications"), switches, strict=True))
        return Operation("mute", model.mute, (a, b, switches), "POST", self.path("/mute/{}/", b), body)

    def choose_unmute(self, a: int, b: int) -> Operation:
        return Operation("unmute", model.unmute, (a, b), "DELETE", self.path("/mute/{}/", b))

    def choose_befriend(self, a: int, b: int) -> Operation:
        path = self.path("/close-friend/{}/", b)
        return Operation("close friend", model.befriend, (a, b), "POST", path)

    def choose_unfriend(self, a: int, b: int) -> Operation:
        path = self.path("/close-friend/{}/", b)
        return Operation("no close friend", model.unfriend, (a, b), "DELETE", path)

    def choose_privacy(self, a: int, b: int) -> Operation:
        a = self.rng.choice(list(self.own))
        private = self.rng.random() < 0.6
        name, act = ("go private", model.close) if private else ("go public", model.open_up)
        path = self.path("/profiles/{}/", a)
        return Operation(name, act, (a, a), "PATCH", path, {"is_private": private})


WEIGHTS = {
    "follow": 24,
    "unfollow": 10,
    "remove_follower": 5,
    "answer": 14,
    "block": 6,
    "scoped_block": 6,
    "unblock": 11,
    "mute": 7,
    "unmute": 4,
    "befriend": 7,
    "unfriend": 4,
    "privacy": 8,
}


def view(state: State, a: int, b: int) -> dict[str, Any]:
    """The relation of a to b as a is shown it."""
    block, muting = state.find(a, "BLOCKS", b), state.find(a, "MUTES", b)
    return {
        "following": state.find(a, "FOLLOWS", b) is not None,
        "followed_by": state.find(b, "FOLLOWS", a) is not None,
        "requested": state.find(a, "REQUESTED", b) is not None,
        "requested_by": state.find(b, "REQUESTED", a) is not None,
        "blocking": dict(zip(("all", "posts", "stories"), block[3], strict=True)) if block else None,
        "muting": (
            dict(zip(("posts", "stories", "notifications"), muting[3], strict=True)) if muting else None
        ),
        "close_friend": state.find(a, "CLOSE_FRIEND", b) is not None,
    }


def same(expected: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether a Relationship says this. No mute of this test expires."""
    muting = row["muting"]
    told = {
        **{name: row[name] for name in expected},
        "muting": {name: muting[name] for name in ("posts", "stories", "notifications")} if muting else None,
    }
    return told == expected
