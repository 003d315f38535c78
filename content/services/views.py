"""Counting how often posts are looked at, for their owners' insights.

A view is one answer with the post to somebody other than its owner; appearing in a list is none. Views are
counted in Redis, a hash a post, and carried over into `PostView` every minute, and when its owner looks. They
are a statistic and not an account: what Redis loses meanwhile is lost, and nothing is ever counted twice."""

from __future__ import annotations

from content.models import Post
from project.kernel.redis import RedisError, get_redis, key
from project.kernel.sql import execute
from project.kernel.viewer import Viewer

# Posts with views that are not carried over yet.
WAITING = "views:waiting"
# The field of those who are not signed in.
NOBODY = 0
# A hash that nobody carries over must not stay for ever.
KEPT = 7 * 24 * 3600

# Accounts that have been purged meanwhile are left out. Sorted, so that two of these never wait for each other.
ADD = """
INSERT INTO content_postview (post_id, account_id, number)
SELECT %(post)s, nullif(seen.account, 0), seen.n
FROM unnest(%(accounts)s::bigint[], %(numbers)s::bigint[]) AS seen(account, n)
WHERE seen.account = 0 OR EXISTS (SELECT FROM social_account a WHERE a.id = seen.account)
ORDER BY seen.account
ON CONFLICT (post_id, account_id) DO UPDATE SET number = content_postview.number + excluded.number
"""


def count_view(post_id: int, owner_id: int, viewer: Viewer) -> None:
    """Count that the viewer was shown the post; the owner's own looks are not counted. Never fails."""
    if viewer.owns(owner_id):
        return
    name = _name(post_id)
    try:
        with get_redis().pipeline(transaction=False) as pipe:
            pipe.hincrby(name, str(viewer.account_id or NOBODY), 1)
            pipe.expire(name, KEPT)
            pipe.sadd(key(WAITING), post_id)
            pipe.execute()
    except RedisError:
        return


def carry_over(post_id: int) -> int:
    """Bring the views of one post that Redis holds into Postgres; returns how many, none while Redis is away."""
    name = _name(post_id)
    try:
        with get_redis().pipeline(transaction=True) as pipe:
            # One step: a view is in what is taken here, or in the next hash.
            pipe.hgetall(name)
            pipe.delete(name)
            pipe.srem(key(WAITING), post_id)
            found: dict[bytes, bytes] = pipe.execute()[0]
    except RedisError:
        return 0
    seen = {int(account): int(number) for account, number in found.items()}
    if not seen or not Post.objects.filter(pk=post_id).exists():
        return 0
    execute(ADD, {"post": post_id, "accounts": list(seen.keys()), "numbers": list(seen.values())})
    return sum(seen.values())


def carry_over_waiting() -> int:
    """Bring all views that Redis holds into Postgres; returns how many."""
    try:
        waiting = get_redis().smembers(key(WAITING))
    except RedisError:
        return 0
    return sum(carry_over(int(post_id)) for post_id in waiting)


def _name(post_id: int) -> str:
    return key("views", "of", post_id)
