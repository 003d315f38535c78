"""R81: thousands of relationship operations against the real server, while the graph and the relay are killed.

No acknowledged write is lost, no 4xx is applied, every 503 is wholly applied or not at all and converges when
repeated, and then the outbox drains. FAULT_OPERATIONS and FAULT_KILLS set the size; with `-s` the figures are
printed."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from project.tests.faults import model
from project.tests.faults.installation import Installation
from project.tests.faults.model import PRIVATE, PUBLIC, State
from project.tests.faults.player import Client, Figures, Player

pytestmark = [pytest.mark.fault, pytest.mark.slow]

OPERATIONS = int(os.environ.get("FAULT_OPERATIONS", "900"))
KILLS = int(os.environ.get("FAULT_KILLS", "1"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
THREADS = 16
OWN = 3
PRIVATE_HUB = 1
HUBS = 3
DRAIN_SECONDS = 60.0


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("faults")
    with Installation(folder) as running:
        yield running


def test_r81_what_was_answered_is_what_is_so_though_graph_and_relay_are_killed(installation):
    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        names = [f"hub{n}" for n in range(HUBS)] + [f"player{n}" for n in range(THREADS * OWN)]
        clients = list(pool.map(lambda name: Client(installation, name), names))
    hubs, others = clients[:HUBS], clients[HUBS:]
    path = f"/profiles/{hubs[PRIVATE_HUB].id}/"
    assert hubs[PRIVATE_HUB].call("PATCH", path, {"is_private": True}).status == 200
    figures, stop = Figures(), threading.Event()
    players = [
        Player(others[n * OWN : (n + 1) * OWN], hubs, [PRIVATE_HUB], figures, random.Random(f"{SEED} {n}"))
        for n in range(THREADS)
    ]
    prepared, playing = time.monotonic() - started, time.monotonic()

    def play(player: Player) -> None:
        try:
            player.play(-(-OPERATIONS // THREADS), stop)
        except BaseException:
            stop.set()
            raise

    with ThreadPoolExecutor(THREADS) as pool:
        playing_threads = [pool.submit(play, player) for player in players]
        try:
            for turn in range(KILLS):
                wait_for(figures, int(OPERATIONS * (turn + 0.2) / KILLS), stop)
                installation.kill_graph()
                time.sleep(1)
                installation.start_graph()
                wait_for(figures, int(OPERATIONS * (turn + 0.6) / KILLS), stop)
                installation.kill_relay()
                time.sleep(1)
                installation.start_relay()
        except BaseException:
            stop.set()
            raise
        for each in playing_threads:
            each.result()
    played = time.monotonic() - playing
    drained = installation.wait_drained(DRAIN_SECONDS)
    check_stores(installation, players)
    told = {
        "operations": figures.total,
        "kills of the graph and of the relay": KILLS,
        "by status": dict(sorted(figures.statuses.items())),
        "by kind": dict(figures.operations.most_common()),
        "503s": dict(figures.doubts),
        "states left possible, most for a thread": max(len(player.states) for player in players),
        "seconds": {
            "preparing": round(prepared, 1),
            "playing": round(played, 1),
            "draining": round(drained, 1),
        },
    }
    print(json.dumps(told, indent=2))
    assert figures.total >= OPERATIONS
    assert figures.statuses[503] > 0, "the graph came back too soon to prove anything"
    assert figures.statuses[404] > 0
    assert figures.statuses[409] > 0
    assert set(figures.statuses) <= {200, 201, 204, 404, 409, 503}


def wait_for(figures: Figures, operations: int, stop: threading.Event) -> None:
    """Until so many have been played, or it is over."""
    while figures.total < operations and not stop.is_set():
        time.sleep(0.05)


def check_stores(installation: Installation, players: list[Player]) -> None:
    edges, nodes = installation.graph()
    private = installation.private_in_postgres()
    assert {id_: private[id_] for id_ in nodes} == nodes, "the stores disagree on who is private"
    twice = [edge for edge, times in Counter((a, kind, b) for a, kind, b, _ in edges).items() if times > 1]
    assert not twice
    explained = 0
    for player in players:
        numbers = {client.id: number for number, client in enumerate(player.clients)}
        own = frozenset(
            (numbers[a], kind, numbers[b], details_of(kind, values))
            for a, kind, b, values in edges
            if a in numbers and b in numbers and (numbers[a] in player.own or numbers[b] in player.own)
        )
        privacy = tuple(PRIVATE if private[client.id] else PUBLIC for client in player.clients)
        assert State(privacy, own) in model.settled(player.states), player.tell(
            f"in the stores: {privacy} {own}"
        )
        explained += len(own)
    assert explained == len(edges), "there are edges that nobody made"


def details_of(kind: str, values: dict[str, bool]) -> tuple[bool, ...]:
    names = {"BLOCKS": ("all", "posts", "stories"), "MUTES": ("posts", "stories", "notifications")}
    return tuple(bool(values[name]) for name in names.get(kind, ()))
