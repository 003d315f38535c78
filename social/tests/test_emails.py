"""Proving and changing the e-mail address (R11, R15)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import translation

from project.kernel.clock import now
from project.testing.cast import PASSWORD
from project.testing.client import ApiClient
from social.models import Account, OneTimeToken
from social.tests.mailbox import LINK, mails_to, sending, token_to

NEW = "ada.king@example.org"
EVE = {"username": "eve", "email": "eve@example.org", "password": PASSWORD}


def change(member, new_email=NEW, password=PASSWORD):
    with sending():
        return member.api.post("/auth/email/change/", {"password": password, "new_email": new_email})


def verify(token):
    with sending():
        return ApiClient().post("/auth/email/verify/", {"token": token})


def resend(member):
    with sending():
        return member.api.post("/auth/email/resend/")


def expire():
    OneTimeToken.objects.update(expires_at=now() - timedelta(seconds=1))


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_registration_mails_a_link_that_proves_the_address(anonymous):
    with sending():
        access = anonymous.post("/auth/register/?login=true", EVE).json()["access"]
    signed = {"Authorization": f"Bearer {access}"}
    assert anonymous.get("/users/me/", headers=signed).json()["email_verified"] is False
    answer = verify(token_to("eve@example.org"))
    assert answer.json() == {"email": "eve@example.org", "email_verified": True}
    assert anonymous.get("/users/me/", headers=signed).json()["email_verified"] is True


def test_a_refused_registration_mails_nothing(cast, anonymous):
    with sending():
        assert anonymous.post("/auth/register/", {**EVE, "username": "ada"}).status_code == 409
        assert anonymous.post("/auth/register/", {**EVE, "email": "ada@example.org"}).status_code == 409
    assert mail.outbox == []


def test_the_link_in_the_mail_is_the_operation_itself(cast, settings):
    settings.PUBLIC_URL = "http://photos.example:8080"
    assert resend(cast.ada).status_code == 202
    link = next(LINK.finditer(mails_to("ada@example.org")[-1].body))[0]
    assert link.startswith("http://photos.example:8080/api/v1/auth/email/verify/?token=")
    answer = ApiClient().get(link.removeprefix("http://photos.example:8080"))
    assert answer.json() == {"email": "ada@example.org", "email_verified": True}
    assert answer["Cache-Control"] == "private, no-store"


def test_head_and_options_do_not_act_on_the_link(cast):
    resend(cast.ada)
    token = token_to("ada@example.org")
    for method in ("HEAD", "OPTIONS"):
        assert ApiClient().call(method, f"/auth/email/verify/?token={token}").status_code == 405
    assert Account.objects.get(pk=cast.ada.id).email_verified_at is None
    assert ApiClient().get(f"/auth/email/verify/?token={token}").status_code == 200


def test_r15_a_change_takes_effect_when_the_link_is_opened(cast, staff):
    answer = change(cast.ada)
    assert answer.status_code == 202
    assert answer.json()["email"] == NEW
    for viewer in (cast.ada, staff):
        seen = viewer.api.get("/users/ada/").json()
        assert (seen["email"], seen["pending_email"]) == ("ada@example.org", NEW)
    assert NEW not in cast.bob.api.get("/users/ada/").content.decode()
    assert verify(token_to(NEW)).json() == {"email": NEW, "email_verified": True}
    me = cast.ada.api.get("/users/me/").json()
    assert (me["email"], me["email_verified"], me["pending_email"]) == (NEW, True, None)


def test_r11_a_new_address_logs_in_only_once_it_is_proved(cast):
    def status(identifier):
        return ApiClient().post("/auth/login/", {"identifier": identifier, "password": PASSWORD}).status_code

    change(cast.ada)
    assert (status("ada@example.org"), status(NEW)) == (200, 401)
    verify(token_to(NEW))
    assert (status("ada@example.org"), status(NEW)) == (401, 200)


def test_r15_the_old_address_is_told_and_holds_no_link(cast):
    change(cast.ada)
    verify(token_to(NEW))
    asked, changed = mails_to("ada@example.org")
    for note in (asked, changed):
        assert "a…@example.org" in note.body
        assert NEW not in note.body + note.alternatives[0][0]
        assert "token=" not in note.body + note.alternatives[0][0]


def test_r15_a_change_needs_the_password(cast):
    assert problem(change(cast.ada, password="wrong password")) == (403, "wrong-password")
    assert mail.outbox == []
    assert cast.ada.api.get("/users/me/").json()["pending_email"] is None


def test_r15_a_link_works_once(cast):
    change(cast.ada)
    token = token_to(NEW)
    assert verify(token).status_code == 200
    assert problem(verify(token)) == (410, "link-expired")


def test_r15_a_link_lives_24_hours(cast, time_machine):
    change(cast.ada)
    token = token_to(NEW)
    time_machine.move_to(now() + timedelta(hours=24, seconds=1))
    assert problem(verify(token)) == (410, "link-expired")
    assert Account.objects.get(pk=cast.ada.id).email == "ada@example.org"


@pytest.mark.parametrize("token", ["x", "A" * 43, "ünïcode", "'; --"])
def test_forged_tokens_are_404_by_post_and_get(cast, token):
    assert verify(token).status_code == 404
    assert ApiClient().get("/auth/email/verify/", query={"token": token}).status_code == 404


def test_a_link_without_a_token_is_422(cast):
    assert ApiClient().get("/auth/email/verify/").status_code == 422
    assert ApiClient().post("/auth/email/verify/", {}).status_code == 422


def test_a_newer_change_voids_the_older_link(cast):
    change(cast.ada)
    older = token_to(NEW)
    change(cast.ada, "other@example.org")
    assert problem(verify(older)) == (410, "link-expired")
    assert cast.ada.api.get("/users/me/").json()["pending_email"] == "other@example.org"
    assert verify(token_to("other@example.org")).status_code == 200


def test_r10_an_address_taken_meanwhile_is_409_when_the_link_is_used(cast, anonymous):
    assert problem(change(cast.ada, "BOB@example.org")) == (409, "email-taken")
    change(cast.ada)
    token = token_to(NEW)
    assert anonymous.post("/auth/register/", {**EVE, "email": NEW.upper()}).status_code == 201
    assert problem(verify(token)) == (409, "email-taken")
    assert Account.objects.get(pk=cast.ada.id).email == "ada@example.org"


def test_r10_two_accounts_wanting_one_address_do_not_both_get_it(cast):
    change(cast.ada)
    adas = token_to(NEW)
    change(cast.bob)
    assert verify(token_to(NEW)).status_code == 200
    assert problem(verify(adas)) == (409, "email-taken")


def test_ones_own_address_is_no_change(cast):
    answer = change(cast.ada, "ADA@example.org")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "email_unchanged"


def test_a_new_address_ends_the_links_that_went_to_the_old_one(cast):
    resend(cast.ada)
    sign_up = token_to("ada@example.org")
    with sending():
        ApiClient().post("/auth/token/recovery/", {"email": "ada@example.org"})
    change(cast.ada)
    verify(token_to(NEW))
    assert problem(verify(sign_up)) == (410, "link-expired")
    assert not OneTimeToken.objects.filter(account_id=cast.ada.id, used_at=None).exists()


def test_a_password_change_ends_the_link_of_a_change(cast):
    change(cast.ada)
    body = {"old_password": PASSWORD, "new_password": "another horse", "new_password2": "another horse"}
    with sending():
        assert cast.ada.api.post("/auth/password/change/", body).status_code == 204
    assert problem(verify(token_to(NEW))) == (410, "link-expired")


def test_the_link_of_a_suspended_account_does_nothing(cast):
    change(cast.ada)
    Account.objects.filter(pk=cast.ada.id).update(state="suspended")
    assert problem(verify(token_to(NEW))) == (410, "link-expired")
    assert Account.objects.get(pk=cast.ada.id).email == "ada@example.org"


def test_resending_voids_the_older_link_and_ends_when_there_is_nothing_to_prove(cast):
    resend(cast.ada)
    older = token_to("ada@example.org")
    resend(cast.ada)
    assert problem(verify(older)) == (410, "link-expired")
    assert verify(token_to("ada@example.org")).status_code == 200
    assert problem(resend(cast.ada)) == (409, "email-already-verified")


def test_resending_while_a_change_waits_goes_to_the_new_address(cast):
    change(cast.ada)
    older = token_to(NEW)
    assert resend(cast.ada).json()["email"] == NEW
    assert problem(verify(older)) == (410, "link-expired")
    assert verify(token_to(NEW)).json()["email"] == NEW


def test_resending_is_throttled_by_account(cast, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "mail": (3, 3600, 3)}
    settings.RATE_LIMIT_FACTOR = 1
    answers = [resend(cast.ada) for _ in range(4)]
    assert [a.status_code for a in answers] == [202, 202, 202, 429]
    assert resend(cast.bob).status_code == 202


def test_mails_to_one_address_are_throttled_whoever_asks(cast, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "mail-recipient": (2, 3600, 2)}
    settings.RATE_LIMIT_FACTOR = 1
    victim = "victim@example.net"
    answers = [change(m, victim).status_code for m in (cast.ada, cast.bob, cast.cyd)]
    assert answers == [202, 202, 429]


def test_the_mail_speaks_the_language_of_the_request(cast):
    with translation.override("de"), sending():
        cast.ada.api.post("/auth/email/resend/", headers={"Accept-Language": "de-DE,de;q=0.9"})
    assert '<html lang="de">' in mails_to("ada@example.org")[-1].alternatives[0][0]


def test_the_demo_writes_each_mail_to_a_file_of_its_own(cast, settings, tmp_path):
    settings.EMAIL_BACKEND = "project.kernel.mailbox.FileEmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    change(cast.ada)
    files = list((tmp_path / "mail").iterdir())
    assert len(files) == 2
    found = [token for file in files for token in LINK.findall(file.read_text().split("text/html")[0])]
    assert len(found) == 1
    assert verify(found[0]).status_code == 200


def test_however_many_open_a_link_at_once_one_succeeds(threaded_cast):
    ada = threaded_cast.ada
    mail.outbox.clear()
    ada.api.post("/auth/email/change/", {"password": PASSWORD, "new_email": NEW})
    token = token_to(NEW)
    barrier = threading.Barrier(8)
    statuses = []

    def open_link():
        barrier.wait()
        statuses.append(ApiClient().post("/auth/email/verify/", {"token": token}).status_code)
        connection.close()

    threads = [threading.Thread(target=open_link) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [410] * 7
