"""What this app holds of an account that is being purged: posts, comments, likes, media (R17). Each step
removes a bounded number and is called until nothing is left."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from django.db.models import Q

from content.models import Comment, Like, Post
from content.services.counters import lock_comments
from content.services.media import delete_media_of
from content.services.posts import remove_post
from project.kernel.errors import NotFound
from project.outbox.emit import emit
from project.outbox.topics import Topic

POSTS = 20
ROWS = 500


def purge_posts(account_id: int) -> int:
    """Some of the account's posts, in any state, with the comments, likes and media on them."""
    ids = list(Post.objects.filter(author_id=account_id).order_by("pk").values_list("pk", flat=True)[:POSTS])
    for post_id in ids:
        # Gone meanwhile: as good.
        with suppress(NotFound):
            remove_post(post_id)
    return len(ids)


def purge_comments(account_id: int) -> int:
    """Some of the account's comments, each with its thread (R52).

    No count changes: what an account that is gone wrote, and what was answered to it, left the counts with
    it."""
    with transaction.atomic():
        mine = Comment.objects.filter(author_id=account_id).order_by("pk").values_list("pk", flat=True)[:ROWS]
        threads = Q(pk__in=list(mine)) | Q(reply_to_id__in=list(mine))
        ids = lock_comments(Comment.objects.filter(threads).values_list("pk", flat=True))
        assert not Comment.objects.filter(pk__in=ids, counted=True).exists(), "counted without an author"
        Comment.objects.filter(pk__in=ids).delete()
        emit(Topic.COMMENT, *sorted(ids))
    return len(ids)


def purge_likes(account_id: int) -> int:
    """Some of the account's likes. They left the counts with the account."""
    some = Like.objects.filter(account_id=account_id).values_list("pk", flat=True)[:ROWS]
    return Like.objects.filter(pk__in=list(some)).delete()[0]


def purge_media(account_id: int) -> int:
    """All that is left of the account's media: the avatar and uploads that nothing showed. Files go by the
    outbox."""
    return delete_media_of(account_id)
