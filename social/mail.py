"""Mails: templates in text and HTML, rendered in the reader's language and sent by a worker with retries.

A template NAME is three files in `social/templates/social/mail/`: NAME.subject.txt, NAME.txt, NAME.html (which extends
`base.html`). Who gets which mail when is decided in `services`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

API = "/api/v1"


def api_link(path: str, token: str) -> str:
    """The address of an operation with its one-time token, as it stands in mails."""
    return f"{settings.PUBLIC_URL}{API}{path}?token={quote(token, safe='')}"


def send_later(template: str, to: str, context: Mapping[str, Any], language: str | None = None) -> None:
    """Send a mail once the transaction has committed; never, if it rolls back.

    `context` is plain JSON; `language` is that of the request where none is given. A broker that is away is logged
    and fails nothing: every mail can be asked for again."""
    chosen = language or translation.get_language() or settings.LANGUAGE_CODE
    values = dict(context)
    transaction.on_commit(lambda: send_mail.delay(template, to, values, chosen), robust=True)


@shared_task(
    name="social.send_mail",
    autoretry_for=(OSError,),  # smtplib's errors are OSErrors too
    retry_backoff=5,
    retry_backoff_max=1800,
    max_retries=10,
    ignore_result=True,
)
def send_mail(template: str, to: str, context: dict[str, Any], language: str) -> None:
    """Render and send one mail. While the mail server is away it is tried again for about two hours."""
    compose(template, to, context, language).send()


def compose(template: str, to: str, context: Mapping[str, Any], language: str) -> EmailMultiAlternatives:
    """The mail as it will be sent: text first, HTML as its alternative."""
    name = f"social/mail/{template}"
    with translation.override(language):
        values = {**context, "language": language, "site": settings.PUBLIC_URL}
        # One line, whatever a name in it contains: a line break would begin another header.
        subject = " ".join(render_to_string(f"{name}.subject.txt", values).split())
        mail = EmailMultiAlternatives(
            subject, render_to_string(f"{name}.txt", values), settings.DEFAULT_FROM_EMAIL, [to]
        )
        mail.attach_alternative(render_to_string(f"{name}.html", values), "text/html")
    return mail
