"""Links that work once: the proof behind a mailed address. What each of them does is decided by the service that
spends it."""

from __future__ import annotations

from django.db import models

from project.kernel.clock import now
from social.models.account import Account


class TokenPurpose(models.TextChoices):
    """What a token is for; it can do nothing else."""

    EMAIL_VERIFY = "email-verify"
    EMAIL_CHANGE = "email-change"
    PASSWORD_RECOVERY = "password-recovery"  # noqa: S105 - a name
    ACCOUNT_DELETION = "account-deletion"


class OneTimeToken(models.Model):
    """A token by its SHA-256; the token itself is known to the mailbox alone. `used_at` is set when it is spent, and
    when it is voided."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="one_time_tokens")
    purpose = models.CharField(max_length=24, choices=TokenPurpose)
    digest = models.BinaryField(max_length=32, unique=True)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "purpose"],
                condition=models.Q(used_at__isnull=True),
                name="social_token_open",
            ),
            models.Index(fields=["expires_at"], name="social_token_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} token {self.pk} of {self.account_id}"
