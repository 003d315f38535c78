"""Starting and stopping all engines of a data folder; the quick tests leave Neo4j out."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from neo4j import GraphDatabase

from project.embedded import processes
from project.embedded.errors import EngineError
from project.embedded.stack import Stack, Urls

MakeStack = Callable[..., Stack]
WorkingOn = Callable[[Path], list[psutil.Process]]
StartOwner = Callable[..., subprocess.Popen[str]]


def remember(urls: Urls, word: str) -> None:
    with psycopg.connect(urls.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS memory (word text)")
        connection.execute("INSERT INTO memory VALUES (%s)", [word])
    if urls.redis_url:
        with redis.Redis.from_url(urls.redis_url) as client:
            client.set("memory", word)
    if urls.neo4j_url:
        with GraphDatabase.driver(urls.neo4j_url) as driver:
            driver.execute_query("CREATE (:Memory {word: $word})", word=word)


def remembered(urls: Urls) -> list[str]:
    """The word, once for each engine that knows it."""
    with psycopg.connect(urls.database_url) as connection:
        words = [row[0] for row in connection.execute("SELECT word FROM memory")]
    if urls.redis_url:
        with redis.Redis.from_url(urls.redis_url, decode_responses=True) as client:
            words += [word] if (word := client.get("memory")) else []
    if urls.neo4j_url:
        with GraphDatabase.driver(urls.neo4j_url) as driver:
            words += driver.execute_query("MATCH (m:Memory) RETURN m.word AS word").records[0].values()
    return words


@pytest.mark.slow
def test_all_data_survives_a_restart_at_the_same_addresses_and_a_stop_leaves_no_process(
    make_stack: MakeStack, folder: Path, working_on: WorkingOn
) -> None:
    stack = make_stack(neo4j=True, durable=True)
    urls = stack.start()
    assert sorted(urls.as_env()) == ["DATABASE_URL", "NEO4J_URL", "REDIS_URL"]
    remember(urls, "kept")
    assert working_on(folder)
    stack.stop()
    assert working_on(folder) == []
    stack.stop()  # again, harmlessly

    began = time.monotonic()
    again = make_stack(neo4j=True, durable=True).start()
    assert time.monotonic() - began < 30
    assert again == urls
    assert remembered(again) == ["kept"] * 3


def test_two_stacks_side_by_side_do_not_meet(make_stack: MakeStack, tmp_path: Path) -> None:
    one, other = make_stack(tmp_path / "one").start(), make_stack(tmp_path / "other").start()
    remember(one, "one")
    remember(other, "other")
    assert (remembered(one), remembered(other)) == (["one"] * 2, ["other"] * 2)
    stolen = one.redis_url.rpartition("@")[0] + "@" + other.redis_url.rpartition("@")[2]
    with redis.Redis.from_url(stolen) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_a_folder_in_use_is_refused_and_says_by_whom(make_stack: MakeStack, start_owner: StartOwner) -> None:
    owner = start_owner()
    assert owner.stdout is not None
    owner.stdout.readline()
    with pytest.raises(EngineError, match=f"in use by process {owner.pid}") as caught:
        make_stack().start()
    assert caught.value.hint


def test_a_port_that_somebody_took_meanwhile_is_replaced(make_stack: MakeStack) -> None:
    stack = make_stack(postgres=False)
    first = stack.start()
    stack.stop()
    with socket.create_server(("127.0.0.1", int(first.redis_url.split(":")[-1].split("/")[0]))):
        second = stack.start()
    assert second.redis_url != first.redis_url
    with redis.Redis.from_url(second.redis_url) as client:
        assert client.ping()


def test_a_start_that_fails_leaves_nothing_running_and_says_what_to_do(
    make_stack: MakeStack, folder: Path, working_on: WorkingOn
) -> None:
    stack = make_stack()
    stack.start()
    stack.stop()
    assert stack.postgres is not None
    (stack.postgres.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(EngineError, match="made by PostgreSQL 17") as caught:
        stack.start()
    assert "Move" in caught.value.hint
    assert working_on(folder) == []


def test_a_folder_that_cannot_be_written_is_a_clear_error(make_stack: MakeStack, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="Not a directory") as caught:
        make_stack(tmp_path / "file" / "demo").start()
    assert "another folder" in caught.value.hint


@pytest.mark.fault
def test_what_a_killed_owner_leaves_behind_is_stopped_by_the_next(
    make_stack: MakeStack, start_owner: StartOwner
) -> None:
    owner = start_owner()
    assert owner.stdout is not None
    left_over = [psutil.Process(int(pid)) for pid in owner.stdout.readline().split()]
    for process in left_over:
        process.suspend()  # so that it cannot end by itself when its owner dies
    owner.kill()
    owner.wait()
    assert all(processes.is_running(process) for process in left_over)

    remember(make_stack().start(), "new")
    assert not any(processes.is_running(process) for process in left_over)


@pytest.mark.fault
def test_a_left_over_that_no_file_tells_of_is_found(make_stack: MakeStack) -> None:
    """The owner may die between starting an engine and noting its pid."""
    stack = make_stack(postgres=False)
    stack.start()
    stack.stop()
    assert stack.valkey is not None
    with subprocess.Popen(stack.valkey.command(), stdout=subprocess.DEVNULL) as left_over:
        stack.start()
        assert left_over.wait(timeout=10) == 0
    assert stack.valkey.alive


def test_a_stranger_with_a_recorded_pid_is_left_alone(make_stack: MakeStack, folder: Path) -> None:
    stack = make_stack(postgres=False)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (folder / "valkey").mkdir(parents=True)
        (folder / "valkey" / "valkey.json").write_text(f'{{"pid": {stranger.pid}}}')
        stack.start()
        stack.stop()
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.slow
@pytest.mark.fault
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_the_engines_of_a_killed_owner_end_by_themselves(
    start_owner: StartOwner, folder: Path, working_on: WorkingOn
) -> None:
    owner = start_owner("neo4j")
    assert owner.stdout is not None
    engines = [psutil.Process(int(pid)) for pid in owner.stdout.readline().split()]
    owner.kill()
    owner.wait()
    assert len(engines) == 3
    assert processes.wait_gone(engines, 20)
    assert working_on(folder) == []


@pytest.mark.fault
@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_ctrl_c_during_a_start_stops_what_has_been_started(
    start_owner: StartOwner, folder: Path, working_on: WorkingOn, pause: float
) -> None:
    owner = start_owner("neo4j")
    time.sleep(pause)
    owner.send_signal(signal.SIGINT)
    owner.wait(timeout=30)
    assert working_on(folder) == []
