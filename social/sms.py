"""Text messages: a template each (`social/templates/social/sms/NAME.txt`), sent by a worker with retries through a
small port.

The port is one method, `send(to, text)`; `SMS_BACKEND` names the class. `FileSms` writes files (the demo), `HttpSms`
hands messages to a gateway. Another provider is a class of one's own with this method, which raises OSError where it
may be tried again."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.module_loading import import_string

from project.kernel.mailbox import write_message

TIMEOUT = 10.0


class SmsBackend(Protocol):
    """What can carry a text message."""

    def send(self, to: str, text: str) -> None:
        """Hand over one message to a number in E.164. Raises OSError where trying again may help."""


class FileSms:
    """One file a message in SMS_FILE_PATH: the number, an empty line, the text."""

    def send(self, to: str, text: str) -> None:
        write_message(Path(settings.SMS_FILE_PATH), ".txt", f"To: {to}\n\n{text}\n".encode())


class HttpSms:
    """POSTs `{"to", "text"}` as JSON to SMS_URL with SMS_TOKEN as bearer: what a gateway, or the few lines in front
    of a provider's own API, understands. Any answer but 2xx is tried again."""

    def send(self, to: str, text: str) -> None:
        if not settings.SMS_URL.startswith(("https://", "http://")):
            raise ValueError("SMS_URL must be an http(s) address")
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            settings.SMS_URL,
            data=json.dumps({"to": to, "text": text}).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {settings.SMS_TOKEN}"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310
            return


def send_later(template: str, to: str, context: Mapping[str, Any], language: str | None = None) -> None:
    """Send a text message once the transaction has committed; as `mail.send_later`."""
    chosen = language or translation.get_language() or settings.LANGUAGE_CODE
    values = dict(context)
    transaction.on_commit(lambda: send_sms.delay(template, to, values, chosen), robust=True)


@shared_task(
    name="social.send_sms",
    autoretry_for=(OSError,),  # urllib's errors are OSErrors too
    retry_backoff=2,
    retry_backoff_max=120,
    max_retries=6,
    expires=600,
    ignore_result=True,
)
def send_sms(template: str, to: str, context: dict[str, Any], language: str) -> None:
    """Render and send one text message. A code is worthless after ten minutes, and then no longer sent."""
    backend: SmsBackend = import_string(settings.SMS_BACKEND)()
    backend.send(to, compose(template, context, language))


def compose(template: str, context: Mapping[str, Any], language: str) -> str:
    """The text of a message."""
    with translation.override(language):
        return render_to_string(f"social/sms/{template}.txt", dict(context)).strip()
