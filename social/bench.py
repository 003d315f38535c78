"""What signing in costs, and whether its time tells who has an account (R11, R12).

Requests go through the whole stack in this process, in turns, so that what else the machine does falls on all kinds
alike. `manage.py bench_auth` prints the figures; a slow test holds the difference under its bound."""

from __future__ import annotations

import json
import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import override_settings

from social.auth import load_facts, session_facts, viewer_of_token
from social.models import Account, AccountState
from social.services.sessions import open_session

PASSWORD = "a phrase for measuring"  # noqa: S105 - of an account that lives for a minute
# RFC 2544 sets these addresses aside for benchmarks. One a try: none is ever locked out.
NETWORK = "198.18"


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one kind of call."""

    name: str
    median: float
    mean: float
    p95: float


def difference(timings: Mapping[str, Timing], one: str, other: str) -> float:
    """By how much the medians of two kinds differ, as a share of the smaller one."""
    low, high = sorted([timings[one].median, timings[other].median])
    return (high - low) / low


@contextmanager
def bench_account(state: AccountState = AccountState.ACTIVE) -> Iterator[Account]:
    """An account that nobody sees, gone afterwards together with what was recorded of the tries."""
    name = f"bench.{secrets.token_hex(6)}"
    account = Account.objects.create_user(name, f"{name}@example.invalid", PASSWORD, state=state)
    try:
        with override_settings(RATE_LIMIT_FACTOR=1e6):
            yield account
    finally:
        AccessAttempt.objects.filter(ip_address__startswith=f"{NETWORK}.").delete()
        with transaction.atomic():
            # Locked: a worker may just be writing down a recovery token.
            Account.objects.select_for_update().get(pk=account.pk).delete()


def measure(kinds: Mapping[str, Callable[[], object]], tries: int) -> dict[str, Timing]:
    """Run each kind `tries` times, in turns, after a warm-up of a tenth."""
    spent: dict[str, list[float]] = {name: [] for name in kinds}
    names = list(kinds)
    for turn in range(-max(1, tries // 10), tries):
        # Each kind goes first as often as any other: what follows a slow call finds colder caches.
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            start = time.perf_counter()
            kinds[name]()
            if turn >= 0:
                spent[name].append((time.perf_counter() - start) * 1000)
    return {name: _timing(name, values) for name, values in spent.items()}


def log_in_timings(tries: int) -> dict[str, Timing]:
    """Failing log-ins: `unknown` account, `wrong` password, account that is `gone` with the right password."""
    addresses = count()
    client = Client(headers={"Host": host()})
    with bench_account() as account, bench_account(AccountState.SUSPENDED) as gone:

        def attempt(identifier: str, password: str) -> None:
            body = json.dumps({"identifier": identifier, "password": password})
            n = next(addresses)
            answer = client.post(
                "/api/v1/auth/login/",
                body,
                content_type="application/json",
                REMOTE_ADDR=f"{NETWORK}.{n // 250}.{n % 250 + 1}",
            )
            assert answer.status_code == 401, answer.content

        return measure(
            {
                "unknown": lambda: attempt(f"{account.username}x", "a wrong password"),
                "wrong": lambda: attempt(account.username, "a wrong password"),
                "gone": lambda: attempt(gone.username, PASSWORD),
            },
            tries,
        )


def recovery_timings(tries: int) -> dict[str, Timing]:
    """Asking for a new password, for an `unknown` address and a `known` one. What is asked for goes to the broker."""
    client = Client(headers={"Host": host()})
    with bench_account() as account:

        def ask(email: str) -> None:
            body = json.dumps({"email": email})
            answer = client.post("/api/v1/auth/token/recovery/", body, content_type="application/json")
            assert answer.status_code == 202, answer.content

        return measure(
            {"unknown": lambda: ask("x" + account.email), "known": lambda: ask(account.email)}, tries
        )


def session_check_timings(tries: int) -> dict[str, Timing]:
    """What each signed-in request spends on its token: signature and session together, the session's cached facts
    alone, the same from PostgreSQL; and a whole request for comparison."""
    client = Client(headers={"Host": host()})
    with bench_account() as account:
        tokens = open_session(bare_request(), account)
        headers = {"Authorization": f"Bearer {tokens.access}"}

        def whole() -> None:
            answer = client.get("/api/v1/auth/sessions/", headers=headers)
            assert answer.status_code == 200, answer.content

        return measure(
            {
                "token and session": lambda: viewer_of_token(tokens.access),
                "session from Redis": lambda: session_facts(tokens.session_id),
                "session from PostgreSQL": lambda: load_facts(tokens.session_id),
                "whole request (my devices)": whole,
            },
            tries,
        )


def _timing(name: str, values: list[float]) -> Timing:
    ordered = sorted(values)
    return Timing(
        name, statistics.median(ordered), statistics.fmean(ordered), ordered[int(len(ordered) * 0.95)]
    )


def host() -> str:
    return next((host for host in settings.ALLOWED_HOSTS if "*" not in host), "127.0.0.1").lstrip(".")


def bare_request() -> HttpRequest:
    return RequestFactory().get("/")
