"""One switch of an account at a time: private, active, gone.

A switch writes two stores, and the projection copies one to the other. Whoever does either holds this lock from reading
the one until the other is written, so that the relay cannot put an older truth over a switch that was answered
(R36, R38). No transaction is open meanwhile: the locks belong to the connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

# "PW" and the account's id, as two integers.
LOCK = """
SELECT pg_advisory_lock(20567, part) FROM (
    SELECT DISTINCT (id %% 2147483648)::int AS part FROM unnest(%s::bigint[]) AS id ORDER BY part
) parts
"""
UNLOCK = """
SELECT pg_advisory_unlock(20567, part) FROM (
    SELECT DISTINCT (id %% 2147483648)::int AS part FROM unnest(%s::bigint[]) AS id
) parts
"""


@contextmanager
def one_switch_at_a_time(account_ids: Iterable[int]) -> Iterator[None]:
    """Hold the locks of these accounts. May be nested."""
    ids = sorted(set(account_ids))
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [ids])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(UNLOCK, [ids])
