"""Liking and unliking a post: one SQL statement each, exact however many run at once (R51)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from content.access import access_post
from content.errors import PostNotPublished
from project.kernel.clock import now
from project.kernel.errors import NotFound, Unauthenticated
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic

# `actor` shares the lock of the account's row and `post` keeps the post from being deleted: the like and its
# count happen wholly before or wholly after the account leaves or the post goes. The unique constraint makes
# concurrent duplicates wait for each other, and the second one insert nothing.
LIKE = """
WITH actor AS MATERIALIZED (
    SELECT id FROM social_account WHERE id = %(account)s AND state = 'active' FOR SHARE
), post AS MATERIALIZED (
    SELECT id FROM content_post WHERE id = %(post)s AND state = 'published' FOR KEY SHARE
), made AS (
    INSERT INTO content_like (post_id, account_id, created_at, counted)
    SELECT post.id, actor.id, %(now)s::timestamptz, true FROM post, actor
    ON CONFLICT (post_id, account_id) DO NOTHING
    RETURNING id
), tallied AS (
    UPDATE content_postcounters SET like_count = like_count + 1
    WHERE post_id = %(post)s AND EXISTS (SELECT FROM made)
)
SELECT (SELECT id FROM actor), (SELECT id FROM post), (SELECT id FROM made)
"""

UNLIKE = """
WITH actor AS MATERIALIZED (
    SELECT id FROM social_account WHERE id = %(account)s AND state = 'active' FOR SHARE
), gone AS (
    DELETE FROM content_like USING actor
    WHERE content_like.post_id = %(post)s AND content_like.account_id = actor.id
    RETURNING content_like.id, content_like.counted
), tallied AS (
    UPDATE content_postcounters SET like_count = like_count - 1
    WHERE post_id = %(post)s AND EXISTS (SELECT FROM gone WHERE gone.counted)
)
SELECT (SELECT id FROM actor), (SELECT id FROM gone)
"""


@dataclass(frozen=True, slots=True)
class Liked:
    """The outcome of a like. `created` tells whether this call made it."""

    post_id: int
    created: bool


def like_post(*, actor: Viewer, post_id: int) -> Liked:
    """Like a post; liking it again changes nothing.

    Raises NotFound for what the actor may not see, PostNotPublished for a draft, GraphUnavailable."""
    post = access_post(actor, post_id)
    if not post.published:
        raise PostNotPublished
    with transaction.atomic():
        account, seen, made = _run(LIKE, {"account": actor.id, "post": post_id, "now": now()})
        if account is None:
            raise Unauthenticated
        if seen is None:
            raise NotFound
        if made is not None:
            emit(Topic.LIKE, post_id)
    return Liked(post_id, made is not None)


def unlike_post(*, actor: Viewer, post_id: int) -> bool:
    """Take a like back; returns whether there was one. Raises NotFound for what the actor may not see (a like
    across a block stays stored, hidden, until the block ends: R32), GraphUnavailable."""
    access_post(actor, post_id)
    with transaction.atomic():
        account, gone = _run(UNLIKE, {"account": actor.id, "post": post_id})
        if account is None:
            raise Unauthenticated
        if gone is not None:
            emit(Topic.LIKE, post_id)
    return gone is not None


def _run(statement: str, params: dict[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        row: tuple[Any, ...] = cursor.fetchone()
    return row
