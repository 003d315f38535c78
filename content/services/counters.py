"""Keeping the counts beside posts and comments equal to the rows.

A count is of active accounts only (R17, R36). Each like, repost, share and comment carries `counted`, its contribution:
whoever changes that, or deletes the row, changes the count by exactly as much. So counts are right without
ever being counted, and an account that leaves or comes back costs as much as it wrote.

Order of locks, everywhere in this app, so that no two writes wait for each other: account rows, posts, likes,
reposts, shares, comments by id (a parent is older than its replies), likes of comments, counters, counts of
hashtags (`hashtag_counts`). A write shares the lock of its account's row
and so happens wholly before or wholly after a change of the account's state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from django.db import transaction

from content.services.hashtag_counts import settle_uses
from project.kernel.sql import execute, fetch_all
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.models import Account, AccountState

# Changes of many counts at once go one after another: two of them may meet in one thread of comments.
RECOUNT_LOCK = 0x5047_434E_5452

SHARE_ACCOUNTS = """
SELECT id FROM social_account WHERE id = ANY(%(ids)s::bigint[]) AND state = 'active' ORDER BY id FOR SHARE
"""
HOLD_POST = """
SELECT id FROM content_post WHERE id = %(id)s AND state = 'published' FOR KEY SHARE
"""
FLAG_LIKES_OF = """
UPDATE content_like SET counted = %(active)s WHERE account_id = %(account)s AND counted <> %(active)s
RETURNING post_id
"""
FLAG_REPOSTS_OF = """
UPDATE content_repost SET counted = %(active)s WHERE account_id = %(account)s AND counted <> %(active)s
RETURNING post_id
"""
FLAG_SHARES_OF = """
UPDATE content_share SET counted = %(active)s WHERE account_id = %(account)s AND counted <> %(active)s
RETURNING post_id
"""
COMMENTS_LIKED = """
SELECT comment_id FROM content_commentlike WHERE account_id = %(account)s AND counted <> %(active)s
"""
FLAG_COMMENT_LIKES_OF = """
UPDATE content_commentlike SET counted = %(active)s WHERE account_id = %(account)s AND counted <> %(active)s
RETURNING comment_id
"""
COMMENTS_AROUND = """
SELECT c.id FROM content_comment c WHERE c.author_id = %(account)s
UNION
SELECT r.id FROM content_comment c JOIN content_comment r ON r.reply_to_id = c.id
WHERE c.author_id = %(account)s
UNION
SELECT c.reply_to_id FROM content_comment c WHERE c.author_id = %(account)s AND c.reply_to_id IS NOT NULL
"""
LOCK_COMMENTS = """
SELECT id FROM content_comment WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR UPDATE
"""
FLAG_COMMENTS = """
UPDATE content_comment comment SET counted = truth.counted
FROM (
    SELECT c.id, a.state = 'active' AND (c.reply_to_id IS NULL OR pa.state = 'active') AS counted
    FROM content_comment c
    JOIN social_account a ON a.id = c.author_id
    LEFT JOIN content_comment parent ON parent.id = c.reply_to_id
    LEFT JOIN social_account pa ON pa.id = parent.author_id
    WHERE c.id = ANY(%(ids)s::bigint[])
) truth
WHERE comment.id = truth.id AND comment.counted <> truth.counted
RETURNING comment.post_id, comment.reply_to_id, comment.counted
"""
ADD_REPLIES = """
UPDATE content_comment SET reply_count = reply_count + delta.n
FROM unnest(%(ids)s::bigint[], %(ns)s::bigint[]) AS delta(id, n)
WHERE content_comment.id = delta.id AND delta.n <> 0
"""
ADD_COMMENT_LIKES = """
UPDATE content_comment SET like_count = like_count + delta.n
FROM unnest(%(ids)s::bigint[], %(ns)s::bigint[]) AS delta(id, n)
WHERE content_comment.id = delta.id AND delta.n <> 0
"""
ADD_LIKES = """
UPDATE content_postcounters SET like_count = like_count + delta.n
FROM unnest(%(ids)s::bigint[], %(ns)s::bigint[]) AS delta(id, n)
WHERE post_id = delta.id AND delta.n <> 0
"""
ADD_SHARES = """
UPDATE content_postcounters SET share_count = share_count + delta.n
FROM unnest(%(ids)s::bigint[], %(ns)s::bigint[]) AS delta(id, n)
WHERE post_id = delta.id AND delta.n <> 0
"""
ADD_COMMENTS = """
UPDATE content_postcounters SET comment_count = comment_count + delta.n
FROM unnest(%(ids)s::bigint[], %(ns)s::bigint[]) AS delta(id, n)
WHERE post_id = delta.id AND delta.n <> 0
"""

# ---- from the rows alone, for what was written past the services
FLAG_LIKES_ON = """
UPDATE content_like SET counted = (account.state = 'active')
FROM social_account account
WHERE account.id = content_like.account_id AND content_like.post_id = ANY(%(ids)s::bigint[])
  AND counted <> (account.state = 'active')
"""
FLAG_REPOSTS_ON = """
UPDATE content_repost SET counted = (account.state = 'active')
FROM social_account account
WHERE account.id = content_repost.account_id AND content_repost.post_id = ANY(%(ids)s::bigint[])
  AND counted <> (account.state = 'active')
"""
FLAG_SHARES_ON = """
UPDATE content_share SET counted = (account.state = 'active')
FROM social_account account
WHERE account.id = content_share.account_id AND content_share.post_id = ANY(%(ids)s::bigint[])
  AND counted <> (account.state = 'active')
"""
FLAG_COMMENT_LIKES_ON = """
UPDATE content_commentlike SET counted = (account.state = 'active')
FROM social_account account
WHERE account.id = content_commentlike.account_id AND content_commentlike.comment_id = ANY(%(ids)s::bigint[])
  AND counted <> (account.state = 'active')
"""
COMMENTS_ON = "SELECT id FROM content_comment WHERE post_id = ANY(%(ids)s::bigint[])"
LOCK_COUNTERS = """
SELECT post_id FROM content_postcounters WHERE post_id = ANY(%(ids)s::bigint[]) ORDER BY post_id FOR UPDATE
"""
SET_COMMENT_COUNTS = """
UPDATE content_comment parent
SET reply_count = (
        SELECT count(*) FROM content_comment reply WHERE reply.reply_to_id = parent.id AND reply.counted
    ),
    like_count = (
        SELECT count(*) FROM content_commentlike l WHERE l.comment_id = parent.id AND l.counted
    )
WHERE parent.id = ANY(%(ids)s::bigint[])
"""
SET_COUNTERS = """
UPDATE content_postcounters SET
    like_count = (
        SELECT count(*) FROM content_like l WHERE l.post_id = content_postcounters.post_id AND l.counted
    ),
    comment_count = (
        SELECT count(*) FROM content_comment c WHERE c.post_id = content_postcounters.post_id AND c.counted
    ),
    share_count = (
        SELECT count(*) FROM content_repost r WHERE r.post_id = content_postcounters.post_id AND r.counted
    ) + (
        SELECT count(*) FROM content_share s WHERE s.post_id = content_postcounters.post_id AND s.counted
    )
WHERE post_id = ANY(%(ids)s::bigint[])
"""


def share_accounts(account_ids: Iterable[int]) -> set[int]:
    """Lock these accounts against a change of state until the transaction ends; returns those that are
    active."""
    return {row[0] for row in fetch_all(SHARE_ACCOUNTS, {"ids": sorted(set(account_ids))})}


def hold_post(post_id: int) -> bool:
    """Keep a post from being deleted until the transaction ends; False where it is not there or not
    published."""
    return bool(fetch_all(HOLD_POST, {"id": post_id}))


def lock_comments(comment_ids: Iterable[int]) -> set[int]:
    """Lock these comments until the transaction ends; returns those that are still there."""
    return {row[0] for row in fetch_all(LOCK_COMMENTS, {"ids": sorted(set(comment_ids))})}


def add_comments(post_id: int, number: int) -> None:
    """Change a post's comment count by `number`."""
    _add(ADD_COMMENTS, {post_id: number})


def add_replies(comment_id: int, number: int) -> None:
    """Change a comment's reply count by `number`."""
    _add(ADD_REPLIES, {comment_id: number})


def recount_for_account(account_id: int) -> None:
    """Take what the account liked, shared and commented out of the counts, or back into them, by its state.

    Call it in the transaction that changes the state, after the change: the account's row is locked then,
    and nothing that it writes is under way. Running it again changes nothing."""
    with transaction.atomic():
        _one_at_a_time()
        active = Account.objects.filter(pk=account_id, state=AccountState.ACTIVE).exists()
        sign = 1 if active else -1
        whose = {"account": account_id, "active": active}
        likes = Counter(row[0] for row in fetch_all(FLAG_LIKES_OF, whose))
        shares = Counter(row[0] for row in fetch_all(FLAG_REPOSTS_OF, whose))
        shares.update(row[0] for row in fetch_all(FLAG_SHARES_OF, whose))
        nearby = [row[0] for row in fetch_all(COMMENTS_AROUND, whose)]
        # Those whose count will change are locked with the others: all in one order.
        locked = lock_comments([*nearby, *(row[0] for row in fetch_all(COMMENTS_LIKED, whose))])
        around = locked.intersection(nearby)
        comment_likes = Counter(row[0] for row in fetch_all(FLAG_COMMENT_LIKES_OF, whose))
        comments: Counter[int] = Counter()
        replies: Counter[int] = Counter()
        for post_id, parent_id, counted in fetch_all(FLAG_COMMENTS, {"ids": list(around)}):
            comments[post_id] += 1 if counted else -1
            if parent_id is not None:
                replies[parent_id] += 1 if counted else -1
        _add(ADD_REPLIES, replies)
        _add(ADD_COMMENT_LIKES, {id_: sign * number for id_, number in comment_likes.items()})
        _add(ADD_LIKES, {post_id: sign * number for post_id, number in likes.items()})
        _add(ADD_SHARES, {post_id: sign * number for post_id, number in shares.items()})
        _add(ADD_COMMENTS, comments)
        emit(Topic.LIKE, *likes)
        emit(Topic.SHARE, *shares)


def recount(post_ids: Iterable[int]) -> None:
    """Make the counts of these posts equal to the rows, for whoever wrote rows past the services (bulk
    loads).

    Exact whatever runs beside it; costs as much as these posts have likes and comments."""
    ids = sorted(set(post_ids))
    if not ids:
        return
    with transaction.atomic():
        _one_at_a_time()
        for statement in (FLAG_LIKES_ON, FLAG_REPOSTS_ON, FLAG_SHARES_ON):
            execute(statement, {"ids": ids})
        comment_ids = list(lock_comments(row[0] for row in fetch_all(COMMENTS_ON, {"ids": ids})))
        execute(FLAG_COMMENTS, {"ids": comment_ids})
        execute(FLAG_COMMENT_LIKES_ON, {"ids": comment_ids})
        # What a count is made of is read by a later statement than the one that locks: it cannot change in
        # between.
        execute(SET_COMMENT_COUNTS, {"ids": comment_ids})
        execute(LOCK_COUNTERS, {"ids": ids})
        execute(SET_COUNTERS, {"ids": ids})
        settle_uses(ids)
        emit(Topic.LIKE, *ids)
        emit(Topic.SHARE, *ids)


def _one_at_a_time() -> None:
    execute("SELECT pg_advisory_xact_lock(%(key)s)", {"key": RECOUNT_LOCK})


def _add(statement: str, numbers: Mapping[int, int]) -> None:
    if numbers:
        execute(statement, {"ids": list(numbers.keys()), "ns": list(numbers.values())})
