"""Comments, one level deep, and the people they name."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from content.models.post import Post

TEXT_LENGTH = 1000


class Comment(models.Model):
    """A comment on a post, or a reply to a top-level comment of the same post.

    `counted` says whether it is in the counts of its post and parent: false while its author is inactive, or
    the author of its parent is, for nobody can open that thread (R17). `reply_count` is the number of counted
    replies, `like_count` that of counted likes."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comments")
    reply_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies", db_index=False
    )
    text = models.CharField(max_length=TEXT_LENGTH)
    counted = models.BooleanField(default=True)
    reply_count = models.PositiveIntegerField(default=0)
    like_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["post", "-id"],
                condition=models.Q(reply_to__isnull=True),
                name="content_comment_newest",
            ),
            models.Index(
                fields=["post", "-like_count", "-reply_count", "-id"],
                condition=models.Q(reply_to__isnull=True),
                name="content_comment_top",
            ),
            models.Index(fields=["reply_to", "id"], name="content_comment_replies"),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk} on post {self.post_id}"


class CommentMention(models.Model):
    """An account that a comment names with `@`; parsed from the text."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "account"], name="content_comment_mention_once")
        ]

    def __str__(self) -> str:
        return f"mention of {self.account_id} in comment {self.comment_id}"
