"""Short ways to posts for the tests of this app."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from content.models import Media, MediaState
from graph import driver

VARIANTS = [
    {
        "name": name,
        "key": f"media/{name}.webp",
        "width": 300,
        "height": 300,
        "content_type": "image/webp",
        "size": 9,
    }
    for name in ("thumb", "large")
]


def ready_media(owner_id: int, **fields: Any) -> int:
    """The id of a media whose files are done, as the worker leaves it."""
    facts = {"state": MediaState.READY, "width": 300, "height": 300, "variants": VARIANTS, **fields}
    return int(Media.objects.create(owner_id=owner_id, **facts).pk)


def publish(member: Any, **body: Any) -> dict[str, Any]:
    """Create a post over the API, with one medium unless `body` names others; returns `PostOut`."""
    if "media" not in body:
        body["media"] = [ready_media(member.id)]
    response = member.api.post("/posts/", body)
    assert response.status_code == 201, response.content
    return dict(response.json())


def comment(member: Any, post: dict[str, Any], text: str = "lovely", **body: Any) -> dict[str, Any]:
    """Comment over the API; returns `CommentOut`."""
    response = member.api.post(f"/posts/{post['id']}/comments/", {"text": text, **body})
    assert response.status_code == 201, response.content
    return dict(response.json())


def ids_of(response: Any) -> list[int]:
    """The ids in a page."""
    assert response.status_code == 200, response.content
    return [item["id"] for item in response.json()["results"]]


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all calls at the same moment in threads of their own; their answers, errors included."""
    barrier = threading.Barrier(len(calls))
    answers: list[Any] = []

    def run(call: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            answers.append(call())
        except Exception as error:
            answers.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@dataclass
class Counted:
    """What ran inside `count_queries`."""

    sql: list[str] = field(default_factory=list)
    graph: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> tuple[int, int]:
        return len(self.sql), len(self.graph)


@contextmanager
def count_queries(monkeypatch: Any) -> Iterator[Counted]:
    """Counts SQL and graph statements. The graph's driver runs as always; it is only listened to."""
    seen = Counted()
    run = driver._run

    def listening(cypher: str, *args: Any, **options: Any) -> Any:
        seen.graph.append(cypher)
        return run(cypher, *args, **options)

    with monkeypatch.context() as patch, CaptureQueriesContext(connection) as queries:
        patch.setattr(driver, "_run", listening)
        yield seen
        seen.sql.extend(query["sql"] for query in queries.captured_queries)
