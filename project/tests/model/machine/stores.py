"""What a story is played on: empty stores, and clients that share one handler."""

from __future__ import annotations

from django.db import connection, transaction
from django.test.client import ClientHandler

from graph import driver
from project.kernel.redis import get_redis
from project.testing.client import ApiClient

_tables: list[str] = []
_handler = ClientHandler(enforce_csrf_checks=False)


def client(access: str | None = None) -> ApiClient:
    """A client with this access token. All share one handler: to load the middleware takes longer than a story."""
    made = ApiClient()
    made.client.handler = _handler
    made.access = access
    return made


def wipe() -> None:
    """Empty stores for the next story: rows are committed here, as in production."""
    if not _tables:
        kept = {"django_migrations", "django_content_type", "auth_permission"}
        _tables.extend(name for name in connection.introspection.table_names() if name not in kept)
    # Foreign keys are looked at when the transaction commits, so the order does not matter. Few rows are deleted
    # sooner than so many tables are truncated.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("; ".join(f"DELETE FROM {connection.ops.quote_name(name)}" for name in _tables))
    driver.write("MATCH (n) DETACH DELETE n")
    get_redis().flushdb()
