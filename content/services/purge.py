"""What this app holds of an account that is being purged: posts, comments, likes, stories, media (R17). Each step
removes a bounded number and is called until nothing is left."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction
from django.db.models import Q

from content.models import (
    Comment,
    CommentLike,
    HashtagFollow,
    Like,
    Post,
    PostView,
    Repost,
    Save,
    Share,
    Story,
    StoryReply,
    StoryView,
)
from content.services.counters import lock_comments
from content.services.media import delete_media_of
from content.services.posts import remove_post
from content.services.stories import remove_story
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


def purge_stories(account_id: int) -> int:
    """Some of the account's stories, with who has seen them and their media."""
    mine = Story.objects.filter(author_id=account_id).order_by("pk")
    ids = list(mine.values_list("pk", flat=True)[:POSTS])
    for story_id in ids:
        # Gone meanwhile: as good.
        with suppress(NotFound):
            remove_story(story_id)
    return len(ids)


def purge_story_views(account_id: int) -> int:
    """Some of what the account has seen. It left the counts with the account."""
    some = StoryView.objects.filter(account_id=account_id).values_list("pk", flat=True)[:ROWS]
    return StoryView.objects.filter(pk__in=list(some)).delete()[0]


def purge_story_replies(account_id: int) -> int:
    """Some of the replies to stories that the account wrote or got."""
    either = Q(author_id=account_id) | Q(recipient_id=account_id)
    some = StoryReply.objects.filter(either).values_list("pk", flat=True)[:ROWS]
    return StoryReply.objects.filter(pk__in=list(some)).delete()[0]


def purge_shares(account_id: int) -> int:
    """Some of what the account reposted, sent on, saved and looked at. It left the counts with the account."""
    removed = 0
    for model in (Repost, Share, Save, PostView):
        some = model.objects.filter(account_id=account_id).values_list("pk", flat=True)[:ROWS]
        removed += model.objects.filter(pk__in=list(some)).delete()[0]
    return removed


def purge_comment_likes(account_id: int) -> int:
    """Some of the account's likes of comments. They left the counts with the account."""
    some = CommentLike.objects.filter(account_id=account_id).values_list("pk", flat=True)[:ROWS]
    return CommentLike.objects.filter(pk__in=list(some)).delete()[0]


def purge_followed_hashtags(account_id: int) -> int:
    """Some of what the account follows of hashtags."""
    some = HashtagFollow.objects.filter(account_id=account_id).values_list("pk", flat=True)[:ROWS]
    return HashtagFollow.objects.filter(pk__in=list(some)).delete()[0]


def purge_media(account_id: int) -> int:
    """All that is left of the account's media: the avatar and uploads that nothing showed. Files go by the
    outbox."""
    return delete_media_of(account_id)
