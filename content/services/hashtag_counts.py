"""Keeping the counts of hashtags equal to their uses (R36, R57).

A use counts while its post is published for everyone by an active, public account: `counted` on the row is its
contribution, and whoever changes that, or deletes the row, changes `Hashtag.post_count` by exactly as much. It
happens in the transaction of the change itself, so that a count, a hashtag's page, a home feed and the trends
are right in the moment in which an account leaves or turns private.

Order of locks: the account's row, posts, uses by id, and the counts by the hashtag's id as the last thing that
a transaction does (`services.counters` has the others)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from project.kernel.sql import execute, fetch_all

LOCK_USES_ON = """
SELECT id FROM content_posthashtag WHERE post_id = ANY(%(posts)s::bigint[]) ORDER BY id FOR UPDATE
"""
LOCK_USES_OF = """
SELECT used.id FROM content_posthashtag used JOIN content_post p ON p.id = used.post_id
WHERE p.author_id = %(account)s ORDER BY used.id FOR UPDATE OF used
"""
FLAG = """
UPDATE content_posthashtag used SET counted = truth.counted
FROM (
    SELECT u.id, p.state = 'published' AND p.audience = 'everyone'
        AND a.state = 'active' AND NOT a.is_private AS counted
    FROM content_posthashtag u
    JOIN content_post p ON p.id = u.post_id
    JOIN social_account a ON a.id = p.author_id
    WHERE u.id = ANY(%(ids)s::bigint[])
) truth
WHERE used.id = truth.id AND used.counted <> truth.counted
RETURNING used.hashtag_id, used.counted
"""
DROP = """
DELETE FROM content_posthashtag WHERE post_id = %(post)s AND hashtag_id <> ALL(%(kept)s::bigint[])
RETURNING hashtag_id, counted
"""
LOCK_HASHTAGS = """
SELECT id FROM content_hashtag WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""
ADD = """
UPDATE content_hashtag SET post_count = post_count + delta.n
FROM unnest(%(ids)s::bigint[], %(ns)s::bigint[]) AS delta(id, n)
WHERE content_hashtag.id = delta.id
"""

HashtagId = int


def drop_uses(post_id: int, *, kept: Iterable[HashtagId] = ()) -> dict[HashtagId, int]:
    """Delete the post's uses of all hashtags but those `kept`. Returns what that makes of the counts, for
    `settle_uses`."""
    fetch_all(LOCK_USES_ON, {"posts": [post_id]})
    return {
        hashtag_id: -1 if counted else 0
        for hashtag_id, counted in fetch_all(DROP, {"post": post_id, "kept": list(kept)})
    }


def settle_uses(post_ids: Iterable[int] = (), *, changes: Mapping[HashtagId, int] | None = None) -> None:
    """Count the uses on these posts as their posts and authors are now, and add `changes` of other uses. The last
    write of a transaction. Exact where the author's row is locked or shared; running it again changes nothing."""
    _settle(fetch_all(LOCK_USES_ON, {"posts": sorted(set(post_ids))}), changes or {})


def settle_uses_of(account_id: int) -> None:
    """Count the uses on the account's posts as it is now: active or gone, public or private.

    Call it in the transaction that changes that, after the change. Costs as much as the account has tagged."""
    with transaction.atomic():
        _settle(fetch_all(LOCK_USES_OF, {"account": account_id}), {})


def _settle(uses: Iterable[tuple[Any, ...]], changes: Mapping[HashtagId, int]) -> None:
    delta = Counter(changes)
    ids = [row[0] for row in uses]
    for hashtag_id, counted in fetch_all(FLAG, {"ids": ids}) if ids else ():
        delta[hashtag_id] += 1 if counted else -1
    moved = {hashtag_id: number for hashtag_id, number in delta.items() if number}
    if not moved:
        return
    fetch_all(LOCK_HASHTAGS, {"ids": list(moved)})
    execute(ADD, {"ids": list(moved.keys()), "ns": list(moved.values())})
