"""Stories: one picture or video for 24 hours, who has seen it, and what was answered to it.

Whether a story is over is asked of the clock at every read (R56); rows that have expired stay a while for
moderation and are removed by a job (`services.stories.sweep_expired`)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from project.kernel.clock import now
from social.visibility import Audience

REPLY_LENGTH = 1000


class StoryAudience(models.TextChoices):
    """The audiences of `social.visibility` that a story can have."""

    EVERYONE = Audience.EVERYONE.value
    CLOSE_FRIENDS = Audience.CLOSE_FRIENDS.value


class Story(models.Model):
    """A story. It is there for others and for its author exactly while `now < expires_at`."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stories", db_index=False
    )
    media = models.OneToOneField("content.Media", on_delete=models.CASCADE, related_name="story")
    audience = models.CharField(max_length=16, choices=StoryAudience, default=StoryAudience.EVERYONE)
    allow_replies = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name_plural = "stories"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="content_story_lasts"
            )
        ]
        indexes = [
            # The tray looks for the live stories of each author, the sweep for all that are long over.
            models.Index(fields=["author", "expires_at"], name="content_story_live"),
            models.Index(fields=["expires_at"], name="content_story_over"),
        ]

    def __str__(self) -> str:
        return f"story {self.pk}"


class StoryCounters(models.Model):
    """How many active accounts other than its author have seen a story; beside it for the same reason as
    `PostCounters` are beside posts."""

    story = models.OneToOneField(Story, on_delete=models.CASCADE, primary_key=True, related_name="counters")
    viewer_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "story counters"

    def __str__(self) -> str:
        return f"counters of story {self.story_id}"


class StoryView(models.Model):
    """Somebody has seen a story, since when. `counted` is its contribution to the count: false while the
    account is inactive (`services.story_counters`)."""

    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="views", db_index=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    viewed_at = models.DateTimeField(default=now, editable=False)
    counted = models.BooleanField(default=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["story", "account"], name="content_story_view_once")]
        indexes = [models.Index(fields=["story", "-id"], name="content_story_view_newest")]

    def __str__(self) -> str:
        return f"view of story {self.story_id} by {self.account_id}"


class StoryReply(models.Model):
    """What somebody answered to a story, for its author alone.

    It outlives the story, as any message does: `story_id` is a plain number, and the two people are named
    here."""

    story_id = models.BigIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=REPLY_LENGTH)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name_plural = "story replies"

    def __str__(self) -> str:
        return f"reply to story {self.story_id} by {self.author_id}"
