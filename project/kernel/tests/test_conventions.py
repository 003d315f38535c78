"""What every request can rely on: ids, paths, problem documents, strict bodies."""

from __future__ import annotations

import pytest


def test_a_request_id_is_taken_from_the_client_or_made(anonymous):
    given = anonymous.get("/health/live/", headers={"X-Request-ID": "abc-123"})
    assert given["X-Request-ID"] == "abc-123"
    for bad in ("with space", "x" * 65, "new\tline"):
        made = anonymous.get("/health/live/", headers={"X-Request-ID": bad})
        assert made["X-Request-ID"] != bad
    problem = anonymous.get("/users/me/", headers={"X-Request-ID": "abc"})
    assert problem.json()["request_id"] == "abc"


@pytest.mark.parametrize("path", ["/api/v1/users/me", "/api/users/me/", "/api/users/me"])
def test_the_current_version_and_a_missing_slash_are_served_without_a_redirect(cast, path):
    assert cast.ada.api.get(path).json()["username"] == "ada"


def test_a_post_without_its_slash_keeps_its_body(anonymous):
    answer = anonymous.post("/api/v1/auth/login", {"identifier": "nobody", "password": "x"})
    assert answer.json()["code"] == "invalid-credentials"


@pytest.mark.parametrize("path", ["/nothing/", "/users/me/x/", "/posts/abc/", "/posts/-1/"])
def test_unknown_paths_are_problem_documents(cast, path):
    assert cast.ada.api.get(path).json()["code"] == "not-found"


def test_a_wrong_method_is_405_with_allow(cast):
    answer = cast.ada.api.delete("/users/me/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert "GET" in answer["Allow"]


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b'{"identifier": NaN, "password": "x"}', "application/json", 400),
        (b'{"identifier": "\\ud800", "password": "x"}', "application/json", 400),
        (b'{"identifier": "\xff", "password": "x"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"identifier": "a\\u0000b", "password": "x"}', "application/json", 422),
        (b'{"identifier": "a", "password": "x"}', "text/plain", 415),
        (b"identifier=a&password=x", "application/x-www-form-urlencoded", 415),
        (b'{"identifier": "a", "password": "x", "more": 1}', "application/json", 422),
        (b'{"identifier": 5, "password": "x"}', "application/json", 422),
        (b'{"identifier": "a"}', "application/json", 422),
        (b'{"identifier": "' + b"a" * 2_000_000 + b'", "password": "x"}', "application/json", 413),
    ],
)
def test_bad_bodies_are_told_apart(anonymous, raw, content_type, status):
    answer = anonymous.post("/auth/login/", raw=raw, content_type=content_type)
    assert answer.status_code == status, answer.content


def test_field_errors_point_into_the_body(anonymous):
    errors = anonymous.post("/auth/login/", {"identifier": "a", "password": 5}).json()["errors"]
    assert errors == [{"pointer": "/password", "code": "string_type", "message": errors[0]["message"]}]
    query = anonymous.get("/posts/", query={"limit": 0}).json()["errors"]
    assert query[0]["pointer"] == "query/limit"


def test_a_nul_in_the_url_is_400(cast):
    for path in ("/profiles/a%00b/", "/search/users/?q=%00"):
        assert cast.ada.api.get(path).status_code == 400


def test_what_depends_on_the_viewer_is_not_cached(cast):
    assert cast.ada.api.get("/users/me/")["Cache-Control"] == "private, no-store"


def test_a_session_needs_its_csrf_token(cast):
    client = cast.ada.api.client
    client.force_login(cast.ada.account, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/users/me/").json()["username"] == "ada"
    client.handler.enforce_csrf_checks = True
    refused = client.post(f"/api/v1/follow/{cast.bob.id}/")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    client.get("/admin/login/")
    token = client.cookies["csrftoken"].value
    allowed = client.post(f"/api/v1/follow/{cast.bob.id}/", headers={"X-CSRFToken": token})
    assert allowed.status_code == 201


def test_signed_out_reading_can_be_switched_off(cast, anonymous, settings):
    assert anonymous.get("/posts/").status_code == 200
    settings.PUBLIC_READ = False
    assert anonymous.get("/posts/").status_code == 401
