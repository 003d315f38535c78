"""How well and how fast an engine finds accounts: made-up members, queries with made-up mistakes, both from a
seed, so that two engines or two versions are asked the same."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from search.documents import UserDocument
from search.engine import Index, SearchEngine

FIRST_PAGE = 20
BATCH = 5000
PINGS = 100
ONSETS = "b c d f g h j k l m n p r s t v w z br ch cl dr fr gr kr pl sh st th tr".split()  # noqa: SIM905
VOWELS = "a a a e e e i i o o u y ai ea ie ou".split()  # noqa: SIM905
CODAS = ["", "", "", "n", "r", "s", "l", "m", "t", "nd", "rt", "ck"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Distinct given and family names, for each account one of either.
GIVEN, FAMILY = 2_000, 20_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What one kind of query came to: of `asked` queries, `found` had their account in the first 20."""

    kind: str
    asked: int
    found: int
    p50: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Case:
    """A query, and the account that is meant."""

    query: str
    id: int


def members(count: int, seed: int) -> list[UserDocument]:
    """Accounts with unique usernames of 4 to 14 letters and pronounceable names."""
    dice = random.Random(seed)  # noqa: S311
    given = [_word(dice, 3, 9) for _ in range(GIVEN)]
    family = [_word(dice, 4, 12) for _ in range(FAMILY)]
    taken: set[str] = set()
    found: list[UserDocument] = []
    while len(found) < count:
        username = _word(dice, 4, 14)
        if username in taken:
            username += str(dice.randrange(10, 9999))
        if username in taken:
            continue
        taken.add(username)
        full_name = f"{dice.choice(given)} {dice.choice(family)}".title()
        found.append(UserDocument(len(found) + 1, username, full_name, int(dice.paretovariate(0.8)) - 1))
    return found


def _word(dice: random.Random, shortest: int, longest: int) -> str:
    length, word = dice.randint(shortest, longest), ""
    while len(word) < length:
        word += dice.choice(ONSETS) + dice.choice(VOWELS) + dice.choice(CODAS)
    return word[:length]


def mistake(dice: random.Random, word: str) -> str:
    """`word` with one edit behind its first letter: a swap, a wrong, a missing or an additional letter."""
    while True:
        at = dice.randrange(1, len(word) - 1)
        made = dice.choice(
            [
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + dice.choice(LETTERS) + word[at + 1 :],
                word[:at] + word[at + 1 :],
                word[:at] + dice.choice(LETTERS) + word[at:],
            ]
        )
        if made != word:
            return made


def _one_edit(dice: random.Random, document: UserDocument) -> str:
    # Shorter than four letters, nothing is forgiven.
    while len(made := mistake(dice, document.username)) < 4:
        pass
    return made


def _two_edits(dice: random.Random, document: UserDocument) -> str:
    while len(made := mistake(dice, mistake(dice, document.username))) < 9:
        pass
    return made


def _in_full_name(dice: random.Random, document: UserDocument) -> str:
    given, family = document.full_name.lower().split()
    while len(made := mistake(dice, family)) < 4:
        pass
    return f"{given} {made}"


def _beginning(dice: random.Random, document: UserDocument) -> str:
    return document.username[: dice.randint(2, len(document.username) - 1)]


def _letters(shortest: int, longest: int) -> Callable[[UserDocument], bool]:
    return lambda document: document.username.isalpha() and shortest <= len(document.username) <= longest


KINDS: dict[str, tuple[Callable[[random.Random, UserDocument], str], Callable[[UserDocument], bool]]] = {
    "exact name": (lambda dice, document: document.username, _letters(4, 14)),
    "beginning": (_beginning, _letters(4, 14)),
    "4 letters, one edit": (_one_edit, _letters(4, 4)),
    "5-8 letters, one edit": (_one_edit, _letters(5, 8)),
    "9 letters or more, two edits": (_two_edits, _letters(10, 14)),
    "full name, one edit": (_in_full_name, lambda document: True),
}


def cases(kind: str, documents: list[UserDocument], count: int, seed: int) -> list[Case]:
    """Up to `count` queries of a kind."""
    make, fits = KINDS[kind]
    dice = random.Random(f"{seed} {kind}")  # noqa: S311
    able = [document for document in documents if fits(document)]
    return [Case(make(dice, one), one.id) for one in dice.sample(able, min(count, len(able)))]


def fill(engine: SearchEngine, documents: list[UserDocument]) -> float:
    """Write the documents; returns the seconds that took."""
    started = time.perf_counter()
    for start in range(0, len(documents), BATCH):
        engine.upsert_users(documents[start : start + BATCH])
    return time.perf_counter() - started


def measure(engine: SearchEngine, documents: list[UserDocument], count: int, seed: int) -> Iterator[Measured]:
    """Ask `count` queries of every kind. Pings are measured among them, so that a busy machine slows both."""
    for kind in KINDS:
        asked = cases(kind, documents, count, seed)
        times: list[float] = []
        pings: list[float] = []
        found = 0
        for at, case in enumerate(asked):
            started = time.perf_counter()
            hits = engine.search(Index.USERS, case.query, limit=FIRST_PAGE)
            times.append(time.perf_counter() - started)
            found += case.id in {hit.id for hit in hits}
            if at % max(1, len(asked) // PINGS) == 0:
                pings.append(engine.ping())
        p50, ping = statistics.median(times), statistics.median(pings)
        yield Measured(kind, len(asked), found, p50, p50 / ping)
