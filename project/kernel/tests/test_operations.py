"""What stands in front of every operation: the guard, the staff check, HEAD."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.test import AsyncRequestFactory, RequestFactory
from ninja import Router

from project.kernel import operations
from project.kernel.api_base import Api
from project.kernel.errors import Forbidden
from project.kernel.operations import acts, catalogue
from project.kernel.viewer import Viewer


class Auth:
    """Lets everyone in as the header says."""

    def __init__(self, *, staff_only=False):
        self.staff_only = staff_only

    def __call__(self, request):
        return Viewer(7, is_staff="X-Staff" in request.headers)


@pytest.fixture
def seen(monkeypatch):
    """A guard of its own instead of the app's, and what it was asked."""
    asked = []

    def guard(request, operation, viewer):
        asked.append((operation.operation_id, operation.method, viewer))
        if "X-Off" in request.headers:
            raise Forbidden

    monkeypatch.setattr(operations, "_guards", [guard])
    monkeypatch.setattr(operations, "_catalogue", {})
    return asked


@pytest.fixture
def views(seen):
    """The views of a small API by their path."""
    router, ran = Router(tags=["things"]), []

    @router.get("/open/", operation_id="things_open", auth=None)
    def things_open(request):
        ran.append("open")
        return {}

    @router.post("/things/", operation_id="things_create", auth=Auth())
    def things_create(request, n: int):
        ran.append("create")
        return {}

    @router.get("/staff/", operation_id="things_staff", auth=Auth(staff_only=True))
    def things_staff(request):
        return {}

    @router.get("/link/", operation_id="things_link", auth=None)
    @acts
    def things_link(request):
        ran.append("link")
        return {}

    @router.get("/stream/", operation_id="things_stream", auth=Auth())
    async def things_stream(request):
        ran.append("stream")
        return {}

    api = Api(title="things", urls_namespace="things", docs_url=None, openapi_url=None)
    api.add_router("/t", router)
    found: dict[str, Any] = {str(url.pattern): url.callback for url in api._get_urls()}
    found["ran"] = ran
    return found


def ask(views, method, path, **headers):
    request = RequestFactory().generic(method, f"/t/{path}/", headers=headers)
    return views[f"t/{path}/"](request).status_code


def test_every_operation_is_in_the_catalogue(views):
    facts = catalogue()["things_create"]
    assert (facts.key, facts.path, facts.tag) == (("things_create", "POST"), "/t/things/", "things")
    assert [name for name, one in catalogue().items() if one.staff_only] == ["things_staff"]
    assert [name for name, one in catalogue().items() if one.acts_on_get] == ["things_link"]


def test_the_guard_knows_operation_and_viewer_and_comes_before_the_input(views, seen):
    assert ask(views, "POST", "things", **{"X-Off": "1"}) == 403
    assert ask(views, "POST", "things") == 422
    assert ask(views, "GET", "open") == 200
    assert seen == [("things_create", "POST", Viewer(7))] * 2 + [("things_open", "GET", None)]
    assert views["ran"] == ["open"]


def test_the_staff_check_comes_after_the_guard(views, seen):
    assert ask(views, "GET", "staff") == 403
    assert ask(views, "GET", "staff", **{"X-Staff": "1"}) == 200
    assert len(seen) == 2


def test_head_is_the_get_operation_but_never_runs_one_that_acts(views, seen):
    assert ask(views, "HEAD", "open") == 200
    assert ask(views, "HEAD", "open", **{"X-Off": "1"}) == 403
    assert ask(views, "HEAD", "things") == 405
    assert ask(views, "HEAD", "link", **{"X-Off": "1"}) == 403
    assert ask(views, "HEAD", "link") == 405
    assert views["ran"] == ["open"]
    assert ask(views, "GET", "link") == 200


def test_asynchronous_operations_are_guarded_too(views, seen):
    def ask_async(**headers):
        request = AsyncRequestFactory().get("/t/stream/", headers=headers)
        return asyncio.run(views["t/stream/"](request)).status_code

    assert (ask_async(), ask_async(**{"X-Off": "1"})) == (200, 403)
    assert views["ran"] == ["stream"]


def test_a_head_over_http_has_the_headers_of_the_get_and_no_body(cast):
    got, head = (cast.ada.api.call(method, "/profiles/bob/") for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == got["ETag"]
