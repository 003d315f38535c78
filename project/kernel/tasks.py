"""Background work of the kit."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from project.kernel.clock import now
from project.kernel.models import IdempotencyKey


@shared_task
def expire_idempotency_keys() -> int:
    """Delete keys past their time; returns how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=now() - settings.IDEMPOTENCY_TTL).delete()
    return deleted
