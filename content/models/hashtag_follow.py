"""Following hashtags."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from content.models.hashtag import Hashtag
from project.kernel.clock import now


class HashtagFollow(models.Model):
    """An account follows a hashtag: its public posts come to their home (R59). Nobody else sees that."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followed_hashtags", db_index=False
    )
    hashtag = models.ForeignKey(Hashtag, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "hashtag"], name="content_hashtag_follow_once")
        ]
        indexes = [models.Index(fields=["account", "-id"], name="content_hashtag_follow_newest")]

    def __str__(self) -> str:
        return f"account {self.account_id} follows hashtag {self.hashtag_id}"
