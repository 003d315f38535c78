"""The order of every relationship write (R81): mark, graph, answer.

The mark is an outbox row that commits first and falls due only after a lease longer than the graph transaction's
timeout. Once the graph has answered it is made due at once. After a crash at any point it falls due by itself, and
the projections bring caches and notifications in step with what the graph holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

from graph.errors import GraphNotAsked, GraphUnavailable
from graph.rows import AccountFacts
from project.kernel.clock import now
from project.kernel.errors import AppError
from project.kernel.idempotency import Claim
from project.outbox.emit import emit, make_due, withdraw
from project.outbox.topics import Topic
from social.hydration import AccountCard


@contextmanager
def relationship_write(source_id: int, target_id: int, claim: Claim | None = None) -> Iterator[None]:
    """Around a statement that changes edges between two accounts.

    Around one statement, no more: a refusal (4xx) takes the mark back, because it did nothing, and so does
    GraphNotAsked (the same Idempotency-Key may then be used again at once). Any other GraphUnavailable leaves it: the
    write is in doubt, and the relay will look."""
    with transaction.atomic():
        marks = emit(
            Topic.RELATIONSHIP, f"{source_id}:{target_id}", due_at=now() + settings.RELATIONSHIP_MARK_LEASE
        )
        if claim is not None:
            claim.start()
    try:
        yield
    except AppError as error:
        if isinstance(error, GraphUnavailable) and not isinstance(error, GraphNotAsked):
            raise
        withdraw(marks)
        if claim is not None:
            claim.abandon()
        raise
    make_due(marks)


def facts_of(card: AccountCard) -> AccountFacts:
    """The account as the graph's statements take it."""
    return AccountFacts(
        account_id=card.id,
        username=card.username,
        full_name=card.full_name,
        private=card.is_private,
        active=card.active,
    )


def next_request_id() -> int:
    """A new follow request's id: the same kind of number as every other id (R39)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('social_follow_request_id')")
        return int(cursor.fetchone()[0])
