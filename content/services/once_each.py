"""What an account does to a post at most once: liking, saving, reposting, sending it on. A row in a table that
is unique by post and account, and a count beside the post that follows it: one SQL statement each, exact
however many run at once.

Who may do what is asked before, by the services of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import transaction

from project.kernel.clock import now
from project.kernel.errors import NotFound, Unauthenticated
from project.kernel.sql import fetch_all
from project.outbox.emit import emit
from project.outbox.topics import Topic

# `actor` shares the lock of the account's row and `post` keeps the post from being deleted: the row and its
# count happen wholly before or wholly after the account leaves or the post goes. The unique constraint makes
# concurrent duplicates wait for each other, and the second one insert nothing.
ACTOR = """
WITH actor AS MATERIALIZED (
    SELECT id FROM social_account WHERE id = %(account)s AND state = 'active' FOR SHARE
)"""
POST = """, post AS MATERIALIZED (
    SELECT id FROM content_post WHERE id = %(post)s AND state = 'published' FOR KEY SHARE
)"""


@dataclass(frozen=True)
class Deed:
    """A kind of deed: the table of its rows, and where they are counted, the column of
    `content_postcounters` and the topic that tells of its changes. A table with a count has `counted`
    (`services.counters`). All are constants of this app."""

    table: str
    counter: str | None = None
    topic: Topic | None = None

    @cached_property
    def do(self) -> str:
        """Make the row: (account, post, made)."""
        return (
            f"{ACTOR}{POST}{self._made('')}{self._up}\n"  # noqa: S608
            "SELECT (SELECT id FROM actor), (SELECT id FROM post), (SELECT id FROM made)"
        )

    @cached_property
    def undo(self) -> str:
        """Delete the row: (account, gone)."""
        return f"{ACTOR}{self._gone}{self._down}\nSELECT (SELECT id FROM actor), (SELECT id FROM gone)"  # noqa: S608

    @cached_property
    def toggle(self) -> str:
        """Delete the row, or make it where there is none: (account, post, made, gone)."""
        made = self._made(" WHERE NOT EXISTS (SELECT FROM gone)")
        return (
            f"{ACTOR}{POST}{self._gone}{made}{self._up}{self._down}\n"  # noqa: S608
            "SELECT (SELECT id FROM actor), (SELECT id FROM post), "
            "(SELECT id FROM made), (SELECT id FROM gone)"
        )

    def _made(self, unless: str) -> str:
        counted, true = (", counted", ", true") if self.counter else ("", "")
        return f""", made AS (
    INSERT INTO {self.table} (post_id, account_id, created_at{counted})
    SELECT post.id, actor.id, %(now)s::timestamptz{true} FROM post, actor{unless}
    ON CONFLICT (post_id, account_id) DO NOTHING
    RETURNING id
)"""  # noqa: S608

    @property
    def _gone(self) -> str:
        counted = f", {self.table}.counted" if self.counter else ""
        return f""", gone AS (
    DELETE FROM {self.table} USING actor
    WHERE {self.table}.post_id = %(post)s AND {self.table}.account_id = actor.id
    RETURNING {self.table}.id{counted}
)"""  # noqa: S608

    @property
    def _up(self) -> str:
        if self.counter is None:
            return ""
        return f""", up AS (
    UPDATE content_postcounters SET {self.counter} = {self.counter} + 1
    WHERE post_id = %(post)s AND EXISTS (SELECT FROM made)
)"""  # noqa: S608

    @property
    def _down(self) -> str:
        if self.counter is None:
            return ""
        return f""", down AS (
    UPDATE content_postcounters SET {self.counter} = {self.counter} - 1
    WHERE post_id = %(post)s AND EXISTS (SELECT FROM gone WHERE gone.counted)
)"""  # noqa: S608


def do_once(deed: Deed, *, account_id: int, post_id: int) -> bool:
    """Do it; returns whether this call did. Raises Unauthenticated where the account is not active any more,
    NotFound where the post is not published any more."""
    with transaction.atomic():
        account, post, made = _run(deed.do, account_id, post_id)
        _require(account, post)
        if made is not None:
            _tell(deed, post_id)
    return made is not None


def undo(deed: Deed, *, account_id: int, post_id: int) -> bool:
    """Take it back; returns whether there was something. Raises Unauthenticated."""
    with transaction.atomic():
        account, gone = _run(deed.undo, account_id, post_id)
        _require(account, post_id)
        if gone is not None:
            _tell(deed, post_id)
    return gone is not None


def toggle(deed: Deed, *, account_id: int, post_id: int) -> bool:
    """Do it where it is not done, else take it back; returns whether it is done now. Each of many at once has
    an effect of its own: they take turns. Raises as `do_once`."""
    with transaction.atomic():
        while True:
            account, post, made, gone = _run(deed.toggle, account_id, post_id)
            _require(account, post)
            # Neither: another call has made the row since this statement began. The next one sees it.
            if made is not None or gone is not None:
                break
        _tell(deed, post_id)
    return made is not None


def _require(account: int | None, post: int | None) -> None:
    if account is None:
        raise Unauthenticated
    if post is None:
        raise NotFound


def _tell(deed: Deed, post_id: int) -> None:
    if deed.topic is not None:
        emit(deed.topic, post_id)


def _run(statement: str, account_id: int, post_id: int) -> tuple[Any, ...]:
    (row,) = fetch_all(statement, {"account": account_id, "post": post_id, "now": now()})
    return row
