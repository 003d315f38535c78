"""Whether a post that very many comment on at once takes more comments when they are queued (202) than when each is
written before it is answered (201).

Two servers that differ in `COMMENT_BURST_PER_SECOND` alone are driven in turns over HTTP, by the same accounts and on
the same post, so that what else the machine does falls on both alike; an empty request in the same turns is the floor.
The clients share the machine with the servers. `manage.py bench_comments` prints the figures."""

from __future__ import annotations

import http.client
import json
import secrets
import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from content.bench_processes import LIVE, BenchFailed, relay, servers, wait_until
from content.models import Comment, Post, PostCounters, PostState, QueuedComment
from content.services.posts import remove_post
from project.kernel.clock import now
from project.kernel.errors import NotFound
from project.outbox.models import OutboxRow
from project.outbox.topics import Topic
from social.bench import bare_request, host
from social.models import Account, AccountState
from social.services.bulk_accounts import NewAccount, ensure_accounts
from social.services.purge import purge_account
from social.services.sessions import open_session

PLAIN, QUEUED, FLOOR = "written at once (201)", "queued (202)", "floor: GET /health/live/"
# How long the relay may take to write what was accepted in a round.
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A request that is sent again and again, and how it must be answered."""

    name: str
    port: int
    method: str
    path: str
    status: int


@dataclass(frozen=True, slots=True)
class Round:
    """Of one round: answers a second, comments in the table a second (0 for the floor), latency in milliseconds."""

    name: str
    sent: int
    accepted: float
    persisted: float
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All rounds, how many comments there were in the end, and whether a relay was started for this."""

    rounds: Sequence[Round]
    comments: int
    own_relay: bool

    def of(self, name: str, figure: str) -> list[float]:
        """One figure of all rounds of a kind."""
        return [getattr(each, figure) for each in self.rounds if each.name == name]

    def median(self, name: str, figure: str) -> float:
        return statistics.median(self.of(name, figure))

    def ratio(self, figure: str) -> float:
        """What is queued, over what is written at once; medians."""
        return self.median(QUEUED, figure) / self.median(PLAIN, figure)


@dataclass(frozen=True, slots=True)
class Stage:
    """Who writes, and on which post."""

    writers: Sequence[Account]
    post_id: int

    def rows(self) -> int:
        return Comment.objects.filter(post_id=self.post_id).count()

    def counted(self) -> int:
        return PostCounters.objects.get(pk=self.post_id).comment_count


def comment_rates(*, rounds: int, writers: int, comments: int) -> Figures:
    """Drive both paths `rounds` times with about `comments` comments each (as many of each writer), after a round of
    two comments a writer that is not counted. Makes accounts and a post, and takes them away again.

    Raises BenchFailed where something is answered otherwise than it must be, accepted and not written, or counted
    wrongly; GraphUnavailable."""
    environments = [
        {"COMMENT_BURST_PER_SECOND": most, "RATE_LIMIT_FACTOR": "1e6", "LOG_LEVEL": "WARNING"}
        for most in ("-1", "0")
    ]
    found: list[Round] = []
    with relay() as own_relay, _stage(writers) as stage, servers(*environments) as (plain, queued):
        path = f"/api/v1/posts/{stage.post_id}/comments/"
        kinds = [
            Kind(PLAIN, plain, "POST", path, 201),
            Kind(QUEUED, queued, "POST", path, 202),
            Kind(FLOOR, plain, "GET", LIVE, 200),
        ]
        for turn in range(-1, rounds):
            each = 2 if turn < 0 else max(1, comments // writers)
            # Each goes first as often as the other.
            for kind in kinds if turn % 2 == 0 else [kinds[1], kinds[0], kinds[2]]:
                done = _round(stage, kind, each)
                if turn >= 0:
                    found.append(done)
        return Figures(found, stage.rows(), own_relay)


def _round(stage: Stage, kind: Kind, each: int) -> Round:
    before = stage.rows()
    # Anew for each round: however many rounds there are, no token runs out.
    tokens = [open_session(bare_request(), account).access for account in stage.writers]
    start, answered, latencies = _drive(kind, tokens, each)
    sent = len(latencies)
    persisted = 0.0
    if kind.method == "POST":
        if not wait_until(lambda: stage.rows() >= before + sent, PATIENCE):
            raise BenchFailed(f"{sent} comments were accepted, {stage.rows() - before} written.")
        persisted = sent / (time.perf_counter() - start)
        rows, counted = stage.rows(), stage.counted()
        if not counted == rows == before + sent:
            raise BenchFailed(f"{before + sent} comments were accepted, {rows} are there, {counted} counted.")
    latencies.sort()
    p99 = latencies[int(sent * 0.99)]
    return Round(kind.name, sent, sent / answered, persisted, statistics.median(latencies), p99)


def _drive(kind: Kind, tokens: Sequence[str], each: int) -> tuple[float, float, list[float]]:
    """Send `each` requests from a thread for every token, all threads starting together; when they started, seconds
    until the last was answered, and all latencies. Raises BenchFailed."""
    together = threading.Barrier(len(tokens) + 1)
    stopped = threading.Event()
    latencies: list[float] = []
    wrong: list[str] = []

    def write(token: str) -> None:
        headers = {"Host": host(), "Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        server = http.client.HTTPConnection("127.0.0.1", kind.port, timeout=PATIENCE)
        mine = []
        together.wait()
        try:
            for n in range(each):
                if stopped.is_set():
                    return
                body = json.dumps({"text": f"what a lovely picture {n}"}) if kind.method == "POST" else None
                sent_at = time.perf_counter()
                server.request(kind.method, kind.path, body, headers)
                answer = server.getresponse()
                said = answer.read()
                mine.append((time.perf_counter() - sent_at) * 1000)
                if answer.status != kind.status:
                    wrong.append(f"{answer.status} {said[:200]!r}")
                    stopped.set()
        except (OSError, http.client.HTTPException) as error:
            wrong.append(repr(error))
            stopped.set()
        finally:
            latencies.extend(mine)
            server.close()

    threads = [threading.Thread(target=write, args=(token,), daemon=True) for token in tokens]
    for thread in threads:
        thread.start()
    together.wait()
    start = time.perf_counter()
    try:
        for thread in threads:
            thread.join()
    finally:
        stopped.set()
    answered = time.perf_counter() - start
    if wrong:
        raise BenchFailed(f"{kind.name}: {len(wrong)} requests were answered otherwise, such as {wrong[0]}")
    return start, answered, latencies


@contextmanager
def _stage(writers: int) -> Iterator[Stage]:
    """So many accounts and one more, which has a post; gone afterwards. Raises GraphUnavailable, BenchFailed."""
    tag = secrets.token_hex(6)
    names = [f"bench.{tag}.{n}" for n in range(writers + 1)]
    made: Mapping[str, int] = {}
    post_id = 0
    try:
        made = ensure_accounts([NewAccount(name, f"{name}@example.invalid", "Bench") for name in names])
        author_id, *writer_ids = (made[name] for name in names)
        with transaction.atomic():
            post = Post.objects.create(author_id=author_id, state=PostState.PUBLISHED, published_at=now())
            PostCounters.objects.create(post=post)
        post_id = post.pk
        yield Stage(list(Account.objects.filter(pk__in=writer_ids).order_by("pk")), post_id)
    finally:
        # Should the graph have been away, the rows are there without having been told of.
        stored = Account.objects.filter(username__in=names).values_list("pk", flat=True)
        _remove(sorted({*made.values(), *stored}), post_id)


def _remove(account_ids: Sequence[int], post_id: int) -> None:
    """Take the post and the accounts out of every store, as a purge does, and let the relay follow."""
    waiting = list(QueuedComment.objects.filter(post_id=post_id).values_list("pk", flat=True))
    with suppress(NotFound):
        remove_post(post_id)
    moment = now()
    Account.objects.filter(pk__in=account_ids).update(
        state=AccountState.DELETED, state_changed_at=moment, purge_started_at=moment
    )
    failed = [report for id_ in account_ids if (report := purge_account(id_)) and not report.complete]
    ours = OutboxRow.objects.filter(
        Q(topic=Topic.ACCOUNT, key__in=[str(id_) for id_ in account_ids])
        | Q(topic=Topic.POST, key=str(post_id))
        | Q(topic=Topic.QUEUED_COMMENT, key__in=[str(id_) for id_ in waiting])
    )
    # What a store that is away keeps waiting is delivered to it later, as ever.
    wait_until(lambda: not ours.exists(), 10.0)
    if failed:
        raise BenchFailed(
            f"Accounts could not be purged yet (purge_accounts goes on with it): {failed[0].error}"
        )
