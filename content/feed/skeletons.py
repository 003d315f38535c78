"""Which posts, in which order: ids only, no content and no verdicts. The home feed is in `home`, the general list
in `listing`.

A skeleton may leave out what the rules are certain to hide, so that pages fill at once; it never shows
anything: the rules judge every id that comes out of here (R01). Each builder returns a `(position, n) ->
entries` of `project.kernel.paging`, walking both ways over keys that are unique in the list (R58)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from project.kernel.paging import Entry, Position, Skeleton
from project.kernel.sql import fetch_all

PostId = int
AccountId = int
MAX_ID = 2**63 - 1
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
END = datetime(9999, 12, 30, tzinfo=UTC)


class Shown(NamedTuple):
    """A post in a list that reposts come into, and who has brought it there; None for the post itself."""

    post_id: PostId
    reposter_id: AccountId | None = None


# Two steps, both index-only: the newest post of each author picks the n authors that can be on the page
# (nobody else has a post among the n newest), then only those are merged. `state = 'published'` is a literal
# so that the partial index is seen to apply.
MERGE = """
SELECT post.published_at, post.id
FROM (
    SELECT author.id
    FROM unnest(%(authors)s::bigint[]) AS author(id)
    CROSS JOIN LATERAL (
        SELECT p.published_at, p.id FROM content_post p
        WHERE p.author_id = author.id AND p.state = 'published'
          AND (p.published_at, p.id) {after} (%(at)s::timestamptz, %(id)s::bigint)
        ORDER BY p.published_at {order}, p.id {order} LIMIT 1
    ) newest
    ORDER BY newest.published_at {order}, newest.id {order} LIMIT %(n)s
) picked
CROSS JOIN LATERAL (
    SELECT p.published_at, p.id FROM content_post p
    WHERE p.author_id = picked.id AND p.state = 'published'
      AND (p.published_at, p.id) {after} (%(at)s::timestamptz, %(id)s::bigint)
    ORDER BY p.published_at {order}, p.id {order} LIMIT %(n)s
) post
ORDER BY post.published_at {order}, post.id {order} LIMIT %(n)s
"""
MERGE_FORWARDS = MERGE.format(after="<", order="DESC")
MERGE_BACKWARDS = MERGE.format(after=">", order="ASC")

TAGGED = """
SELECT p.published_at, p.id
FROM (
    SELECT t.post_id FROM content_posttag t WHERE t.account_id = %(account)s
    UNION
    SELECT pm.post_id FROM content_mediatag mt JOIN content_postmedia pm ON pm.media_id = mt.media_id
    WHERE mt.account_id = %(account)s
) tag JOIN content_post p ON p.id = tag.post_id
WHERE p.state = 'published'
  AND (p.published_at, p.id) {after} (%(at)s::timestamptz, %(id)s::bigint)
ORDER BY p.published_at {order}, p.id {order} LIMIT %(n)s
"""
TAGGED_FORWARDS = TAGGED.format(after="<", order="DESC")
TAGGED_BACKWARDS = TAGGED.format(after=">", order="ASC")

REPOSTS = """
SELECT r.created_at, r.post_id FROM content_repost r
WHERE r.account_id = %(account)s AND r.counted
  AND (r.created_at, r.post_id) {after} (%(at)s::timestamptz, %(id)s::bigint)
ORDER BY r.created_at {order}, r.post_id {order} LIMIT %(n)s
"""
REPOSTS_FORWARDS = REPOSTS.format(after="<", order="DESC")
REPOSTS_BACKWARDS = REPOSTS.format(after=">", order="ASC")

SAVED = """
SELECT s.id, s.post_id FROM content_save s
WHERE s.account_id = %(account)s AND s.id {after} %(id)s
ORDER BY s.id {order} LIMIT %(n)s
"""
SAVED_FORWARDS = SAVED.format(after="<", order="DESC")
SAVED_BACKWARDS = SAVED.format(after=">", order="ASC")

DRAFTS = """
SELECT p.id FROM content_post p
WHERE p.author_id = %(author)s AND p.state <> 'published' AND p.id {after} %(id)s
ORDER BY p.id {order} LIMIT %(n)s
"""
DRAFTS_FORWARDS = DRAFTS.format(after="<", order="DESC")
DRAFTS_BACKWARDS = DRAFTS.format(after=">", order="ASC")


def latest_first(rows: QuerySet[Any], *columns: str) -> Skeleton[tuple[Any, ...]]:
    """Rows in the order in which they were made, the latest first, each as a tuple of its id and `columns`."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[tuple[Any, ...]]]:
        found, order = rows, "-id"
        if position is not None:
            order = "id" if position.backwards else "-id"
            found = rows.filter(**{"id__gt" if position.backwards else "id__lt": position.key[0]})
        return [((row[0],), row) for row in found.order_by(order).values_list("id", *columns)[:n]]

    return fetch


def author_skeleton(author_id: int) -> Skeleton[PostId]:
    """One author's published posts, newest first by publication."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[PostId]]:
        return _by_publication(MERGE_FORWARDS, MERGE_BACKWARDS, {"authors": [author_id]}, position, n)

    return fetch


def tagged_skeleton(account_id: AccountId) -> Skeleton[PostId]:
    """Published posts on which, or on a picture of which, the account is tagged, newest first by publication."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[PostId]]:
        return _by_publication(TAGGED_FORWARDS, TAGGED_BACKWARDS, {"account": account_id}, position, n)

    return fetch


def reposts_skeleton(account_id: AccountId) -> Skeleton[Shown]:
    """What the account has reposted, the newest repost first."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[Shown]]:
        params = {"account": account_id}
        entries = _by_publication(REPOSTS_FORWARDS, REPOSTS_BACKWARDS, params, position, n)
        return [(key, Shown(post_id, account_id)) for key, post_id in entries]

    return fetch


def saved_skeleton(account_id: AccountId) -> Skeleton[PostId]:
    """What the account has saved, last saved first."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[PostId]]:
        backwards = position is not None and position.backwards
        params = {"account": account_id, "id": position.key[0] if position else MAX_ID, "n": n}
        rows = fetch_all(SAVED_BACKWARDS if backwards else SAVED_FORWARDS, params)
        return [((row[0],), row[1]) for row in rows]

    return fetch


def drafts_skeleton(author_id: int) -> Skeleton[PostId]:
    """An author's drafts and scheduled posts, newest first."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[PostId]]:
        backwards = position is not None and position.backwards
        params = {"author": author_id, "id": position.key[0] if position else MAX_ID, "n": n}
        return [
            ((row[0],), row[0])
            for row in fetch_all(DRAFTS_BACKWARDS if backwards else DRAFTS_FORWARDS, params)
        ]

    return fetch


def _by_publication(
    forwards: str, backwards: str, params: Mapping[str, Any], position: Position | None, n: int
) -> Sequence[Entry[PostId]]:
    at, id_ = position.key if position else (END, MAX_ID)
    statement = backwards if position is not None and position.backwards else forwards
    return [
        ((row[0], row[1]), row[1]) for row in fetch_all(statement, {**params, "at": at, "id": id_, "n": n})
    ]
