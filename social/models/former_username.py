"""Names that accounts have given up, for as long as they lead to the new one and are kept for their owner (R15)."""

from __future__ import annotations

from django.db import models

from social.models.account import Account


class FormerUsername(models.Model):
    """A name in lower case, whose it was, and since when it is not theirs any more. A name has one row: that of who
    left it last."""

    name = models.CharField(max_length=30, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="former_usernames")
    left_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} of {self.account_id}"
