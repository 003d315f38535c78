"""Messages as files, one file a message: what the demo does instead of sending mail and SMS."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from project.kernel.clock import now


def write_message(folder: Path, suffix: str, content: bytes) -> Path:
    """Put one message into `folder`, whole or not at all; names sort by time. Returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    # Written beside the folder, so that whoever watches it never finds half a message.
    handle, draft = tempfile.mkstemp(prefix=f".{folder.name}-", dir=folder.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    target = folder / f"{now():%Y%m%d-%H%M%S-%f}-{secrets.token_hex(4)}{suffix}"
    Path(draft).replace(target)
    return target


class FileEmailBackend(BaseEmailBackend):
    """Django's e-mail backend that writes each message to EMAIL_FILE_PATH as one `.eml` file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write them all; returns how many."""
        for message in email_messages:
            write_message(Path(settings.EMAIL_FILE_PATH), ".eml", message.message().as_bytes())
        return len(email_messages)
