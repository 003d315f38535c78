"""Uploads that clients make to the storage themselves, by a presigned request."""

from __future__ import annotations

from django.db import models


class MediaUpload(models.Model):
    """What a media in state `pending` waits for: the file that was announced, where it is to be put, until
    when. It stays after that, so that a repeated completion finds its media."""

    media = models.OneToOneField(
        "content.Media", on_delete=models.CASCADE, primary_key=True, related_name="upload"
    )
    key = models.CharField(max_length=200)
    content_type = models.CharField(max_length=40, help_text="as announced")
    size = models.PositiveBigIntegerField(help_text="bytes, as announced")
    sha256 = models.CharField(max_length=64, help_text="as announced")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"upload of media {self.media_id}"
