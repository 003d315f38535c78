"""The service as the demo starts it, on engines of its own: API and relay as processes, to be killed by their ids."""

from __future__ import annotations

import http.client
import json
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neo4j
import psycopg

from project.demo.runner import Demo, Options, Part
from project.embedded.ports import pick
from project.embedded.reporting import silent
from project.embedded.stack import Stack

ROOT = Path(__file__).resolve().parents[3]
GRAPH_PASSWORD = "as in production"
PASSWORD = "correct horse battery"
# Longer than anything may take that is bounded by the service itself.
CLIENT_SECONDS = 60.0

ALL_EDGES = """
MATCH (a:Account)-[edge]->(b:Account)
RETURN a.account_id, type(edge), b.account_id, properties(edge)
"""
NODES = "MATCH (n:Account) RETURN n.account_id, n.private"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, the body as JSON, and the headers by lower-case name."""

    status: int
    body: Any
    headers: dict[str, str]


class Installation:
    """Started by `with`; everything it has started ends with it."""

    def __init__(self, folder: Path) -> None:
        options = Options(
            root=ROOT,
            data_dir=folder,
            port=pick(None),
            accounts=0,
            seed=1,
            seeded=False,
            production_limits=False,
            plain=True,
        )
        self.demo = Demo(options, silent)  # type: ignore[arg-type]
        self.demo.stack = Stack(folder, durable=False, neo4j_password=GRAPH_PASSWORD)
        self.port = options.port

    def __enter__(self) -> Installation:
        try:
            self.demo.prepare()
            # Neither worker nor beat: the sweep would do the work of a relay that is dead.
            self.demo.parts = [part for part in self.demo.make_parts() if part.name in ("api", "relay")]
            self.demo.start_part(self._part("api"))
            self.demo.wait_ready()
            self.demo.start_part(self._part("relay"))
        except BaseException:
            self.demo.stop()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.demo.stop()

    def _part(self, name: str) -> Part:
        return next(part for part in self.demo.parts if part.name == name)

    # ---- killing

    def kill_graph(self) -> None:
        assert self.demo.stack.neo4j is not None
        self.demo.stack.neo4j.kill()

    def start_graph(self) -> None:
        assert self.demo.stack.neo4j is not None
        self.demo.stack.neo4j.start()

    def kill_relay(self) -> None:
        process = self._part("relay").process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    def start_relay(self) -> None:
        self.demo.start_part(self._part("relay"))

    # ---- asking

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> Answer:
        """One request on a connection of its own. Raises OSError where no answer comes, which is a failure: the API
        is never killed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CLIENT_SECONDS)
        headers = {"Connection": "close"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            data = json.dumps(body) if body is not None else None
            connection.request(method, f"/api/v1{path}", data, headers)
            answer = connection.getresponse()
            content = answer.read()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, json.loads(content) if content else None, found)
        finally:
            connection.close()

    def register(self, username: str) -> tuple[int, str, str]:
        """A new account: id, access and refresh token."""
        body = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
        answer = self.call("POST", "/auth/register/?login=true", body)
        assert answer.status == 201, answer
        return answer.body["id"], answer.body["access"], answer.body["refresh"]

    # ---- looking into the stores

    def outbox_rows(self) -> int:
        with self._postgres() as connection:
            row = connection.execute("SELECT count(*) FROM outbox_outboxrow").fetchone()
        assert row is not None
        return int(row[0])

    def outbox_left(self) -> list[Any]:
        with self._postgres() as connection:
            return connection.execute("SELECT * FROM outbox_outboxrow ORDER BY id LIMIT 20").fetchall()

    def private_in_postgres(self) -> dict[int, bool]:
        with self._postgres() as connection:
            return dict(connection.execute("SELECT id, is_private FROM social_account").fetchall())

    def _postgres(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.demo.stack.urls.database_url)

    def graph(self) -> tuple[list[list[Any]], dict[int, bool]]:
        """All edges as (source, type, target, properties), and account id → private by the node."""
        assert self.demo.stack.neo4j is not None
        url = f"bolt://127.0.0.1:{self.demo.stack.neo4j.port}"
        with neo4j.GraphDatabase.driver(url, auth=("neo4j", GRAPH_PASSWORD)) as driver:
            edges = driver.execute_query(ALL_EDGES, result_transformer_=neo4j.Result.values)
            nodes = driver.execute_query(NODES, result_transformer_=neo4j.Result.values)
        return edges, {row[0]: row[1] for row in nodes}

    def wait_drained(self, seconds: float) -> float:
        """Until the outbox is empty; how long it took. Fails after `seconds`."""
        started = time.monotonic()
        while rows := self.outbox_rows():
            assert time.monotonic() - started < seconds, f"{rows} rows left: {self.outbox_left()}"
            time.sleep(0.2)
        return time.monotonic() - started
