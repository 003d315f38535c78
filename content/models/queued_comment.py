"""Comments that were accepted and wait to be written."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from content.models.comment import TEXT_LENGTH
from content.models.post import Post


class QueuedComment(models.Model):
    """A comment under the id that it will have, a row for a moment (`services.comment_burst`). Narrow and hardly
    indexed: nobody reads it but who writes the comment. It goes with its post and its author."""

    id = models.BigIntegerField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    reply_to = models.BigIntegerField(null=True)
    text = models.CharField(max_length=TEXT_LENGTH)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"comment {self.pk} to come on post {self.post_id}"
