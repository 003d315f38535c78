"""The code that proves a mobile number."""

from __future__ import annotations

from django.db import models

from social.models.account import Account


class MobileCode(models.Model):
    """The one open code of an account. Six digits are quickly guessed, so the digest is keyed by the server and tries
    are counted."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="mobile_code"
    )
    mobile = models.CharField(max_length=16, help_text="E.164")
    digest = models.BinaryField(max_length=32)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"code of {self.account_id}"
