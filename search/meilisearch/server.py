"""The connection to a Meilisearch server: one SDK client and one kept-alive connection a thread, every failure as
SearchUnavailable, tasks awaited and checked."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar

import orjson
import requests
from meilisearch import Client
from meilisearch._httprequests import HttpRequests
from meilisearch.config import Config
from meilisearch.errors import MeilisearchApiError, MeilisearchCommunicationError, MeilisearchError

from search.errors import SearchUnavailable

log = logging.getLogger(__name__)

# Seconds to connect, and to wait for a byte. A write only enqueues; one of 10,000 documents takes a moment.
TIMEOUT = (1.0, 5.0)
TASK_TIMEOUT = 600.0
FIRST_LOOK, LONGEST_PAUSE = 0.005, 0.1
SWAP = "swap-indexes"
CLOSED = ("RemoteDisconnected", "ConnectionResetError", "BrokenPipeError")


class Explained(SearchUnavailable):
    """For members search is unavailable; the log, the outbox and `doctor` say why."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.args = (reason,)


class KeyRefused(Explained):
    """Meilisearch does not accept MEILISEARCH_KEY, or the key may not do this. Members see a search that is
    unavailable."""


class IndexMissing(Explained):
    """The server has no index of this name."""


class Rejected(Explained):
    """Meilisearch refuses what it was sent: a document, or a query on an index of other settings."""


class TaskFailed(Explained):
    """A write was enqueued and failed then. `reason` is Meilisearch's error code."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(f"Meilisearch: {message} ({reason})")


class _KeptAlive(HttpRequests):
    """The SDK opens a connection a request; this one keeps it."""

    methods: ClassVar[tuple[str, ...]] = ("get", "post", "patch", "put", "delete")

    def __init__(self, config: Config) -> None:
        # A compressed answer over a kept connection stalls for tens of milliseconds.
        super().__init__(config, {"Accept-Encoding": "identity"})
        self.session = requests.Session()
        # Proxies and credentials of the environment are none of this connection's.
        self.session.trust_env = False

    def send_request(self, http_method: Callable[..., Any], path: str, *args: Any, **options: Any) -> Any:
        return super().send_request(getattr(self.session, http_method.__name__), path, *args, **options)


class Server:
    """A Meilisearch server. May be used by any thread; every method raises SearchUnavailable."""

    def __init__(self, url: str, key: str | None) -> None:
        self.url, self._key = url.rstrip("/"), key
        self._threads = threading.local()

    def get(self, path: str) -> Any:
        return self._call("get", path)

    def post(self, path: str, body: Any) -> Any:
        return self._call("post", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self._call("patch", path, body)

    def delete(self, path: str) -> Any:
        return self._call("delete", path)

    def finish(self, task: dict[str, Any]) -> None:
        """Wait for a task. Raises TaskFailed where it failed."""
        deadline, pause = time.monotonic() + TASK_TIMEOUT, FIRST_LOOK
        while True:
            found = self.get(f"tasks/{task['taskUid']}")
            if found["status"] == "succeeded":
                return
            if found["status"] in ("failed", "canceled"):
                error = found.get("error") or {}
                raise TaskFailed(error.get("code", found["status"]), error.get("message", ""))
            if time.monotonic() > deadline:
                raise Explained(f"Meilisearch: task {task['taskUid']} is not done yet")
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        try:
            try:
                return self._send(method, path, body)
            except MeilisearchCommunicationError as error:
                # The server was just closing the connection that was kept. To send twice is to send once, but
                # for a swap.
                if path == SWAP or not any(sign in str(error) for sign in CLOSED):
                    raise
                return self._send(method, path, body)
        except MeilisearchApiError as error:
            raise _translated(error) from error
        except (MeilisearchError, requests.RequestException) as error:
            raise SearchUnavailable from error

    def _send(self, method: str, path: str, body: Any) -> Any:
        http: HttpRequests = self._client().http
        if method in ("get", "delete"):
            return getattr(http, method)(path)
        return getattr(http, method)(path, orjson.dumps(body))

    def _client(self) -> Client:
        client: Client | None = getattr(self._threads, "client", None)
        if client is None:
            client = Client(self.url, self._key)
            # The SDK hands it to `requests`, which takes both.
            client.config.timeout = TIMEOUT  # type: ignore[assignment]
            client.http = _KeptAlive(client.config)
            self._threads.client = client
        return client


def _translated(error: MeilisearchApiError) -> SearchUnavailable:
    if error.status_code in (401, 403):
        log.error("Meilisearch refuses MEILISEARCH_KEY: %s", error.message)
        return KeyRefused(f"Meilisearch refuses MEILISEARCH_KEY: {error.message}")
    if error.code == "index_not_found":
        return IndexMissing(error.message)
    if 400 <= error.status_code < 500 and error.status_code not in (408, 429):
        log.error("Meilisearch rejects a request (%s): %s", error.code, error.message)
        return Rejected(f"Meilisearch: {error.message} ({error.code})")
    return SearchUnavailable()
