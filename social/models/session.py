"""Signed-in devices and every refresh token ever issued to them (R12)."""

from __future__ import annotations

from django.db import models

from social.models.account import Account


class Session(models.Model):
    """One signed-in device: the family that its refresh tokens belong to."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sessions")
    device = models.CharField(max_length=200, blank=True, default="")
    ip = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-last_used_at"], name="social_session_recent")]

    def __str__(self) -> str:
        return f"session {self.pk} of {self.account_id}"


class RefreshToken(models.Model):
    """A refresh token by its SHA-256; the token itself is known to the device alone."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="refresh_tokens")
    digest = models.BinaryField(max_length=32, unique=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"refresh token {self.pk}"
