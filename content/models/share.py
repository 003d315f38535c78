"""Saves, reposts and sends of posts. The count of reposts and sends is in `post.PostCounters`."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from content.models.post import Post


class Save(models.Model):
    """One account's private bookmark of one post. Nobody else learns of it but as a number, and only the
    post's owner learns that (`feed.insights`)."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="saves", db_index=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saves", db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "account"], name="content_save_once")]
        indexes = [models.Index(fields=["account", "-id"], name="content_save_newest")]

    def __str__(self) -> str:
        return f"save of post {self.post_id} by {self.account_id}"


class Repost(models.Model):
    """One account's repost of one post to its followers (R53).

    `counted` says whether it is in the post's share count: false while the account is inactive (R17). It shows
    as long as the post is public (`social.visibility.may_see_repost`); while it is not, the row stays."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reposts", db_index=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reposts", db_index=False
    )
    created_at = models.DateTimeField()
    counted = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "account"], name="content_repost_once")]
        indexes = [
            # The home feed merges these by account, as it merges posts by author.
            models.Index(
                fields=["account", "-created_at", "-post"],
                condition=models.Q(counted=True),
                name="content_repost_by_account",
            ),
            # Whose repost of a post was the first among some: read from its beginning until one is met.
            models.Index(
                fields=["post", "created_at", "account"],
                condition=models.Q(counted=True),
                name="content_repost_first",
            ),
            models.Index(fields=["post", "-id"], name="content_repost_newest"),
        ]

    def __str__(self) -> str:
        return f"repost of post {self.post_id} by {self.account_id}"


class Share(models.Model):
    """That an account has sent a post on, as a link or into conversations: once in the share count, however
    often and to however many.

    `counted` as on a repost."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="shares", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shares")
    created_at = models.DateTimeField()
    counted = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "account"], name="content_share_once")]

    def __str__(self) -> str:
        return f"share of post {self.post_id} by {self.account_id}"
