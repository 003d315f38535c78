"""Media: one uploaded picture or video, with what was derived from it. Where it is shown (posts, avatars)
points here; the files themselves are in the storage (`content.media.files`)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from project.kernel.clock import now

ALT_TEXT_LENGTH = 1000


class MediaKind(models.TextChoices):
    IMAGE = "image"
    VIDEO = "video"


class MediaState(models.TextChoices):
    """`pending` waits for its file (`media_upload`), `processing` for the worker; `ready` and `failed` are
    final."""

    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class Media(models.Model):
    """An upload and its state.

    `variants` is a list of `{name, key, width, height, content_type, size}`, the thumbnail with its `focal`
    point: beside the row, so that a page of media is one query. Those of a video are of its first picture, but
    for `video` itself. `original_key` is empty once the original is
    deleted. `claimed_until` and `attempts` belong to the worker."""

    # Files leave the storage before their rows do; a cascade would leave them there for ever.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="media")
    kind = models.CharField(max_length=8, choices=MediaKind, default=MediaKind.IMAGE)
    state = models.CharField(max_length=12, choices=MediaState, default=MediaState.PENDING)
    reason = models.CharField(max_length=40, blank=True, default="", help_text="why it failed")
    alt_text = models.CharField(max_length=ALT_TEXT_LENGTH, blank=True, default="")
    focal_x = models.FloatField(default=0.5)
    focal_y = models.FloatField(default=0.5)
    width = models.PositiveIntegerField(null=True, blank=True, help_text="pixels, after orientation")
    height = models.PositiveIntegerField(null=True, blank=True, help_text="pixels, after orientation")
    duration = models.FloatField(null=True, blank=True, help_text="seconds")
    placeholder = models.CharField(max_length=64, blank=True, default="", help_text="thumbhash, base64")
    variants = models.JSONField(default=list, blank=True)
    original_key = models.CharField(max_length=200, blank=True, default="")
    content_type = models.CharField(
        max_length=40, blank=True, default="", help_text="of the upload, as sniffed"
    )
    size = models.PositiveBigIntegerField(default=0, help_text="bytes of the upload")
    sha256 = models.CharField(max_length=64, blank=True, default="", help_text="of the upload")
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name_plural = "media"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(focal_x__gte=0, focal_x__lte=1, focal_y__gte=0, focal_y__lte=1),
                name="content_media_focal_inside",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ready") | models.Q(width__gt=0, height__gt=0),
                name="content_media_ready_has_size",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | ~models.Q(reason=""),
                name="content_media_failed_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="content_media_age")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
