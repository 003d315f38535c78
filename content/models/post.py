"""Posts, their media in order, the people named in them, and their counters.

Hashtags are in `hashtag`, likes in `like`, comments in `comment`. Relationships are in the graph alone."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from project.kernel.clock import now
from social.visibility import Audience

TITLE_LENGTH = 200
CAPTION_LENGTH = 2200
LOCATION_LENGTH = 120


class PostAudience(models.TextChoices):
    """The audiences of `social.visibility`, as the column's choices."""

    EVERYONE = Audience.EVERYONE.value
    FOLLOWERS = Audience.FOLLOWERS.value
    CLOSE_FRIENDS = Audience.CLOSE_FRIENDS.value


class PostState(models.TextChoices):
    PUBLISHED = "published"
    DRAFT = "draft"
    SCHEDULED = "scheduled"


class CommentPolicy(models.TextChoices):
    """Who may comment. `followers` are the author's followers, `following` those whom the author follows."""

    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    FOLLOWING = "following"
    NOBODY = "nobody"


class Post(models.Model):
    """A post. `published_at` is set exactly while it is published, `publish_at` exactly while it is
    scheduled."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posts", db_index=False
    )
    title = models.CharField(max_length=TITLE_LENGTH, blank=True, default="")
    caption = models.CharField(max_length=CAPTION_LENGTH, blank=True, default="")
    location = models.CharField(max_length=LOCATION_LENGTH, blank=True, default="")
    audience = models.CharField(max_length=16, choices=PostAudience, default=PostAudience.EVERYONE)
    state = models.CharField(max_length=12, choices=PostState, default=PostState.DRAFT)
    comment_policy = models.CharField(max_length=12, choices=CommentPolicy, default=CommentPolicy.EVERYONE)
    publish_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="published", published_at__isnull=False)
                | (~models.Q(state="published") & models.Q(published_at__isnull=True)),
                name="content_post_published_at",
            ),
            models.CheckConstraint(
                condition=models.Q(state="scheduled", publish_at__isnull=False)
                | (~models.Q(state="scheduled") & models.Q(publish_at__isnull=True)),
                name="content_post_publish_at",
            ),
        ]
        indexes = [
            # The LATERAL merge of the home feed and the profile grid read this index alone, never the rows.
            models.Index(
                fields=["author", "-published_at", "-id"],
                condition=models.Q(state="published"),
                name="content_post_by_author",
            ),
            models.Index(fields=["author", "-id"], name="content_post_own"),
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(state="published"),
                name="content_post_created",
            ),
            models.Index(
                fields=["-updated_at", "-id"],
                condition=models.Q(state="published"),
                name="content_post_updated",
            ),
            models.Index(
                fields=["-published_at", "-id"],
                condition=models.Q(state="published"),
                name="content_post_published",
            ),
            models.Index(
                fields=["publish_at"], condition=models.Q(state="scheduled"), name="content_post_due"
            ),
        ]

    def __str__(self) -> str:
        return f"post {self.pk}"


class PostCounters(models.Model):
    """How many likes, comments and shares: one narrow row beside each post.

    Counting on the post's own row would clear its page's visibility bit and make the index-only feed scan
    read the table. What inactive accounts liked, wrote and shared is not counted (R17); `services.counters`
    keeps that true."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="counters")
    like_count = models.PositiveIntegerField(default=0)
    comment_count = models.PositiveIntegerField(default=0)
    share_count = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["-like_count", "-post"], name="content_post_by_likes")]
        verbose_name_plural = "post counters"

    def __str__(self) -> str:
        return f"counters of post {self.pk}"


class PostMedia(models.Model):
    """A medium on a post, at its place. A medium belongs to one post at most."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    media = models.OneToOneField("content.Media", on_delete=models.CASCADE, related_name="attachment")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            # Deferred, so that a new order can be written row by row.
            models.UniqueConstraint(
                fields=["post", "position"],
                name="content_post_media_place",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]
        verbose_name_plural = "post media"

    def __str__(self) -> str:
        return f"media {self.media_id} of post {self.post_id}"


class PostMention(models.Model):
    """An account that the caption names with `@`; parsed from the text, never set by hand."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "account"], name="content_post_mention_once")]

    def __str__(self) -> str:
        return f"mention of {self.account_id} in post {self.post_id}"


class PostTag(models.Model):
    """A person tagged on a post by its author."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="tags", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "account"], name="content_post_tag_once")]

    def __str__(self) -> str:
        return f"tag of {self.account_id} on post {self.post_id}"
