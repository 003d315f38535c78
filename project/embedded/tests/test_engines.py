"""Each engine by itself: its settings, and that a crash loses nothing that was acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError

from project.embedded.engine import Engine
from project.embedded.errors import EngineError
from project.embedded.neo4j import Neo4j
from project.embedded.postgres import Postgres
from project.embedded.valkey import Valkey

WorkingOn = Callable[[Path], list[psutil.Process]]


@pytest.fixture
def keep() -> Iterator[Callable[[Engine], Engine]]:
    """Stops the engines given to it at the end."""
    engines: list[Engine] = []

    def remember(engine: Engine) -> Engine:
        engines.append(engine)
        return engine

    yield remember
    for engine in engines:
        engine.stop()


@pytest.mark.fault
def test_postgres_keeps_what_it_confirmed_through_a_crash(
    folder: Path, keep: Callable[[Engine], Engine], working_on: WorkingOn
) -> None:
    engine = keep(Postgres(folder))
    url = engine.start()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE memory AS SELECT generate_series(1, 1000) AS n")
    engine.kill()
    assert not engine.alive
    assert working_on(folder) == []
    assert engine.start() == url
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM memory").fetchone() == (1000,)


@pytest.mark.parametrize(("durable", "fsync"), [(True, "on"), (False, "off")])
def test_postgres_has_the_settings_we_rely_on(
    folder: Path, keep: Callable[[Engine], Engine], durable: bool, fsync: str
) -> None:
    url = keep(Postgres(folder, durable=durable)).start()
    expected = {
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "max_connections": "200",
        "jit": "off",
        "fsync": fsync,
        "listen_addresses": "127.0.0.1",
    }
    with psycopg.connect(url) as connection:
        found = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in expected}  # type: ignore[index]
        assert found == expected
        # Letters beyond ASCII have cases, the same on every machine.
        assert connection.execute("SELECT upper('ärger'), 'Ä' ILIKE 'ä'").fetchone() == ("ÄRGER", True)
        connection.execute("CREATE EXTENSION unaccent; CREATE EXTENSION fuzzystrmatch")


def test_postgres_lets_nobody_in_without_the_password(folder: Path, keep: Callable[[Engine], Engine]) -> None:
    url = keep(Postgres(folder, durable=False)).start()
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(url.replace(url.split(":")[2].split("@")[0], ""))
    assert (folder / "password").stat().st_mode & 0o077 == 0


@pytest.mark.fault
def test_valkey_finds_its_data_again_only_where_it_should(
    folder: Path, keep: Callable[[Engine], Engine]
) -> None:
    engine = keep(Valkey(folder))
    url = engine.start()
    with redis.Redis.from_url(url) as client:
        client.set("kept", 1)
    engine.kill()
    assert engine.start() == url
    with redis.Redis.from_url(url.removesuffix("0") + "15") as last, redis.Redis.from_url(url) as first:
        assert (last.get("kept"), first.get("kept")) == (None, b"1")
    engine.stop()
    with redis.Redis.from_url(keep(Valkey(folder, durable=False)).start()) as client:
        assert client.get("kept") is None


@pytest.mark.slow
@pytest.mark.fault
def test_neo4j_keeps_what_it_confirmed_through_a_crash_behind_its_password(
    folder: Path, keep: Callable[[Engine], Engine], working_on: WorkingOn
) -> None:
    engine = keep(Neo4j(folder, password="p@ss/word%1"))
    url = engine.start()
    address, auth = url.replace(url.split("//")[1].split("@")[0] + "@", ""), ("neo4j", "p@ss/word%1")
    with GraphDatabase.driver(address, auth=auth) as driver:
        driver.execute_query("CREATE (:Memory {word: 'kept'})")
    engine.kill()
    assert working_on(folder) == []
    assert engine.start() == url
    with GraphDatabase.driver(address, auth=auth) as driver:
        assert driver.execute_query("MATCH (m:Memory) RETURN m.word AS word").records[0]["word"] == "kept"
    with GraphDatabase.driver(address) as driver, pytest.raises(AuthError):
        driver.verify_connectivity()
    engine.stop()
    with pytest.raises(EngineError, match="does not let us in") as caught:
        keep(Neo4j(folder, password="another password")).start()
    assert "another password" in caught.value.hint
    assert working_on(folder) == []


@pytest.mark.slow
@pytest.mark.fault
def test_a_neo4j_killed_during_its_first_start_begins_anew(
    folder: Path, keep: Callable[[Engine], Engine]
) -> None:
    engine = keep(Neo4j(folder))
    stores = folder / "data" / "databases"

    def give_up_when_there_are_files() -> None:
        while not any(stores.rglob("neostore*")):
            time.sleep(0.01)
        engine.cancelled.set()

    watcher = threading.Thread(target=give_up_when_there_are_files)
    watcher.start()
    with pytest.raises(EngineError, match="called off"):
        engine.start()
    watcher.join()
    (folder / "data" / "half-made").touch()

    engine.cancelled.clear()
    engine.start()
    assert not (folder / "data" / "half-made").exists()
    engine.stop()
    (folder / "data" / "whole").touch()
    engine.start()
    assert (folder / "data" / "whole").exists()
