"""Log-in by cookie (R13)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import TestCase

from project.testing.cast import PASSWORD
from project.testing.client import ApiClient

OWN = {"Origin": "http://testserver"}
NAME = "refresh_token"


class Browser(ApiClient):
    """A client that keeps its cookies, and the answer that set the first one."""

    answer: Any


@pytest.fixture
def browser(cast):
    client = Browser()
    client.answer = client.post("/auth/login/cookie/", {"identifier": "ada", "password": PASSWORD})
    return client


def refresh(client, origin="http://testserver", body=None):
    return client.post("/auth/token/refresh/", body, headers={"Origin": origin} if origin else {})


def test_r13_the_refresh_token_is_in_an_httponly_strict_cookie_and_not_in_the_body(browser):
    assert browser.answer.status_code == 200
    body = browser.answer.json()
    assert body.keys() == {"access", "expires_in", "account"}
    cookie = browser.answer.cookies[NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/api/")
    assert cookie["max-age"] == 30 * 86400
    assert not cookie["secure"], "the suite stands for a try-out over plain HTTP"
    assert cookie.value not in browser.answer.content.decode()


def test_r13_the_cookie_is_secure_where_the_setting_says_so(cast, anonymous, settings):
    settings.REFRESH_COOKIE_SECURE = True
    answer = anonymous.post("/auth/mylogin/", {"identifier": "ada", "password": PASSWORD})
    assert answer.cookies[NAME]["secure"] is True


def test_r13_refreshing_reads_the_cookie_and_replaces_it(browser):
    first = browser.answer.cookies[NAME].value
    answer = refresh(browser)
    assert answer.status_code == 200
    assert "refresh" not in answer.json()
    second = answer.cookies[NAME].value
    assert second not in (first, "")
    headers = {"Authorization": f"Bearer {answer.json()['access']}"}
    assert ApiClient().get("/users/me/", headers=headers).status_code == 200
    assert refresh(browser).cookies[NAME].value not in (first, second)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "https://evil.example",
        "http://testserver.evil.example",
        "https://testserver",
        "http://testserver:81",
        "testserver",
        "http://[",
    ],
)
def test_r13_an_absent_or_foreign_origin_is_403_and_spends_nothing(browser, origin):
    answer = refresh(browser, origin)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign-origin")
    assert refresh(browser).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://testserver",
        "http://testserver:80",
        "HTTP://TestServer",
        "https://api.photogram.example",
        "https://app.photogram.example:8443",
    ],
)
def test_r13_own_and_allowed_origins_may_use_the_cookie(browser, settings, origin):
    settings.PUBLIC_URL = "https://api.photogram.example"
    settings.CORS_ALLOWED_ORIGINS = ["https://app.photogram.example:8443"]
    assert refresh(browser, origin).status_code == 200


def test_r13_a_token_in_the_body_needs_no_origin_and_goes_before_the_cookie(browser, anonymous):
    tokens = anonymous.post("/auth/login/", {"identifier": "bob", "password": PASSWORD}).json()
    answer = refresh(browser, None, {"refresh": tokens["refresh"]})
    assert answer.json()["account"]["username"] == "bob"
    assert "refresh" in answer.json()
    assert NAME not in answer.cookies


def test_no_token_at_all_is_401(anonymous):
    for body in (None, {}, {"refresh": None}):
        answer = refresh(anonymous, body=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")


def logout(client, **headers):
    bearer = {"Authorization": f"Bearer {client.answer.json()['access']}"}
    with TestCase.captureOnCommitCallbacks(execute=True):
        return client.post("/auth/logout/", headers={**bearer, **headers})


def test_r13_logging_out_ends_the_cookies_session_and_clears_it(browser):
    token = browser.answer.cookies[NAME].value
    answer = logout(browser, **OWN)
    assert answer.status_code == 204
    assert (answer.cookies[NAME].value, answer.cookies[NAME]["path"]) == ("", "/api/")
    assert ApiClient().post("/auth/token/refresh/", {"refresh": token}).status_code == 401


def test_r13_logging_out_with_the_cookie_needs_the_origin_too(browser):
    for headers in ({}, {"Origin": "https://evil.example"}):
        answer = logout(browser, **headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign-origin")
    assert refresh(browser).status_code == 200


def test_a_wrong_password_sets_no_cookie(cast, anonymous):
    answer = anonymous.post("/auth/login/cookie/", {"identifier": "ada", "password": "wrong password"})
    assert answer.status_code == 401
    assert NAME not in answer.cookies
