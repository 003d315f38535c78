"""Liking and unliking a comment: one SQL statement each, exact however many run at once (R51)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from content.access import access_comment
from content.errors import PostNotPublished
from project.kernel.clock import now
from project.kernel.errors import NotFound, Unauthenticated
from project.kernel.sql import fetch_all
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic

# `actor` shares the lock of the account's row, so that the like happens wholly before or wholly after the account
# leaves. The comment is locked as its count needs it before the like is made: a weaker lock first (that of the
# foreign key) and the stronger one later would let two likes and a deletion wait for each other.
ACTOR = """
WITH actor AS MATERIALIZED (
    SELECT id FROM social_account WHERE id = %(account)s AND state = 'active' FOR SHARE
), comment AS MATERIALIZED (
    SELECT c.id FROM actor JOIN content_comment c ON c.id = %(comment)s FOR NO KEY UPDATE OF c
)"""
LIKE = f"""{ACTOR}, made AS (
    INSERT INTO content_commentlike (comment_id, account_id, created_at, counted)
    SELECT comment.id, actor.id, %(now)s::timestamptz, true FROM comment, actor
    ON CONFLICT (comment_id, account_id) DO NOTHING
    RETURNING id
), up AS (
    UPDATE content_comment SET like_count = like_count + 1
    WHERE id = %(comment)s AND EXISTS (SELECT FROM made)
)
SELECT (SELECT id FROM actor), (SELECT id FROM comment), (SELECT id FROM made)
"""  # noqa: S608 - constants
UNLIKE = f"""{ACTOR}, gone AS (
    DELETE FROM content_commentlike USING comment, actor
    WHERE content_commentlike.comment_id = comment.id AND content_commentlike.account_id = actor.id
    RETURNING content_commentlike.id, content_commentlike.counted
), down AS (
    UPDATE content_comment SET like_count = like_count - 1
    WHERE id = %(comment)s AND EXISTS (SELECT FROM gone WHERE gone.counted)
)
SELECT (SELECT id FROM actor), (SELECT id FROM comment), (SELECT id FROM gone)
"""  # noqa: S608 - constants


def like_comment(*, actor: Viewer, comment_id: int) -> bool:
    """Like a comment; liking it again changes nothing. Returns whether this call made the like.

    Raises NotFound for what the actor may not see, PostNotPublished, GraphUnavailable."""
    if not access_comment(actor, comment_id).post.published:
        raise PostNotPublished
    with transaction.atomic():
        account, comment, made = _run(LIKE, actor.id, comment_id)
        if account is None:
            raise Unauthenticated
        if comment is None:
            raise NotFound
        if made is not None:
            emit(Topic.COMMENT, comment_id)
    return made is not None


def unlike_comment(*, actor: Viewer, comment_id: int) -> bool:
    """Take a like back; returns whether there was one. One's own like can be taken back even where the comment is
    hidden from one by now. Raises NotFound for what the actor may not see and does not like, GraphUnavailable."""
    with transaction.atomic():
        account, _comment, gone = _run(UNLIKE, actor.id, comment_id)
        if account is None:
            raise Unauthenticated
        if gone is not None:
            emit(Topic.COMMENT, comment_id)
            return True
    access_comment(actor, comment_id)
    return False


def _run(statement: str, account_id: int, comment_id: int) -> tuple[Any, ...]:
    (row,) = fetch_all(statement, {"account": account_id, "comment": comment_id, "now": now()})
    return row
