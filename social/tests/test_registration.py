"""Registering and signing in (R10, R11)."""

from __future__ import annotations

import pytest

from project.testing.cast import PASSWORD
from social.models import Account

NEW = {"username": "eve.new", "email": "Eve@Example.org", "password": PASSWORD, "full_name": "Eve New"}


def test_a_person_registers_and_gets_the_full_detail(anonymous):
    answer = anonymous.post("/auth/register/", {**NEW, "password2": PASSWORD})
    assert answer.status_code == 201
    body = answer.json()
    assert body["username"] == "eve.new"
    assert body["email"] == "Eve@Example.org"
    assert body["email_verified"] is False
    assert (body["followers_count"], body["posts_count"], body["relationship"]) == (0, 0, None)
    assert "access" not in body
    assert Account.objects.get().password.startswith(("argon2", "md5"))


def test_registering_with_login_adds_working_tokens(anonymous):
    body = anonymous.post("/auth/register/?login=true", NEW).json()
    assert body["expires_in"] == 300
    me = anonymous.get("/users/me/", headers={"Authorization": f"Bearer {body['access']}"})
    assert me.json()["id"] == body["id"]
    assert anonymous.post("/auth/token/refresh/", {"refresh": body["refresh"]}).status_code == 200


def test_a_signed_in_caller_cannot_register(cast):
    answer = cast.ada.api.post("/auth/register/", NEW)
    assert (answer.status_code, answer.json()["code"]) == (403, "already-signed-in")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("username", "ADA", "username-taken"), ("email", "ADA@example.ORG", "email-taken")],
)
def test_r10_username_and_email_are_unique_whatever_their_case(cast, anonymous, field, value, code):
    answer = anonymous.post("/auth/register/", {**NEW, field: value})
    assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize(
    "username",
    [
        "ab",
        "a" * 31,
        "123456",
        ".dot",
        "dot.",
        "two..dots",
        "spa ce",
        "müller",
        "me",
        "Popular",
        "a/b",
        "a@b",
        "",
    ],
)
def test_r10_usernames_that_could_be_mistaken_are_refused(anonymous, username):
    answer = anonymous.post("/auth/register/", {**NEW, "username": username})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/username"


@pytest.mark.parametrize("password", ["short", "12345678901", "password123", "eve.new1"])
def test_weak_passwords_are_refused(anonymous, password):
    answer = anonymous.post("/auth/register/", {**NEW, "password": password})
    assert answer.status_code == 422
    assert {e["pointer"] for e in answer.json()["errors"]} == {"/password"}


def test_a_password_is_taken_exactly_as_sent_and_may_be_long(anonymous):
    """Composed and decomposed letters are different passwords; nothing is cut."""
    password = "cafe\u0301 " + "long " * 20
    anonymous.post("/auth/register/", {**NEW, "password": password})
    exact = {"identifier": "eve.new", "password": password}
    assert anonymous.post("/auth/login/", exact).status_code == 200
    for other in (password.replace("e\u0301", "\u00e9"), password[:-1], password.upper()):
        assert anonymous.post("/auth/login/", {**exact, "password": other}).status_code == 401


def test_two_different_passwords_and_a_broken_mobile_are_refused(anonymous):
    assert anonymous.post("/auth/register/", {**NEW, "password2": PASSWORD + "!"}).status_code == 422
    answer = anonymous.post("/auth/register/", {**NEW, "mobile": "12"})
    assert answer.json()["errors"][0]["pointer"] == "/mobile"


def test_a_registration_cannot_make_itself_staff(anonymous):
    for field in ("is_staff", "is_superuser", "state", "email_verified_at", "id", "token_version"):
        assert anonymous.post("/auth/register/", {**NEW, field: True}).status_code == 422
    assert not Account.objects.exists()


@pytest.mark.parametrize("name", ["identifier", "username"])
def test_r11_log_in_by_username_whatever_its_case(cast, anonymous, name):
    answer = anonymous.post("/auth/login/", {name: "ADA", "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["account"]["username"] == "ada"


def test_r11_log_in_by_email_and_by_verified_mobile_only(cast, anonymous):
    assert (
        anonymous.post("/auth/login/", {"email": "ada@example.org", "password": PASSWORD}).status_code == 200
    )
    Account.objects.filter(username="ada").update(mobile="+4915112345678")
    by_mobile = {"mobile": "+49 151 1234 5678", "password": PASSWORD}
    assert anonymous.post("/auth/login/", by_mobile).status_code == 401
    Account.objects.filter(username="ada").update(mobile_verified_at="2026-01-01T00:00:00Z")
    assert anonymous.post("/auth/login/", by_mobile).status_code == 200


def test_r11_unknown_account_wrong_password_and_gone_account_are_one_answer(cast, anonymous):
    Account.objects.filter(username="bob").update(state="suspended")
    answers = [
        anonymous.post("/auth/login/", {"identifier": who, "password": what})
        for who, what in [("nobody", PASSWORD), ("ada", "wrong password"), ("bob", PASSWORD), ("+49151", "x")]
    ]
    bodies = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
    assert [a.status_code for a in answers] == [401] * 4
    assert all(body == bodies[0] for body in bodies)


def test_r11_failures_count_by_account_so_three_identifiers_are_one_budget(cast, anonymous, settings):
    settings.AXES_FAILURE_LIMIT = 4
    for identifier in ("ada", "ada@example.org", "ADA", "Ada@Example.org"):
        anonymous.post("/auth/login/", {"identifier": identifier, "password": "wrong password"})
    answer = anonymous.post("/auth/login/", {"identifier": "ada", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "locked-out")
    elsewhere = anonymous.post(
        "/auth/login/", {"identifier": "ada", "password": PASSWORD}, REMOTE_ADDR="203.0.113.9"
    )
    assert elsewhere.status_code == 200
