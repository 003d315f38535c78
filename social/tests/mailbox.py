"""Reading what was sent: the links in mails, the codes in text messages."""

from __future__ import annotations

import re
from contextlib import contextmanager

from django.core import mail
from django.test import TestCase

LINK = re.compile(r"http://\S+\?token=(\S+)")


@contextmanager
def sending():
    """What is sent on commit inside is sent at the end."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        yield


def mails_to(address):
    """Mails to an address, oldest first."""
    return [message for message in mail.outbox if message.to == [address]]


def token_to(address):
    """The token in the last mail to an address."""
    found = LINK.search(mails_to(address)[-1].body)
    assert found is not None
    return found[1]


class Texts:
    """A carrier of text messages that keeps them."""

    sent: list[tuple[str, str]] = []

    def send(self, to, text):
        Texts.sent.append((to, text))
