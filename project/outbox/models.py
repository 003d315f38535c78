"""The outbox table: one row a change and consumer, so that a dead consumer delays nobody else."""

from __future__ import annotations

from django.db import models


class OutboxRow(models.Model):
    """`key` of `topic` changed and `consumer` has not followed yet. Deleted once it has."""

    consumer = models.CharField(max_length=40)
    topic = models.CharField(max_length=24)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["consumer", "due_at", "id"], name="outbox_due")]
        verbose_name = "outbox row"

    def __str__(self) -> str:
        return f"{self.consumer} ← {self.topic} {self.key}"
