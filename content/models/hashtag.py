"""Hashtags and the posts that carry them."""

from __future__ import annotations

from django.db import models

from content.models.post import Post
from project.kernel.clock import now

NAME_LENGTH = 100


class Hashtag(models.Model):
    """A hashtag by its case-folded name, without `#`. Made when a text first uses it, kept for ever."""

    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    created_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return f"#{self.name}"


class PostHashtag(models.Model):
    """A hashtag in a caption. `published_at` is the post's, copied here so that a hashtag's page is one index
    scan; null while the post is not published."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="hashtags", db_index=False)
    hashtag = models.ForeignKey(Hashtag, on_delete=models.CASCADE, related_name="uses")
    position = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "hashtag"], name="content_post_hashtag_once")]
        indexes = [
            models.Index(
                fields=["hashtag", "-published_at", "-post"],
                condition=models.Q(published_at__isnull=False),
                name="content_hashtag_page",
            )
        ]

    def __str__(self) -> str:
        return f"hashtag {self.hashtag_id} of post {self.post_id}"
