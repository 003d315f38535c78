"""Writing to the outbox: in the transaction of the change, so that neither exists without the other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from project.kernel.clock import now
from project.kernel.redis import RedisError, get_redis, key
from project.outbox.models import OutboxRow
from project.outbox.topics import Topic, registry

NUDGE = "outbox:nudge"


def emit(topic: Topic, *keys: int | str, due_at: datetime | None = None) -> list[int]:
    """Record that `keys` of `topic` changed; returns the row ids.

    Call it inside the transaction of the change. Rows fall due at once, or at `due_at`; the commit nudges the relay."""
    moment = now()
    rows = [
        OutboxRow(consumer=consumer, topic=topic, key=str(k), created_at=moment, due_at=due_at or moment)
        for k in dict.fromkeys(keys)
        for consumer in registry.consumers(topic)
    ]
    if not rows:
        return []
    created = OutboxRow.objects.bulk_create(rows)
    if due_at is None:
        transaction.on_commit(nudge)
    return [row.pk for row in created]


def make_due(row_ids: Iterable[int]) -> None:
    """Let marks fall due now."""
    ids = list(row_ids)
    if ids:
        OutboxRow.objects.filter(pk__in=ids).update(due_at=now())
        transaction.on_commit(nudge)


def withdraw(row_ids: Iterable[int]) -> None:
    """Take marks back: what they announced was refused and did not happen."""
    ids = list(row_ids)
    if ids:
        OutboxRow.objects.filter(pk__in=ids).delete()


def nudge() -> None:
    """Wake the relay. Lost nudges cost a second at most: the relay looks by itself, and beat sweeps."""
    try:
        with get_redis().pipeline(transaction=False) as pipe:
            pipe.lpush(key(NUDGE), b"1")
            pipe.ltrim(key(NUDGE), 0, 0)
            pipe.execute()
    except RedisError:
        return
