"""Where entries put what they make and what they expect: `@makes` and `@operation`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from project.tests.truth_table.rules import Door
from project.tests.truth_table.things import Eye, Marker, Thing

if TYPE_CHECKING:
    from project.tests.truth_table.world import World


class Who(StrEnum):
    """Whom an operation answers, as the contract's table of operations says."""

    OPEN = "everybody, tokens are not looked at"
    PUBLIC = "P"
    SIGNED_IN = "A"
    STAFF = "S"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a viewer must get. `must` are the markers that stand in the answer; `may` might; every other marker of the
    world stands nowhere in it. `values` are facts of the body, by a dotted path that goes through lists; a frozenset is
    what is in a list, in any order. A status of None is any but a server error."""

    status: int | None
    must: frozenset[Marker] = frozenset()
    may: frozenset[Marker] = frozenset()
    code: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


# R01: hidden is what never was. The runner compares the whole answer with the one for an id that nothing has.
HIDDEN = Answer(404, code="not-found")
# R22
PRIVATE = Answer(403, code="private-account")
# Seen, but not for this viewer to ask.
FORBIDDEN = Answer(403, code="forbidden")
SIGN_IN = Answer(401)
NOT_STAFF = Answer(403)


def shown(
    eye: Eye, *things: Thing, markers: Iterable[Marker] = (), may: Iterable[Thing] = (), **values: Any
) -> Answer:
    """200 with these things, each with what stands beside it, and nothing else. `markers` are more of them; `may` are
    things that might be there. `values` have `__` for a dot."""
    must = frozenset(eye.markers(things)) | frozenset(markers)
    facts = {path.replace("__", "."): value for path, value in values.items()}
    return Answer(200, must, frozenset(eye.markers(may)) - must, values=facts)


def behind(door: Door, answer: Callable[[], Answer]) -> Answer:
    """The answer of a list of an account whose door stands so."""
    if door is Door.OPEN:
        return answer()
    return PRIVATE if door is Door.CLOSED else HIDDEN


@dataclass(frozen=True, slots=True)
class Cell:
    """One question and what its viewer must get: the parameters of the path, the query, the answer."""

    answer: Answer
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)


Cells = Callable[[Eye, "World"], Iterator[Cell]]
Maker = Callable[["World"], None]


@dataclass(frozen=True, slots=True)
class Operation:
    """A GET operation: whom it answers, and all its questions for one viewer. `why` is set on one that shows nothing of
    others."""

    name: str
    who: Who
    cells: Cells
    why: str = ""


OPERATIONS: dict[str, Operation] = {}
MAKERS: list[Maker] = []


def makes(maker: Maker) -> Maker:
    """Register what puts things into a world. Makers run in the order of imports, everybody being on good terms."""
    MAKERS.append(maker)
    return maker


def operation(name: str, who: Who) -> Callable[[Cells], Cells]:
    """Register a GET operation by its operationId. The function yields its cells for one viewer; it need not care for
    those whom `who` keeps out, nor for whom their own account is gone."""

    def register(cells: Cells) -> Cells:
        _add(Operation(name, who, cells))
        return cells

    return register


def shows_nothing_of_others(name: str, who: Who, why: str, **query: Any) -> None:
    """Register a GET operation that has nothing of anybody else, and why. It is asked all the same, by everybody, and
    only what is the viewer's own may stand in its answer."""

    def cells(eye: Eye, world: World) -> Iterator[Cell]:
        own = frozenset(eye.person.detail(eye)) if eye.person is not None else frozenset()
        yield Cell(Answer(None, may=own), query=query)

    _add(Operation(name, who, cells, why))


def _add(entry: Operation) -> None:
    if entry.name in OPERATIONS:
        raise ValueError(f"{entry.name} is listed twice")
    OPERATIONS[entry.name] = entry
