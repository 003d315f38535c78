"""The asynchronous path of comments, for a post on which very many write at once.

A comment is judged when it is accepted, given its id, and laid into a queue in PostgreSQL together with its row in the
outbox; the relay writes what has gathered, many comments in one transaction that counts once. So nobody waits for the
lock of the post's counters, and nothing that was answered with 202 is lost.

Whether its author may (still) comment there is judged again when it is written (R01): what was accepted before a block,
a change of the policy or a deletion, and would be written after it, is dropped. Until it is written a comment is
nowhere: not in a list, not in a count, not by its id."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from django.conf import settings
from django.db import connection, transaction

from content.access import SeenPost, find_post
from content.models import Comment, QueuedComment
from content.services.comments import judge_comment, may_comment
from content.services.counters import add_comments, add_replies, hold_post, lock_comments, share_accounts
from content.services.names import mentioned_in, set_comment_mentions
from project.kernel.clock import now
from project.kernel.errors import Unauthenticated
from project.kernel.redis import RedisError, get_redis, key
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.models import Account, AccountState
from social.visibility import Relation, Surface, load_relations, may_see

BATCH = 500
NEW_ID = "SELECT nextval(pg_get_serial_sequence('content_comment', 'id'))"


def is_burst(post_id: int) -> bool:
    """Whether the post gets more comments in this second than are written one by one. False while Redis is away."""
    most = settings.COMMENT_BURST_PER_SECOND
    if most <= 0:
        return bool(most == 0)
    try:
        with get_redis().pipeline(transaction=False) as pipe:
            counter = key("comments", post_id, int(now().timestamp()))
            pipe.incr(counter)
            pipe.expire(counter, 5)
            return bool(pipe.execute()[0] > most)
    except RedisError:
        return False


def accept_comment(*, actor: Viewer, post_id: int, text: str, reply_to: int | None = None) -> int:
    """Accept a comment to be written soon; returns the id that it will have. Raises as `comments.create_comment`."""
    parent_id = judge_comment(actor, post_id, reply_to)
    with transaction.atomic():
        if not share_accounts({actor.id}):
            raise Unauthenticated
        with connection.cursor() as cursor:
            cursor.execute(NEW_ID)
            comment_id: int = cursor.fetchone()[0]
        QueuedComment.objects.create(
            id=comment_id,
            post_id=post_id,
            author_id=actor.id,
            reply_to=parent_id,
            text=text,
            created_at=now(),
        )
        emit(Topic.QUEUED_COMMENT, comment_id)
    return comment_id


def write_queued(ids: Collection[int]) -> None:
    """Write the comments that wait under these ids, and count them; those that are written or withdrawn already are
    left alone. A transaction and a graph query for each post. Raises GraphUnavailable: they wait on."""
    waiting: dict[int, list[int]] = defaultdict(list)
    for post_id, comment_id in QueuedComment.objects.filter(pk__in=ids).values_list("post_id", "id"):
        waiting[post_id].append(comment_id)
    for post_id, theirs in sorted(waiting.items()):
        _write(post_id, theirs)


def all_queued() -> Iterator[Sequence[str]]:
    """The ids of all that waits, in batches."""
    waiting = QueuedComment.objects.order_by("pk").values_list("pk", flat=True).iterator(BATCH)
    while ids := list(islice(waiting, BATCH)):
        yield [str(id_) for id_ in ids]


def _write(post_id: int, ids: Sequence[int]) -> None:
    texts = list(QueuedComment.objects.filter(pk__in=ids).values_list("pk", "author_id", "text"))
    authors = {author_id for _, author_id, _ in texts}
    welcome = _welcome(post_id, authors)
    people = {id_: mentioned_in(text, author_id) for id_, author_id, text in texts}
    with transaction.atomic():
        wanted = QueuedComment.objects.filter(pk__in=ids, reply_to__isnull=False).values("reply_to")
        answered = Comment.objects.filter(pk__in=wanted).values_list("author_id", flat=True)
        active = share_accounts(authors.union(answered, *people.values()))
        held = hold_post(post_id)
        # Whoever else is at it has deleted them when they are locked here.
        rows = list(QueuedComment.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        parents = lock_comments({row.reply_to for row in rows if row.reply_to is not None})
        above = dict(Comment.objects.filter(pk__in=parents).values_list("pk", "author_id"))
        good = [
            row
            for row in rows
            if held
            and row.author_id in welcome & active
            and (row.reply_to is None or above.get(row.reply_to) in active)
        ]
        Comment.objects.bulk_create(
            Comment(
                id=row.pk,
                post_id=post_id,
                author_id=row.author_id,
                reply_to_id=row.reply_to,
                text=row.text,
                created_at=row.created_at,
            )
            for row in good
        )
        for row in good:
            if people.get(row.pk):
                set_comment_mentions(row.pk, people[row.pk])
        QueuedComment.objects.filter(pk__in=[row.pk for row in rows]).delete()
        for parent_id, number in Counter(row.reply_to for row in good if row.reply_to is not None).items():
            add_replies(parent_id, number)
        add_comments(post_id, len(good))
        emit(Topic.COMMENT, *(row.pk for row in good))


def _welcome(post_id: int, authors: Collection[int]) -> set[int]:
    """Those of `authors` who may see the post and comment on it, as things are now. Two SQL queries and one graph
    query, which looks from the post's author at all of them. Raises GraphUnavailable."""
    post = find_post(post_id)
    if post is None:
        return set()
    owner_id = post.owner.account_id
    relations = load_relations(Viewer(owner_id), authors)
    writers = Account.objects.filter(pk__in=authors, state=AccountState.ACTIVE).values_list("pk", "is_staff")
    return {
        id_ for id_, is_staff in writers if _may_write(post, Viewer(id_, is_staff=is_staff), relations[id_])
    }


def _may_write(post: SeenPost, writer: Viewer, from_owner: Relation) -> bool:
    relation = from_owner.turned()
    return may_see(post.gate, writer, relation, Surface.DIRECT) and may_comment(post.comment_policy, relation)
