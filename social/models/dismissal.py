"""Suggestions that an account does not want to see again."""

from __future__ import annotations

from django.db import models

from project.kernel.clock import now
from social.models.account import Account


class Dismissal(models.Model):
    """`account` does not want `dismissed` to be suggested. A choice about a list, not a relationship: it changes
    nothing between the two."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="dismissals", db_index=False)
    dismissed = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="dismissed_by")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "dismissed"], name="social_dismissal_once")]

    def __str__(self) -> str:
        return f"{self.account_id} dismissed {self.dismissed_id}"
