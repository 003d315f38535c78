"""The relay: claims due rows, calls their projections, deletes what succeeded.

A claim moves `due_at` into the future in one short statement (`SKIP LOCKED`), so that no transaction is open across
a network call, two relays never work on one row, and a relay that dies loses nothing: its rows fall due again. Of each
consumer one relay is at work at a time, by an advisory lock of its connection (so not through a pooler that hands
connections out by transaction)."""

from __future__ import annotations

import logging
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection

from project.kernel.clock import now
from project.kernel.redis import RedisError, get_redis, key
from project.outbox.emit import NUDGE
from project.outbox.models import OutboxRow
from project.outbox.topics import Projection, Topic, registry

log = logging.getLogger(__name__)
# How long the rows of a relay that was killed wait. It may be shorter than a batch takes: while its relay lives, the
# lock keeps others away.
LEASE = timedelta(seconds=20)
MAX_BACKOFF = 300
# The first half of the advisory locks of relays; the second is the consumer.
LOCK_SPACE = 0x5047_4F58

CLAIM = """
UPDATE outbox_outboxrow SET due_at = %(until)s, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM outbox_outboxrow
    WHERE consumer = %(consumer)s AND due_at <= %(now)s
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING id, topic, key
"""


@dataclass(frozen=True, slots=True)
class Drained:
    """What one run did: rows done and rows put back."""

    done: int = 0
    failed: int = 0

    def __add__(self, other: Drained) -> Drained:
        return Drained(self.done + other.done, self.failed + other.failed)


def drain(consumers: Iterable[str] | None = None, *, deadline: float | None = None) -> Drained:
    """Work until nothing is due (or `time.monotonic()` passes `deadline`). Errors stay with their consumer."""
    total = Drained()
    for name in consumers if consumers is not None else list(registry.projections):
        projection = registry.projections[name]
        while deadline is None or time.monotonic() < deadline:
            step = _batch(projection)
            total += step
            if step.done == 0:
                break
    return total


@contextmanager
def alone(projection: Projection, *, wait: bool = False) -> Iterator[bool]:
    """Be the only one at work on a consumer; gives False where somebody else is, unless told to `wait`.

    Were two at work, the slower one could write an older truth of a key over the newer one of the other. Whoever
    is alone already may drain, in the same thread."""
    lock = [LOCK_SPACE, zlib.crc32(f"{settings.REDIS_PREFIX}:{projection.name}".encode()) - 2**31]
    taken = True
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s::int, %s::int)", lock)
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", lock)
            taken = cursor.fetchone()[0]
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s::int, %s::int)", lock)


def _batch(projection: Projection) -> Drained:
    """One batch of one consumer, by one relay at a time."""
    with alone(projection) as taken:
        return _claim_and_handle(projection) if taken else Drained()


def _claim_and_handle(projection: Projection) -> Drained:
    moment = now()
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {"consumer": projection.name, "now": moment, "until": moment + LEASE, "limit": projection.batch},
        )
        claimed = cursor.fetchall()
    done = Drained()
    by_topic: dict[str, list[tuple[int, str]]] = {}
    for row_id, topic, k in claimed:
        by_topic.setdefault(topic, []).append((row_id, k))
    for topic, rows in by_topic.items():
        done += _handle(projection, Topic(topic), rows)
    return done


def _handle(projection: Projection, topic: Topic, rows: list[tuple[int, str]]) -> Drained:
    ids = [row_id for row_id, _ in rows]
    try:
        projection.handle(topic, list(dict.fromkeys(k for _, k in rows)))
    except Exception as error:
        if len(rows) > 1:
            # One bad key must not hold up its batch.
            total = Drained()
            for row in rows:
                total += _handle(projection, topic, [row])
            return total
        log.warning("projection %s failed on %s %s", projection.name, topic, rows[0][1], exc_info=error)
        attempts = OutboxRow.objects.filter(pk=ids[0]).values_list("attempts", flat=True).first() or 1
        delay = timedelta(seconds=min(MAX_BACKOFF, 2 ** min(attempts, 10)))
        OutboxRow.objects.filter(pk=ids[0]).update(due_at=now() + delay, last_error=repr(error)[:500])
        return Drained(failed=1)
    OutboxRow.objects.filter(pk__in=ids).delete()
    return Drained(done=len(rows))


def lag() -> dict[str, tuple[int, float]]:
    """consumer → (rows that are due, age of the oldest in seconds)."""
    moment = now()
    found: dict[str, tuple[int, float]] = dict.fromkeys(registry.projections, (0, 0.0))
    for consumer, created_at in OutboxRow.objects.filter(due_at__lte=moment + LEASE).values_list(
        "consumer", "created_at"
    ):
        count, oldest = found.get(consumer, (0, 0.0))
        found[consumer] = (count + 1, max(oldest, (moment - created_at).total_seconds()))
    return found


def run(stop: Callable[[], bool], *, idle: float = 1.0) -> None:
    """Drain for ever, waking on nudges and every `idle` seconds, until `stop()`."""
    while not stop():
        try:
            drained = drain(deadline=time.monotonic() + 5)
        except Exception:
            log.exception("the relay could not drain")
            connection.close()
            time.sleep(idle)
            continue
        if not drained.done:
            _wait(idle)


def _wait(seconds: float) -> None:
    try:
        get_redis().blpop([key(NUDGE)], timeout=seconds)
    except RedisError:
        time.sleep(seconds)
