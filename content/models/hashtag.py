"""Hashtags and the posts that carry them."""

from __future__ import annotations

from django.db import models

from content.models.post import Post
from project.kernel.clock import now

NAME_LENGTH = 100


class Hashtag(models.Model):
    """A hashtag by its case-folded name, without `#`. Made when a text first uses it, kept for ever.

    `post_count` is the number of its uses that are counted. A `banned` one has no page, is not found and never
    trends; texts may still use it."""

    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    post_count = models.PositiveIntegerField(default=0, editable=False)
    banned = models.BooleanField(
        default=False, help_text="No page, not found by search, never in the trends. Texts may still use it."
    )
    created_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return f"#{self.name}"


class PostHashtag(models.Model):
    """A hashtag in a caption. `published_at` is the post's, copied here so that a hashtag's page is one index
    scan; null while the post is not published.

    `counted` says whether it is in the hashtag's count: while the post is published for everyone by an active,
    public account. `services.hashtag_counts` keeps that true, in the transaction of whatever changes it."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="hashtags", db_index=False)
    hashtag = models.ForeignKey(Hashtag, on_delete=models.CASCADE, related_name="uses")
    position = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField(null=True, blank=True)
    counted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "hashtag"], name="content_post_hashtag_once")]
        indexes = [
            models.Index(
                fields=["hashtag", "-published_at", "-post"],
                condition=models.Q(published_at__isnull=False),
                name="content_hashtag_page",
            ),
            # What followed hashtags add to a home feed: merged without reading the rows.
            models.Index(
                fields=["hashtag", "-published_at", "-post"],
                condition=models.Q(counted=True),
                name="content_hashtag_public",
            ),
            # Trends read the window of all hashtags.
            models.Index(
                fields=["published_at", "hashtag", "post"],
                condition=models.Q(counted=True),
                name="content_hashtag_window",
            ),
        ]

    def __str__(self) -> str:
        return f"hashtag {self.hashtag_id} of post {self.post_id}"
