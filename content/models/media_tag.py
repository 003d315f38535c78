"""People tagged on one picture or video."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class MediaTag(models.Model):
    """An account that can be seen on a media, and where: `x` and `y` from the left and the top, 0 to 1, both or
    neither. `PostTag` is of a post as a whole."""

    media = models.ForeignKey("content.Media", on_delete=models.CASCADE, related_name="tags", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    x = models.FloatField(null=True, blank=True)
    y = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["media", "account"], name="content_media_tag_once"),
            models.CheckConstraint(
                condition=models.Q(x__isnull=True, y__isnull=True)
                | models.Q(x__gte=0, x__lte=1, y__gte=0, y__lte=1),
                name="content_media_tag_inside",
            ),
        ]

    def __str__(self) -> str:
        return f"tag of {self.account_id} on media {self.media_id}"
