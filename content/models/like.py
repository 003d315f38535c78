"""Likes of posts."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from content.models.post import Post


class Like(models.Model):
    """One account's like of one post (R51).

    `counted` says whether it is in the post's count, so that the count can always be changed by exactly this
    row: false while the account is inactive (R17)."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="likes", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="likes")
    created_at = models.DateTimeField()
    counted = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "account"], name="content_like_once")]
        indexes = [models.Index(fields=["post", "-id"], name="content_like_newest")]

    def __str__(self) -> str:
        return f"like of post {self.post_id} by {self.account_id}"
