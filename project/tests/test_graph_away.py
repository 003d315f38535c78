"""With the graph away nothing private leaks, what needs it says so, and everything else goes on (R03)."""

from __future__ import annotations

import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from content.media.generate import make_picture
from content.tests.kit import publish
from project.outbox.models import OutboxRow
from project.testing.cast import PASSWORD
from social.models import Account, Profile


@pytest.fixture
def no_graph(settings):
    """Points the service at a port where nothing listens."""
    previous = settings.NEO4J_URL
    settings.NEO4J_URL = "bolt://127.0.0.1:1"

    def back():
        settings.NEO4J_URL = previous

    return back


@pytest.fixture
def no_graph_after(settings):
    """The same, from when it is called."""

    def go():
        settings.NEO4J_URL = "bolt://127.0.0.1:1"

    return go


NEEDS_THE_GRAPH = (
    "/users/me/",
    "/profiles/{bob}/",
    "/feed/",
    "/explore/users/",
    "/followers/{bob}/",
    "/follow-requests/",
    "/relationships/?users={bob}",
    "/block/",
    "/users/{bob}/posts/",
    "/posts/?author={bob}",
)


@pytest.mark.parametrize("path", NEEDS_THE_GRAPH)
def test_r03_what_needs_the_graph_answers_503_with_retry_after(cast, no_graph_after, path):
    publish(cast.bob)
    no_graph_after()
    answer = cast.ada.api.get(path.format(bob=cast.bob.id))
    assert (answer.status_code, answer.json()["code"]) == (503, "graph-unavailable")
    assert int(answer["Retry-After"]) >= 1


def test_r03_signed_out_reads_of_public_content_keep_working(cast, anonymous, no_graph_after):
    post_id = publish(cast.bob, caption="open to all")["id"]
    no_graph_after()
    assert anonymous.get(f"/posts/{post_id}/").json()["caption"] == "open to all"
    assert [p["id"] for p in anonymous.get("/posts/").json()["results"]] == [post_id]
    assert anonymous.get(f"/posts/{post_id}/comments/").status_code == 200


def test_r03_signing_up_and_in_and_out_keep_working(cast, anonymous, no_graph):
    new = {"username": "eve", "email": "eve@example.org", "password": PASSWORD}
    body = anonymous.post("/auth/register/?login=true", new)
    assert body.status_code == 201
    assert anonymous.post("/auth/login/", {"identifier": "ada", "password": PASSWORD}).status_code == 200
    assert anonymous.post("/auth/token/refresh/", {"refresh": body.json()["refresh"]}).status_code == 200
    assert cast.ada.api.post("/auth/logout/").status_code == 204


@pytest.mark.parametrize(
    "write", [("POST", "/follow/bob/"), ("DELETE", "/follow/bob/"), ("POST", "/block/bob/")]
)
def test_r03_a_relationship_write_is_not_reported_as_done_and_converges(cast, no_graph, write):
    method, path = write
    assert cast.ada.api.call(method, path).status_code == 503
    assert OutboxRow.objects.filter(topic="relationship", key=f"{cast.ada.id}:{cast.bob.id}").exists()
    no_graph()
    assert cast.ada.api.call(method, path).status_code in (200, 201, 204)


def test_r38_closing_stands_without_the_graph_and_the_relay_completes_it(cast, no_graph, drain_outbox):
    answer = cast.bob.api.patch("/profiles/bob/", {"is_private": True})
    # The answer shows counts, which need the graph; the switch itself has been made.
    assert answer.status_code in (200, 503)
    assert Account.objects.get(pk=cast.bob.id).is_private
    no_graph()
    assert cast.ada.follow(cast.bob).json()["state"] == "requested"


def test_r38_opening_without_the_graph_changes_nothing(private_bob, no_graph):
    cast = private_bob
    body = {"is_private": False, "bio": "new"}
    assert cast.bob.api.patch("/profiles/bob/", body).status_code == 503
    assert Account.objects.get(pk=cast.bob.id).is_private
    assert Profile.objects.get(pk=cast.bob.id).bio == ""


@pytest.fixture
def private_bob(cast):
    cast.bob.go_private()
    return cast


def test_health_reports_a_missing_graph_as_degraded_and_still_200(anonymous, no_graph):
    answer = anonymous.get("/health/ready/")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    states = {check["name"]: check["status"] for check in answer.json()["checks"]}
    assert states["neo4j"] == "degraded"
    assert states["postgres"] == "ok"


def test_uploading_needs_no_graph(cast, no_graph):
    file = SimpleUploadedFile("a.jpg", make_picture(random.Random(1), (64, 64)), "image/jpeg")
    assert cast.ada.api.post("/media/", form={"file": file}).status_code == 202
