"""Likes of comments."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from content.models.comment import Comment


class CommentLike(models.Model):
    """One account's like of one comment (R51).

    `counted` says whether it is in the comment's count: false while the account is inactive (R17)."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="likes", db_index=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comment_likes"
    )
    created_at = models.DateTimeField()
    counted = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "account"], name="content_comment_like_once")
        ]

    def __str__(self) -> str:
        return f"like of comment {self.comment_id} by {self.account_id}"
