"""Tables of the kit itself: idempotency keys."""

from __future__ import annotations

from django.db import models


class IdempotencyKey(models.Model):
    """One use of an `Idempotency-Key` (R82). No foreign key to the account: the kit knows no app."""

    account_id = models.BigIntegerField()
    operation = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    reference = models.JSONField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("account_id", "operation", "key", name="kernel_idempotency_unique")
        ]
        indexes = [models.Index(fields=["created_at"], name="kernel_idempotency_age")]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"
