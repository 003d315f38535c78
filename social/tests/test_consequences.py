"""After a crash between any two steps of a relationship write, the relay brings the listeners in step with what the
graph holds (R21, R80, R81)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as live
from django.db import connection

from content.tests.kit import count_queries
from graph import driver
from graph.queries.relations import load_pairs
from graph.rows import PairRow
from project.kernel.idempotency import Claim
from project.outbox.models import OutboxRow
from project.outbox.relay import drain
from project.outbox.topics import Topic, registry
from project.testing.cast import make_member
from social.consequences import CONSUMER
from social.registries import relationship_listeners
from social.services import marks

# Bound here, before any test puts itself in front of them.
REAL_WRITE, REAL_DUE, REAL_FINISH = driver.write, marks.make_due, Claim.finish


class Crash(BaseException):
    """The end of the process: nothing of ours catches it."""


class Ear:
    """A listener that keeps what notifications would keep: who follows or asks whom. Told anything any number of
    times, it holds the same."""

    def __init__(self):
        self.held: dict[tuple[int, int], PairRow] = {}
        self.told = 0

    def __call__(self, facts):
        self.told += 1
        for pair, row in facts.items():
            if row == PairRow(*pair):
                self.held.pop(pair, None)
            else:
                self.held[pair] = row

    def sources_of(self, target):
        return [a for a, b in self.held if b == target]


@pytest.fixture
def ear(monkeypatch):
    monkeypatch.setattr(relationship_listeners, "listeners", {})
    monkeypatch.setattr(relationship_listeners, "known_sources", {})
    ear = Ear()
    relationship_listeners.register("ear", ear, ear.sources_of)
    return ear


def relationship_rows():
    return OutboxRow.objects.filter(topic=Topic.RELATIONSHIP, consumer=CONSUMER)


def relay_later():
    """The relay, once every lease has passed."""
    OutboxRow.objects.update(due_at=marks.now() - timedelta(seconds=1))
    assert drain().failed == 0
    assert not relationship_rows().exists()


def in_step(ear, *members):
    """What the listener holds is what the graph holds."""
    pairs = [(a.id, b.id) for a in members for b in members if a is not b]
    truth = {pair: row for pair, row in load_pairs(pairs).items() if row != PairRow(*pair)}
    return {pair: row for pair, row in ear.held.items() if pair in pairs} == truth


def at_mark(monkeypatch):
    def crash(*args, **options):
        raise Crash

    monkeypatch.setattr(driver, "write", crash)


def at_graph(monkeypatch):
    def crash(*args, **options):
        REAL_WRITE(*args, **options)
        raise Crash

    monkeypatch.setattr(driver, "write", crash)


def at_due(monkeypatch):
    def crash(rows):
        REAL_DUE(rows)
        raise Crash

    monkeypatch.setattr(marks, "make_due", crash)


def at_answer(monkeypatch):
    def crash(claim, done):
        REAL_FINISH(claim, done)
        raise Crash

    monkeypatch.setattr(Claim, "finish", crash)


# What ada does; each changes the graph.
OPERATIONS = {
    "follow": ("POST", "/follow/bob/"),
    "request": ("POST", "/follow/cyd/"),
    "unfollow": ("DELETE", "/follow/dan/"),
    "remove": ("DELETE", "/followers/dan/"),
    "accept": ("POST", "/follow-request/{asked}/"),
    "reject": ("DELETE", "/follow-request/{asked}/"),
    "block": ("POST", "/block/dan/"),
    "unblock": ("DELETE", "/block/eve/"),
    "mute": ("POST", "/mute/bob/"),
    "unmute": ("DELETE", "/mute/dan/"),
    "close friend": ("POST", "/close-friend/bob/"),
    "no close friend": ("DELETE", "/close-friend/dan/"),
}
STEPS = {"mark": at_mark, "graph": at_graph, "due": at_due, "answer": at_answer}


def edges():
    ((found,),) = driver.read(
        "MATCH (a)-[r]->(b) WITH a.account_id AS a, type(r) AS kind, b.account_id AS b ORDER BY a, kind, b"
        " RETURN collect([a, kind, b])"
    )
    return found


@pytest.fixture
def world(cast, ear):
    """ada and dan follow each other, cyd is private, bob asks ada, who mutes and trusts dan and blocks eve."""
    eve = make_member("eve")
    cast.ada.follow(cast.dan)
    cast.dan.follow(cast.ada)
    cast.ada.api.post("/mute/dan/")
    cast.ada.api.post("/close-friend/dan/")
    cast.ada.block(eve)
    cast.cyd.go_private()
    cast.ada.go_private()
    cast.asked = cast.bob.follow(cast.ada).json()["request_id"]
    cast.everybody = (cast.ada, cast.bob, cast.cyd, cast.dan, eve)
    relay_later()
    assert in_step(ear, *cast.everybody)
    return cast


# Without a body to answer with, nothing is left to do between making the mark due and the answer.
CRASHES = [
    (name, step) for name in OPERATIONS for step in STEPS if step != "answer" or OPERATIONS[name][0] == "POST"
]


@pytest.mark.parametrize(("name", "step"), CRASHES)
def test_r81_a_crash_after_any_step_is_repaired_by_the_relay_and_a_repeat_converges(
    world, ear, monkeypatch, name, step
):
    method, path = OPERATIONS[name]
    path = path.format(asked=world.asked)
    headers = {"Idempotency-Key": "k"} if method == "POST" else {}
    before = edges()
    with monkeypatch.context() as patch:
        STEPS[step](patch)
        with pytest.raises(Crash):
            world.ada.api.call(method, path, headers=headers)
    assert (edges() == before) == (step == "mark")
    assert relationship_rows().count() == 1
    written = edges()
    if step in ("mark", "graph"):
        # Nobody has looked yet: the mark is not due before the graph's answer could have come.
        assert relationship_rows().get().due_at > marks.now() + timedelta(seconds=live.GRAPH_TIMEOUT)
    relay_later()
    assert edges() == written, "the relay repairs what follows, not what a person did"
    assert in_step(ear, *world.everybody)

    # The client, which got no answer, calls again with another key: the outcome is that of one call.
    again = world.ada.api.call(method, path, headers={"Idempotency-Key": "l"} if headers else {})
    done_before = step != "mark" and name == "reject"
    assert again.status_code in ((404,) if done_before else (200, 201, 204))
    drain()
    assert in_step(ear, *world.everybody)
    if step != "mark":
        assert edges() == written


@pytest.mark.parametrize("step", ["mark", "graph"])
def test_r82_a_key_left_running_by_a_crash_is_taken_over_after_the_lease(
    world, ear, monkeypatch, time_machine, step
):
    start = marks.now()
    time_machine.move_to(start)
    with monkeypatch.context() as patch:
        STEPS[step](patch)
        with pytest.raises(Crash):
            world.ada.api.post("/mute/bob/", headers={"Idempotency-Key": "k"})
    running = world.ada.api.post("/mute/bob/", headers={"Idempotency-Key": "k"})
    assert (running.status_code, running.json()["code"]) == (409, "idempotency-key-in-use")
    time_machine.move_to(start + live.RELATIONSHIP_MARK_LEASE + timedelta(seconds=1))
    again = world.ada.api.post("/mute/bob/", headers={"Idempotency-Key": "k"})
    assert again.status_code == (201 if step == "mark" else 200)


REFUSED = [
    ("POST", "/follow/eve/", 409),
    ("POST", "/follow/zed/", 404),
    ("POST", "/mute/zed/", 404),
    ("POST", "/close-friend/eve/", 409),
    ("POST", "/close-friend/zed/", 404),
    ("POST", "/block/zed/", 404),
    ("POST", "/follow/ada/", 422),
    ("POST", "/follow-request/999999/", 404),
    ("DELETE", "/follow-request/999999/", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), REFUSED)
def test_r81_a_refusal_takes_its_mark_back_and_applies_nothing(world, ear, method, path, status):
    make_member("zed").block(world.ada)
    drain()
    before, told = edges(), ear.told
    assert world.ada.api.call(method, path).status_code == status
    assert not relationship_rows().exists()
    drain()
    assert (edges(), ear.told) == (before, told)


def test_r80_facts_of_a_whole_batch_cost_one_graph_query(world, ear, monkeypatch):
    others = [make_member(f"fan{n}") for n in range(5)]
    for other in others:
        other.follow(world.dan)
    keys = [f"{other.id}:{world.dan.id}" for other in others]
    with count_queries(monkeypatch) as seen:
        registry.projections[CONSUMER].handle(Topic.RELATIONSHIP, keys)
    assert seen.numbers == (0, 1)
    assert {pair for pair in ear.held if pair[1] == world.dan.id} >= {(o.id, world.dan.id) for o in others}


def test_r80_order_and_repetition_of_marks_change_nothing(world, ear):
    keys = [f"{a.id}:{b.id}" for a in world.everybody for b in world.everybody]
    held = dict(ear.held)
    for order in (keys, keys[::-1], keys + keys):
        registry.projections[CONSUMER].handle(Topic.RELATIONSHIP, order)
        assert ear.held == held


def test_r21_an_opening_tells_of_all_it_accepted_with_one_moment_and_of_those_it_dropped(world, ear):
    """bob is accepted; zed has asked and gone: what a listener remembers of zed's request is taken back."""
    zed = make_member("zed")
    zed.follow(world.ada)
    world.dan.follow(world.ada)
    drain()
    assert ear.held[zed.id, world.ada.id].request_id is not None
    assert zed.api.post("/deactivate-account/").status_code == 204
    fan = make_member("fan")
    fan.follow(world.ada)
    world.ada.go_private(False)
    drain()
    assert in_step(ear, *world.everybody, fan, zed)
    accepted = [ear.held[m.id, world.ada.id] for m in (world.bob, fan)]
    assert all(row.accepted_request_id and not row.request_id for row in accepted)
    assert len({row.following_since for row in accepted}) == 1
    assert (zed.id, world.ada.id) not in ear.held


def test_one_listener_that_fails_keeps_no_other_from_hearing_and_is_told_again(world, ear):
    deaf = []

    def fails_once(facts):
        deaf.append(facts)
        if len(deaf) == 1:
            raise RuntimeError("away")

    relationship_listeners.listeners = {"fails": fails_once, **relationship_listeners.listeners}
    world.ada.follow(world.bob)
    assert drain([CONSUMER]).failed == 1
    assert in_step(ear, *world.everybody)
    assert relationship_rows().count() == 1
    relay_later()
    assert len(deaf) == 2


# Does one call as ada and is killed as the kernel kills: nothing runs afterwards, no transaction is closed.
VICTIM = """
import os, signal, sys, django
django.setup()
from django.test import Client
from graph import driver
from project.kernel.idempotency import Claim
from social.services import marks
step, token, path = sys.argv[1:]
write, due, finish = driver.write, marks.make_due, Claim.finish
def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)
def then_die(call): return lambda *a, **k: (call(*a, **k), die())
if step == "mark": driver.write = die
if step == "graph": driver.write = then_die(write)
if step == "due": marks.make_due = then_die(due)
if step == "answer": Claim.finish = then_die(finish)
Client().post("/api/v1" + path, headers={"Authorization": "Bearer " + token, "Idempotency-Key": "k"})
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_r81_a_process_killed_after_any_step_loses_nothing(threaded_cast, ear, step):
    cast = threaded_cast
    database = connection.settings_dict
    url = urlsplit(os.environ["DATABASE_URL"])
    env = {
        **os.environ,
        "DATABASE_URL": urlunsplit(url._replace(path="/" + database["NAME"])),
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "project.settings.test"),
    }
    drain()
    command = [sys.executable, "-c", VICTIM, step, cast.ada.api.access, "/follow/bob/"]
    victim = subprocess.run(command, env=env, capture_output=True, timeout=60, check=False)
    assert victim.returncode == -signal.SIGKILL, victim.stderr.decode()[-2000:]
    assert (edges() == []) == (step == "mark")
    assert relationship_rows().count() == 1
    relay_later()
    assert in_step(ear, cast.ada, cast.bob)
    assert cast.ada.follow(cast.bob).status_code == (201 if step == "mark" else 200)
    drain()
    assert edges() == [[cast.ada.id, "FOLLOWS", cast.bob.id]]
    assert in_step(ear, cast.ada, cast.bob)
