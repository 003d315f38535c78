"""Mails and text messages: templates, retries, one file a message."""

from __future__ import annotations

import email
import json
import threading
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core import mail as outbox
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.test import TestCase
from django.utils import translation

from project.kernel.mailbox import FileEmailBackend
from social import mail, sms

TEMPLATES = Path(mail.__file__).parent / "templates/social/mail"
NAMES = sorted(file.name.removesuffix(".subject.txt") for file in TEMPLATES.glob("*.subject.txt"))
CONTEXT = {
    "username": "ada",
    "new_email": "new@example.org",
    "link": "https://photogram.example/api/v1/x/?token=abc",
}
LINKS = {"verify_email", "change_email"}


def parts(message: Any) -> tuple[str, str]:
    """The HTML of a mail and its type."""
    html, kind = message.alternatives[0]
    return str(html), kind


@pytest.mark.parametrize("name", NAMES)
def test_every_mail_has_a_subject_a_text_and_an_html_part(name):
    message = mail.compose(name, "ada@example.org", CONTEXT, "en")
    subject, body, (html, kind) = str(message.subject), str(message.body), parts(message)
    assert kind == "text/html"
    assert subject
    assert "\n" not in subject
    assert '<html lang="en">' in html
    assert "{%" not in subject + body + html
    if name in LINKS:
        assert CONTEXT["link"] in body
        assert f'href="{CONTEXT["link"]}"' in html


def test_names_cannot_break_out_of_a_mail():
    hostile = {**CONTEXT, "username": "<script>x</script>", "new_email": "a@b.c\r\nBcc: eve@example.org"}
    message = mail.compose("email_changed", "ada@example.org", hostile, "en")
    assert "<script>" not in parts(message)[0]
    assert "<script>" in str(message.body)
    parsed = email.message_from_bytes(message.message().as_bytes(), policy=default)
    assert parsed["Bcc"] is None


@pytest.mark.django_db
def test_a_mail_speaks_the_language_of_the_request_that_caused_it():
    with translation.override("de"), TestCase.captureOnCommitCallbacks(execute=True):
        mail.send_later("verify_email", "ada@example.org", CONTEXT)
    assert '<html lang="de">' in parts(outbox.outbox[0])[0]


@pytest.mark.django_db
def test_nothing_is_sent_before_the_commit_nor_after_a_rollback():
    with TestCase.captureOnCommitCallbacks(execute=True):
        mail.send_later("verify_email", "ada@example.org", CONTEXT)
        assert outbox.outbox == []
        try:
            with transaction.atomic():
                mail.send_later("verify_email", "eve@example.org", CONTEXT)
                raise RuntimeError
        except RuntimeError:
            pass
    assert [message.to for message in outbox.outbox] == [["ada@example.org"]]


@pytest.fixture
def _retrying():
    """Eager tasks raise where a worker would try again; here they try again at once."""
    current_app.conf.task_eager_propagates = False
    yield
    current_app.conf.task_eager_propagates = True


class Flaky:
    """A mail server that refuses the first two connections."""

    refusals = 0

    def __init__(self, **_options):
        self.real = get_connection("django.core.mail.backends.locmem.EmailBackend")

    def send_messages(self, messages):
        if Flaky.refusals < 2:
            Flaky.refusals += 1
            raise ConnectionRefusedError
        return self.real.send_messages(messages)


@pytest.mark.usefixtures("_retrying")
def test_a_mail_is_tried_again_while_the_server_is_away(settings):
    Flaky.refusals = 0
    settings.EMAIL_BACKEND = f"{__name__}.Flaky"
    mail.send_mail.apply(args=("verify_email", "ada@example.org", CONTEXT, "en"))
    assert Flaky.refusals == 2
    assert len(outbox.outbox) == 1


def test_mails_are_files_of_their_own_and_readable_as_they_are(settings, tmp_path):
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    messages = [mail.compose("verify_email", "ada@example.org", CONTEXT, "en") for _ in range(3)]
    assert FileEmailBackend().send_messages(messages) == 3
    assert FileEmailBackend().send_messages([EmailMessage("s", "b", "a@b.c", ["d@e.f"])]) == 1
    files = sorted((tmp_path / "mail").iterdir())
    assert len(files) == 4
    assert [file.name for file in tmp_path.iterdir()] == ["mail"]
    assert CONTEXT["link"] in files[0].read_text()
    parsed = email.message_from_bytes(files[0].read_bytes(), policy=default)
    assert parsed["To"] == "ada@example.org"
    assert parsed.get_body(("html",)) is not None


def test_text_messages_are_files_of_their_own(settings, tmp_path):
    settings.SMS_FILE_PATH = str(tmp_path / "sms")
    settings.SMS_BACKEND = "social.sms.FileSms"
    sms.send_sms("mobile_code", "+4915112345678", {"code": "012345"}, "en")
    sms.send_sms("mobile_code", "+4915112345678", {"code": "543210"}, "en")
    first, second = sorted((tmp_path / "sms").iterdir())
    assert first.read_text().startswith("To: +4915112345678\n\n012345 is your")
    assert "543210" in second.read_text()


@pytest.mark.usefixtures("_retrying")
def test_a_gateway_gets_number_and_text_and_a_refusal_is_tried_again(settings):
    got = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append((self.headers["Authorization"], body))
            self.send_response(503 if len(got) == 1 else 202)
            self.end_headers()

        def log_message(self, *_args):
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        settings.SMS_URL = f"http://127.0.0.1:{server.server_port}/"
        settings.SMS_TOKEN = "gateway-token"
        settings.SMS_BACKEND = "social.sms.HttpSms"
        args = ("mobile_code", "+4915112345678", {"code": "012345"}, "en")
        sms.send_sms.apply(args=args)
    finally:
        server.shutdown()
        server.server_close()
    assert len(got) == 2
    assert got[1][0] == "Bearer gateway-token"
    assert got[1][1]["to"] == "+4915112345678"
    assert "012345" in got[1][1]["text"]
