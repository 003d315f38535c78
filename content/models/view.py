"""How often a post was looked at, and by how many."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from content.models.post import Post


class PostView(models.Model):
    """How often one account opened a post, or, with no account, everybody who was not signed in together.

    Written from time to time from what Redis has counted (`services.views`)."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="views", db_index=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "account"], name="content_view_row_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"views of post {self.post_id} by {self.account_id}"
