"""Proving and changing the mobile number (R10, R11)."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection

from project.kernel.clock import now
from project.testing.cast import PASSWORD
from project.testing.client import ApiClient
from social.models import Account, MobileCode
from social.tests.mailbox import Texts, mails_to, sending

NUMBER = "+4915112345678"
OTHER = "+4915112345679"


@pytest.fixture(autouse=True)
def _carrier(settings):
    settings.SMS_BACKEND = "social.tests.mailbox.Texts"
    Texts.sent = []


def change(member, mobile=NUMBER, password=PASSWORD):
    with sending():
        return member.api.post("/auth/mobile/change/", {"password": password, "mobile": mobile})


def verify(member, code):
    with sending():
        return member.api.post("/auth/mobile/verify/", {"code": code})


def last_code():
    return re.findall(r"\b\d{6}\b", Texts.sent[-1][1])[0]


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def log_in(identifier):
    return ApiClient().post("/auth/login/", {"identifier": identifier, "password": PASSWORD}).status_code


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_r11_a_number_counts_and_logs_in_once_its_code_is_told(cast):
    answer = change(cast.ada, "+49 151 1234 5678")
    assert (answer.status_code, answer.json()["mobile"]) == (202, NUMBER)
    assert Texts.sent[0][0] == NUMBER
    me = cast.ada.api.get("/users/me/").json()
    assert (me["mobile"], me["mobile_verified"]) == ("", False)
    assert log_in(NUMBER) == 401
    assert verify(cast.ada, last_code()).json() == {"mobile": NUMBER, "mobile_verified": True}
    me = cast.ada.api.get("/users/me/").json()
    assert (me["mobile"], me["mobile_verified"]) == (NUMBER, True)
    assert log_in(NUMBER) == 200
    assert "…678" in mails_to("ada@example.org")[-1].body


def test_the_present_number_stays_until_the_new_one_is_proved(cast):
    change(cast.ada)
    verify(cast.ada, last_code())
    change(cast.ada, OTHER)
    assert (log_in(NUMBER), log_in(OTHER)) == (200, 401)
    verify(cast.ada, last_code())
    assert (log_in(NUMBER), log_in(OTHER)) == (401, 200)


def test_a_change_needs_the_password(cast):
    assert problem(change(cast.ada, password="wrong password")) == (403, "wrong-password")
    assert Texts.sent == []


@pytest.mark.parametrize("mobile", ["12", "0151 12345678", "+49", "ada", "+" + "9" * 20])
def test_what_is_no_international_number_is_422(cast, mobile):
    answer = change(cast.ada, mobile)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/mobile"


def test_ones_own_number_is_no_change(cast):
    change(cast.ada)
    verify(cast.ada, last_code())
    assert change(cast.ada).json()["errors"][0]["code"] == "mobile_unchanged"


def test_a_number_given_at_sign_up_can_be_proved(cast):
    Account.objects.filter(pk=cast.ada.id).update(mobile=NUMBER)
    assert change(cast.ada).status_code == 202
    assert verify(cast.ada, last_code()).status_code == 200


def test_the_database_does_not_hold_the_code(cast):
    change(cast.ada)
    row = MobileCode.objects.get(pk=cast.ada.id)
    assert len(bytes(row.digest)) == 32
    assert last_code().encode() not in bytes(row.digest)


def test_five_wrong_codes_void_it(cast):
    change(cast.ada)
    code = last_code()
    for _ in range(5):
        assert problem(verify(cast.ada, wrong(code))) == (422, "wrong-code")
    assert problem(verify(cast.ada, code)) == (410, "code-expired")
    change(cast.ada)
    assert verify(cast.ada, last_code()).status_code == 200


def test_the_fifth_try_still_counts_when_it_is_right(cast):
    change(cast.ada)
    code = last_code()
    for _ in range(4):
        verify(cast.ada, wrong(code))
    assert verify(cast.ada, code).status_code == 200


def test_a_code_lives_ten_minutes(cast, time_machine):
    change(cast.ada)
    time_machine.move_to(now() + timedelta(minutes=10, seconds=1))
    cast.ada.api = ApiClient(cast.ada.account)
    assert problem(verify(cast.ada, last_code())) == (410, "code-expired")


def test_a_code_works_once_and_not_without_being_asked_for(cast):
    assert problem(verify(cast.ada, "123456")) == (410, "code-expired")
    change(cast.ada)
    verify(cast.ada, last_code())
    assert problem(verify(cast.ada, last_code())) == (410, "code-expired")


def test_a_newer_code_voids_the_older(cast):
    change(cast.ada, OTHER)
    older = last_code()
    change(cast.ada)
    if older != last_code():
        assert problem(verify(cast.ada, older)) == (422, "wrong-code")
    assert verify(cast.ada, last_code()).json()["mobile"] == NUMBER


def test_a_code_is_of_no_use_to_another_account(cast):
    change(cast.ada)
    code = last_code()
    assert problem(verify(cast.bob, code)) == (410, "code-expired")


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "١٢٣٤٥٦", "", " "])
def test_what_is_no_code_is_422_and_no_try(cast, code):
    change(cast.ada)
    assert verify(cast.ada, code).status_code == 422
    assert MobileCode.objects.get(pk=cast.ada.id).tries == 0


def test_r10_a_proved_number_is_taken(cast):
    change(cast.bob)
    bobs = last_code()
    change(cast.ada)
    assert verify(cast.ada, last_code()).status_code == 200
    assert problem(verify(cast.bob, bobs)) == (409, "mobile-taken")
    assert problem(change(cast.cyd)) == (409, "mobile-taken")
    assert cast.bob.api.get("/users/me/").json()["mobile_verified"] is False


def test_messages_are_throttled_by_account_and_by_number(cast, settings):
    settings.RATE_LIMIT_FACTOR = 1
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sms": (2, 3600, 2), "sms-recipient": (3, 3600, 3)}
    assert [change(cast.ada).status_code for _ in range(3)] == [202, 202, 429]
    assert [change(member).status_code for member in (cast.bob, cast.cyd)] == [202, 429]
    assert len(Texts.sent) == 3


def test_parallel_guesses_are_tries_too(threaded_cast):
    ada = threaded_cast.ada
    ada.api.post("/auth/mobile/change/", {"password": PASSWORD, "mobile": NUMBER})
    code = wrong(last_code())
    barrier = threading.Barrier(12)
    statuses = []

    def guess():
        barrier.wait()
        statuses.append(ada.api.post("/auth/mobile/verify/", {"code": code}).status_code)
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [410] * 7 + [422] * 5


def test_however_many_prove_one_number_at_once_one_gets_it(threaded_cast):
    members = [threaded_cast.ada, threaded_cast.bob, threaded_cast.cyd, threaded_cast.dan]
    codes = []
    for member in members:
        assert change(member).status_code == 202
        codes.append(last_code())
    barrier = threading.Barrier(len(members))
    statuses = []

    def prove(member, code):
        barrier.wait()
        statuses.append(member.api.post("/auth/mobile/verify/", {"code": code}).status_code)
        connection.close()

    threads = [threading.Thread(target=prove, args=pair) for pair in zip(members, codes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409, 409]
    assert Account.objects.filter(mobile=NUMBER, mobile_verified_at__isnull=False).count() == 1
