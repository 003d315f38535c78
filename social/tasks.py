"""Background work of the social app. Tasks are thin: what they do is in `services`, `mail` and `sms`."""

from __future__ import annotations

import logging
import time

from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from social.mail import send_mail
from social.services import one_time_tokens, passwords, purge, sessions
from social.sms import send_sms

# Celery looks for tasks here; these two live beside what they send.
__all__ = [
    "forget_ended_sessions",
    "forget_expired_tokens",
    "purge_due_accounts",
    "purge_soon",
    "send_mail",
    "send_recovery",
    "send_sms",
]
log = logging.getLogger(__name__)
# Less than the tasks' soft limit: a purge that is stopped between two steps goes on at the next call.
PURGE_SECONDS = 200


@shared_task
def forget_expired_tokens() -> int:
    """Delete one-time tokens long past their end; returns how many."""
    return one_time_tokens.forget_expired()


@shared_task
def forget_ended_sessions() -> int:
    """Delete expired refresh tokens and sessions left without any; returns how many sessions."""
    return sessions.forget_ended()


@shared_task
def send_recovery(email: str, language: str) -> None:
    """Mail a token for a new password, where an account has this address."""
    passwords.send_recovery(email=email, language=language)


@shared_task
def purge_due_accounts() -> int:
    """Purge deleted accounts whose grace time is over, or go on with it; returns how many are gone."""
    return sum(report.complete for report in purge.purge_due(deadline=time.monotonic() + PURGE_SECONDS))


def purge_soon() -> None:
    """Have a worker purge what is due at once, where there is no grace time. Without a broker the beat does it."""
    if settings.ACCOUNT_DELETION_GRACE:
        return
    try:
        purge_due_accounts.delay()
    except OperationalError:
        log.warning("no broker to purge with; left to the beat")
