"""What an account has set: who may reach it, what it shows, what it wants to be told. No row means the defaults."""

from __future__ import annotations

from django.db import models

from social.models.account import Account


class ContactPolicy(models.TextChoices):
    """From whom something is accepted: everyone, those I follow, those who follow me, nobody."""

    EVERYONE = "everyone"
    FOLLOWING = "following"
    FOLLOWERS = "followers"
    NOBODY = "nobody"


class AccountSettings(models.Model):
    """One row an account, made at the first change. `notifications` holds what differs from the defaults:
    {kind: {channel: bool}}."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="settings"
    )
    allow_messages_from = models.CharField(
        max_length=10, choices=ContactPolicy, default=ContactPolicy.EVERYONE
    )
    allow_mentions_from = models.CharField(
        max_length=10, choices=ContactPolicy, default=ContactPolicy.EVERYONE
    )
    show_activity_status = models.BooleanField(default=True)
    language = models.CharField(max_length=10, blank=True, default="")
    notifications = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "account settings"

    def __str__(self) -> str:
        return f"settings of {self.account_id}"
