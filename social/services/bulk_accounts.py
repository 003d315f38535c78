"""Many accounts at once, for imports and the demo: rows in batches, no password hashing an account, no limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.db import transaction

from graph.bulk import load_accounts
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.models import Account, Profile
from social.projections import account_rows

BATCH = 1000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """One account to make. `password` is an encoded hash, or empty for one that cannot sign in."""

    username: str
    email: str
    full_name: str
    password: str = "!"  # noqa: S105 - no hash: cannot sign in
    bio: str = ""
    is_private: bool = False


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some


def ensure_accounts(
    wanted: Sequence[NewAccount], *, progress: Callable[[int], None] = lambda n: None
) -> dict[str, int]:
    """Make the accounts that are not there yet, with profiles and graph nodes; username → id of all of them.

    Can be run again: an account that exists stays as it is. Raises GraphUnavailable; what was reported as progress is
    stored."""
    found: dict[str, int] = {}
    for some in batches(wanted):
        with transaction.atomic():
            accounts = [
                Account(
                    username=a.username,
                    email=a.email,
                    full_name=a.full_name,
                    password=a.password,
                    is_private=a.is_private,
                )
                for a in some
            ]
            # The unique constraints decide who is there already.
            Account.objects.bulk_create(accounts, ignore_conflicts=True)
            ids = dict(
                Account.objects.filter(username__in=[a.username for a in some]).values_list("username", "id")
            )
            profiles = [Profile(account_id=ids[a.username], bio=a.bio) for a in some if a.username in ids]
            Profile.objects.bulk_create(profiles, ignore_conflicts=True)
        load_accounts(account_rows(list(ids.values())).values())
        found |= ids
        progress(len(some))
    return found


def announce_accounts(ids: Iterable[int]) -> None:
    """Let every projection take these accounts up (search wants their follower counts, so call it after the edges are
    loaded)."""
    for some in batches(ids):
        with transaction.atomic():
            emit(Topic.ACCOUNT, *some)
