"""An HTTP client for tests: signs in by access token, speaks JSON, checks every error's shape."""

from __future__ import annotations

import json
from typing import Any

from django.http.response import HttpResponseBase
from django.test import Client

from social.models import Account
from social.services.sessions import open_session


class ApiClient:
    """Calls of one account (or of nobody) against `/api/v1`. Answers are Django test responses with `.json()`."""

    base = "/api/v1"

    def __init__(self, account: Account | None = None) -> None:
        # Errors are answers here; a test that wants the traceback finds it in the log.
        self.client = Client(raise_request_exception=False)
        self.account = account
        self.access: str | None = None
        if account is not None:
            self.access = open_session(self._bare_request(), account).access

    @staticmethod
    def _bare_request() -> Any:
        from django.test import RequestFactory

        return RequestFactory().get("/")

    def call(self, method: str, path: str, body: Any = None, /, **options: Any) -> Any:
        """One request. `body` is sent as JSON; `headers=` adds headers; `raw=` and `content_type=` send bytes."""
        headers = dict(options.pop("headers", {}))
        if self.access is not None and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.access}"
        extra: dict[str, Any] = {"headers": headers}
        if "raw" in options:
            extra |= {
                "data": options.pop("raw"),
                "content_type": options.pop("content_type", "application/json"),
            }
        elif "form" in options:
            extra |= {"data": options.pop("form")}
        elif body is not None:
            extra |= {"data": json.dumps(body), "content_type": "application/json"}
        elif method not in ("GET", "HEAD"):
            # Django's client would send an empty multipart form.
            extra |= {"data": b"", "content_type": "application/json"}
        if query := options.pop("query", None):
            extra["query_params"] = query
        path = path if path.startswith("/api") else self.base + path
        response = getattr(self.client, method.lower())(path, **extra, **options)
        check_error_shape(response)
        return response

    def get(self, path: str, **options: Any) -> Any:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.call("DELETE", path, body, **options)

    def pages(self, path: str, **query: Any) -> list[Any]:
        """Every result of a list, walked to its end."""
        found: list[Any] = []
        cursor = None
        while True:
            parameters = {**query, "cursor": cursor} if cursor else query
            body = self.get(path, query=parameters).json()
            found += body["results"]
            cursor = body["next"]
            if cursor is None:
                return found


PROBLEM_FIELDS = {"type", "title", "status", "code", "detail", "hint", "request_id", "errors"}


def check_error_shape(response: HttpResponseBase) -> None:
    """Every error under /api/ is problem+json with all its members, and none is a 500."""
    if response.status_code < 400:
        return
    assert response["Content-Type"] == "application/problem+json", response["Content-Type"]
    if response.request["REQUEST_METHOD"] == "HEAD":  # type: ignore[attr-defined]
        # Its answer has the headers alone.
        return
    body = response.json()  # type: ignore[attr-defined]
    assert body.keys() == PROBLEM_FIELDS
    assert body["status"] == response.status_code
    assert response.status_code != 500, "internal error; see the log"
    if response.status_code == 401:
        assert response.has_header("WWW-Authenticate")
    if response.status_code in (429, 503):
        assert int(response["Retry-After"]) >= 1
