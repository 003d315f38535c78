"""What an account shows of itself."""

from __future__ import annotations

from django.db import models

from social.models.account import Account


class Gender(models.TextChoices):
    UNSPECIFIED = "unspecified"
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Profile(models.Model):
    """One row an account. `avatar_media_id` is a plain id: the media belong to an app above this one."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="profile"
    )
    bio = models.CharField(max_length=500, blank=True, default="")
    website = models.CharField(max_length=200, blank=True, default="")
    gender = models.CharField(max_length=12, choices=Gender, default=Gender.UNSPECIFIED)
    avatar_media_id = models.BigIntegerField(null=True, blank=True)
    show_followers = models.BooleanField(default=True, help_text="others may open the followers list")
    show_following = models.BooleanField(default=True, help_text="others may open the following list")

    status_text = models.CharField(max_length=60, blank=True, default="")
    status_emoji = models.CharField(max_length=8, blank=True, default="")
    status_expires_at = models.DateTimeField(null=True, blank=True, help_text="read at read time")

    def __str__(self) -> str:
        return f"profile of {self.account_id}"
