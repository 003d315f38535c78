"""Asking every question of the table and comparing each answer, whole, with what the rules say."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from project.tests.truth_table import entries  # noqa: F401 - registers everything
from project.tests.truth_table.registry import NOT_STAFF, OPERATIONS, SIGN_IN, Answer, Cell, Operation, Who
from project.tests.truth_table.rules import Owner, Viewer
from project.tests.truth_table.things import Eye
from project.tests.truth_table.world import World

# An id and a name that nothing ever had.
NOBODY = "987654321987"
BASE = "/api/v1"
ASK_AGAIN = 5
# What differs from one answer to the next, whatever was asked.
UNSTEADY_HEADERS = {"x-request-id", "ratelimit", "ratelimit-policy", "date"}


@dataclass(frozen=True, slots=True)
class Read:
    """A GET operation of the document: its path below the base, and the longest page it gives, None for no pages."""

    path: str
    longest: int | None


def reads_of(document: Mapping[str, Any]) -> dict[str, Read]:
    """operationId → every GET operation of the document."""
    found = {}
    for path, item in document["paths"].items():
        if (op := item.get("get")) is not None:
            limits = [p["schema"].get("maximum") for p in op.get("parameters", ()) if p["name"] == "limit"]
            found[op["operationId"]] = Read(path.removeprefix(BASE), limits[0] if limits else None)
    return found


@dataclass
class Outcome:
    """What came of a walk: how many cells, how many words were looked for, what was wrong, which operations showed
    something to somebody."""

    cells: int = 0
    looked_for: int = 0
    leaks: list[str] = field(default_factory=list)
    denials: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    showing: set[str] = field(default_factory=set)
    asked_again: int = 0

    @property
    def wrong(self) -> list[str]:
        return [*self.leaks, *self.denials, *self.others]


class Walk:
    """One world, every viewer, every operation that is listed and in the document."""

    def __init__(self, world: World, reads: Mapping[str, Read]) -> None:
        self.world = world
        self.reads = reads
        self.outcome = Outcome()
        self._never: dict[tuple[Viewer, str], tuple[Any, ...]] = {}

    def run(self) -> Outcome:
        for eye in self.world.eyes():
            for name, entry in OPERATIONS.items():
                if (read := self.reads.get(name)) is not None:
                    for cell in self._cells(eye, entry):
                        self._ask(eye, name, read, cell)
        return self.outcome

    def _cells(self, eye: Eye, entry: Operation) -> Iterator[Cell]:
        instead = _kept_out(eye, entry.who)
        for cell in entry.cells(eye, self.world):
            yield cell if instead is None else Cell(instead, cell.path, cell.query)

    def _ask(self, eye: Eye, name: str, read: Read, cell: Cell) -> None:
        path = read.path.format(**cell.path)
        query = {**({"limit": read.longest} if read.longest else {}), **cell.query}
        answer = self._get(eye, path, query)
        where = f"{eye.viewer} · {name} {path} {json.dumps(dict(cell.query))}"
        self.outcome.cells += 1
        self.outcome.looked_for += len(self.world.labels)
        self._compare_words(where, name, answer, cell.answer)
        self._compare_status(where, answer, cell.answer)
        if answer.status_code == 404 and cell.answer.status == 404 and cell.path:
            self._compare_with_never(where, eye, name, read, cell, answer)

    def _get(self, eye: Eye, path: str, query: Mapping[str, Any]) -> Any:
        answer = eye.api.get(path, query=query)
        for _ in range(ASK_AGAIN):
            if answer.status_code != 503:
                break
            # R03: a store was too busy to say, which is no verdict.
            self.outcome.asked_again += 1
            time.sleep(int(answer["Retry-After"]))
            answer = eye.api.get(path, query=query)
        return answer

    def _compare_words(self, where: str, name: str, answer: Any, wanted: Answer) -> None:
        # Headers too: a redirect or a link would tell as much.
        there = self.world.marked(f"{answer.content.decode()} {answer.headers}")
        if there & wanted.must:
            self.outcome.showing.add(name)
        for marker in there - wanted.must - wanted.may:
            self.outcome.leaks.append(f"{where}: shows the {self.world.labels[marker]}")
        for marker in wanted.must - there:
            self.outcome.denials.append(f"{where}: does not show the {self.world.labels[marker]}")

    def _compare_status(self, where: str, answer: Any, wanted: Answer) -> None:
        status = answer.status_code
        if wanted.status is None:
            if status >= 500:
                self.outcome.others.append(f"{where}: {status}")
            return
        if status != wanted.status:
            wrong = self.outcome.leaks if status < 400 else self.outcome.denials
            wrong.append(f"{where}: {status} instead of {wanted.status}")
            return
        if wanted.code is not None and (code := answer.json()["code"]) != wanted.code:
            self.outcome.others.append(f"{where}: {code} instead of {wanted.code}")
        for dotted, value in wanted.values.items():
            found = _dig(answer.json(), dotted)
            if (frozenset(found) if isinstance(value, frozenset) else found) != value:
                self.outcome.others.append(f"{where}: {dotted} is {found} instead of {value}")

    def _compare_with_never(
        self, where: str, eye: Eye, name: str, read: Read, cell: Cell, answer: Any
    ) -> None:
        """R01: hidden is answered as what never was, to the last byte but the number of the request."""
        if (eye.viewer, name) not in self._never:
            never = self._get(eye, re.sub(r"{\w+}", NOBODY, read.path), cell.query)
            self._never[eye.viewer, name] = _steady(never)
        if _steady(answer) != self._never[eye.viewer, name]:
            self.outcome.leaks.append(f"{where}: its 404 is not the one for what never was")


# What these tell of others are numbers and ids, which are compared as such.
TELL_IN_NUMBERS = {"profiles_stats", "relationships_list", "likes_batch", "posts_insights"}


def check(state: Owner, reads: Mapping[str, Read]) -> Outcome:
    """Walk the world of an owner in that state, and fail with everything that is wrong."""
    outcome = Walk(World(state), reads).run()
    print(f"{state} owner: {outcome.cells} cells, {outcome.looked_for} markers looked for")
    assert not outcome.wrong, "\n".join([f"{len(outcome.wrong)} wrong", *outcome.wrong])
    if state is Owner.PRIVATE:
        # Here there is something of everything, a pending request too.
        shows_something = {name for name, entry in OPERATIONS.items() if not entry.why} - TELL_IN_NUMBERS
        assert outcome.showing >= shows_something, "operations that never showed anything"
    return outcome


def _kept_out(eye: Eye, who: Who) -> Answer | None:
    """What answers before the operation is reached; None where it is."""
    if who is Who.OPEN:
        return None
    if eye.gone or (not eye.signed_in and who is not Who.PUBLIC):
        return SIGN_IN
    if who is Who.STAFF and eye.viewer is not Viewer.STAFF:
        return NOT_STAFF
    return None


def _steady(answer: Any) -> tuple[Any, ...]:
    body = {key: value for key, value in answer.json().items() if key != "request_id"}
    headers = {name.lower(): value for name, value in answer.headers.items()}
    for name in UNSTEADY_HEADERS:
        headers.pop(name, None)
    return answer.status_code, json.dumps(body), headers


def _dig(body: Any, dotted: str) -> Any:
    """The value at a path; through a list, the values of all that are in it."""
    if not dotted or body is None:
        return body
    if isinstance(body, list):
        return [_dig(part, dotted) for part in body]
    first, _, rest = dotted.partition(".")
    return _dig(body[first], rest)
