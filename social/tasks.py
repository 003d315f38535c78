"""Background work of the social app. Tasks are thin: what they do is in `services`, `mail` and `sms`."""

from __future__ import annotations

from celery import shared_task

from social.mail import send_mail
from social.services import one_time_tokens, passwords, sessions
from social.sms import send_sms

# Celery looks for tasks here; these two live beside what they send.
__all__ = ["forget_ended_sessions", "forget_expired_tokens", "send_mail", "send_recovery", "send_sms"]


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
