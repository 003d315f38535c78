"""What reading relationships costs, as ratios to a bare Bolt round trip measured in the same run.

Everything is asked in turns in this process, so that what else the machine does falls on all kinds alike.
`manage.py bench_relationships` prints the figures, on whatever accounts the stack has: `import_graph` brings real
ones."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from django.db.models import Q
from django.test import Client
from django.test.utils import override_settings

from graph import driver
from graph.bulk import load_accounts, load_follows
from graph.queries.circle import followed_ids
from graph.queries.relations import load_relations
from graph.queries.suggestions import suggest
from graph.writes.accounts import delete_account
from project.kernel.clock import now
from project.outbox.models import OutboxRow
from social.bench import Timing, bare_request, host, measure
from social.models import Account, AccountState
from social.projections import account_rows
from social.services.bulk_accounts import NewAccount, ensure_accounts
from social.services.sessions import open_session

ROUND_TRIP = "bare Bolt round trip"
BARE = "RETURN 1"
DEGREES = """
MATCH (n:Account) WHERE n.active
RETURN n.account_id, COUNT { (n)-[:FOLLOWS]->() }
"""
# How many accounts those follow who are made up to fill the largest size.
FOLLOWS_OF_MADE_UP = 44


@dataclass(frozen=True, slots=True)
class Subject:
    """An account to look through: how many it follows, and how many second steps that makes."""

    account: Account
    followees: int
    steps: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Timings by kind, and of whom."""

    subjects: Sequence[Subject]
    timings: dict[str, Timing]

    def ratio(self, name: str) -> float:
        """Median over that of a bare round trip."""
        return self.timings[name].median / self.timings[ROUND_TRIP].median


def relationship_timings(sizes: Sequence[int], tries: int) -> Figures:
    """Time suggestions for viewers of about these numbers of followees, the page of followers and the map of 20
    relations: the statement by itself, and the whole request. Sizes that no account has are made up, and taken away
    afterwards. Raises GraphUnavailable."""
    with _subjects(sizes) as subjects, override_settings(RATE_LIMIT_FACTOR=1e6):
        kinds: dict[str, Callable[[], object]] = {ROUND_TRIP: lambda: driver.read(BARE)}
        for subject in subjects:
            kinds |= _suggestions(subject)
        kinds |= _map_and_page(subjects[0], subjects[len(subjects) // 2])
        return Figures(subjects, measure(kinds, tries))


def _suggestions(subject: Subject) -> dict[str, Callable[[], object]]:
    viewer_id, read = int(subject.account.pk), _reader(subject.account)
    name = f"suggestions at {subject.followees} followees"
    return {
        f"{name}, statement": lambda: suggest(viewer_id, limit=21),
        f"{name}, request": lambda: read("/api/v1/explore/users/"),
    }


def _map_and_page(viewer: Subject, owner: Subject) -> dict[str, Callable[[], object]]:
    viewer_id, read = int(viewer.account.pk), _reader(viewer.account)
    others = Account.objects.filter(~Q(pk=viewer_id), state=AccountState.ACTIVE).order_by("?")
    ids = sorted(others.values_list("pk", flat=True)[:20])
    asked = ",".join(str(id_) for id_ in ids)
    return {
        "relationship map of 20, statement": lambda: load_relations(viewer_id, ids),
        "relationship map of 20, request": lambda: read(f"/api/v1/relationships/?users={asked}"),
        "followers page of 20, request": lambda: read(f"/api/v1/followers/{owner.account.pk}/"),
        "own following page of 20, request": lambda: read(f"/api/v1/following/{viewer_id}/"),
    }


def _reader(account: Account) -> Callable[[str], object]:
    client = Client(headers={"Host": host()})

    def read(path: str) -> object:
        answer = client.get(path, headers={"Authorization": f"Bearer {access}"})
        assert answer.status_code == 200, answer.content
        return answer

    access = open_session(bare_request(), account).access
    return read


@contextmanager
def _subjects(sizes: Sequence[int]) -> Iterator[list[Subject]]:
    """The accounts nearest to these sizes; where the nearest is off by more than a fifth, one that is made up."""
    degrees: dict[int, int] = {int(id_): int(degree) for id_, degree in driver.read(DEGREES)}
    made_up: list[int] = []
    try:
        chosen = []
        for size in sizes:
            nearest = min(degrees, key=lambda id_: abs(degrees[id_] - size), default=None)
            if nearest is None or abs(degrees[nearest] - size) > size / 5:
                chosen.append(_make_up(size, list(degrees), made_up))
            else:
                chosen.append(nearest)
        yield [_subject(id_) for id_ in chosen]
    finally:
        for id_ in made_up:
            delete_account(id_)
        Account.objects.filter(pk__in=made_up).delete()
        OutboxRow.objects.filter(topic="account", key__in=[str(id_) for id_ in made_up]).delete()


def _make_up(size: int, known: Sequence[int], made_up: list[int]) -> int:
    """An account that follows `size` others: those there are, and as many made up ones as it takes."""
    tag = secrets.token_hex(4)
    missing = max(0, size - len(known))
    names = [f"bench.{tag}.{n}" for n in range(missing + 1)]
    new = [NewAccount(name, f"{name}@example.invalid", "Bench") for name in names]
    ids = list(ensure_accounts(new).values())
    made_up += ids
    load_accounts(account_rows(ids).values())
    viewer, fillers = ids[0], ids[1:]
    pick = random.Random(size)  # noqa: S311
    pool = [*known, *fillers]
    moment = now()
    load_follows(
        (filler, other, moment)
        for filler in fillers
        for other in pick.sample(pool, min(FOLLOWS_OF_MADE_UP, len(pool)))
    )
    load_follows((viewer, other, moment) for other in islice(pick.sample(pool, len(pool)), size))
    return viewer


def _subject(account_id: int) -> Subject:
    followed = followed_ids(account_id)
    ((steps,),) = driver.read(
        "UNWIND $ids AS id MATCH (n:Account {account_id: id}) RETURN sum(COUNT { (n)-[:FOLLOWS]->() })",
        ids=followed,
    )
    return Subject(Account.objects.get(pk=account_id), len(followed), int(steps))
