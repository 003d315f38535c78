"""R21, R38, R81: opening a private account writes two stores. Wherever it stops, it is finished or has not happened."""

from __future__ import annotations

import pytest

from graph import driver
from graph.breaker import FAILURES_TO_OPEN
from graph.errors import GraphNotAsked, GraphUnavailable
from graph.tests.people import edges
from project.kernel.clock import now
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.models import OutboxRow
from project.outbox.topics import Topic
from social.models import Account
from social.services import profiles
from social.services import relationships as service


@pytest.fixture
def waiting(cast):
    """bob is private and ada asks."""
    cast.bob.go_private()
    assert cast.ada.follow(cast.bob).json()["state"] == "requested"
    return cast


@pytest.fixture
def all_fall_due(drain_outbox):
    """What the relay does once the leases are over."""

    def run():
        OutboxRow.objects.update(due_at=now())
        drain_outbox()
        assert not OutboxRow.objects.exists()

    return run


def open_up(member):
    return member.api.patch(f"/profiles/{member.id}/", {"is_private": False, "bio": "open"})


def private(member):
    """In Postgres and in the graph."""
    ((node,),) = driver.read("MATCH (n:Account {account_id: $id}) RETURN n.private", id=member.id)
    return Account.objects.get(pk=member.id).is_private, node


def answer_lost(monkeypatch, times=1):
    """The graph takes the switch, but nobody hears of it."""
    real, left = profiles.set_private, [times]

    def switch(account, is_private):
        real(account, is_private)
        if left[0]:
            left[0] -= 1
            raise GraphUnavailable

    monkeypatch.setattr(profiles, "set_private", switch)


def test_r81_an_opening_whose_answer_was_lost_is_finished_by_the_relay(waiting, all_fall_due, monkeypatch):
    answer_lost(monkeypatch)
    assert open_up(waiting.bob).status_code == 503
    all_fall_due()
    assert private(waiting.bob) == (False, False)
    assert edges(waiting.ada.id, waiting.bob.id) == ["FOLLOWS"]


def test_r81_an_earlier_look_of_the_relay_at_the_account_does_not_undo_it(
    waiting, all_fall_due, drain_outbox, monkeypatch
):
    """Some other change of the account is projected before the mark falls due."""
    answer_lost(monkeypatch)
    assert open_up(waiting.bob).status_code == 503
    emit(Topic.ACCOUNT, waiting.bob.id)
    drain_outbox()
    assert private(waiting.bob) == (False, False)
    all_fall_due()
    assert private(waiting.bob) == (False, False)


def test_r81_an_opening_that_the_graph_did_not_take_has_not_happened(waiting, all_fall_due, monkeypatch):
    def away(account, is_private):
        raise GraphUnavailable

    monkeypatch.setattr(profiles, "set_private", away)
    assert open_up(waiting.bob).status_code == 503
    all_fall_due()
    assert private(waiting.bob) == (True, True)
    assert edges(waiting.ada.id, waiting.bob.id) == ["REQUESTED"]


def test_r81_repeating_an_opening_whose_answer_was_lost_opens(waiting, all_fall_due, monkeypatch):
    answer_lost(monkeypatch)
    assert open_up(waiting.bob).status_code == 503
    assert open_up(waiting.bob).status_code == 200
    assert private(waiting.bob) == (False, False)
    all_fall_due()
    assert private(waiting.bob) == (False, False)


def test_r38_closing_after_an_opening_in_doubt_counts(waiting, all_fall_due, monkeypatch):
    answer_lost(monkeypatch)
    assert open_up(waiting.bob).status_code == 503
    waiting.bob.go_private()
    all_fall_due()
    assert private(waiting.bob) == (True, True)


def test_r38_closing_with_the_graph_away_counts_too(waiting, all_fall_due, monkeypatch, settings):
    answer_lost(monkeypatch)
    assert open_up(waiting.bob).status_code == 503
    real = settings.NEO4J_URL
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    assert waiting.bob.api.patch(f"/profiles/{waiting.bob.id}/", {"is_private": True}).status_code == 503
    settings.NEO4J_URL = real
    assert private(waiting.bob) == (True, False)
    all_fall_due()
    assert private(waiting.bob) == (True, True)


def test_r81_a_crash_between_the_graph_and_postgres_is_repaired(waiting, all_fall_due, monkeypatch):
    def crash(*args, **kwargs):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(profiles, "_write", crash)
        with pytest.raises(RuntimeError):
            profiles.update_profile(actor=Viewer(waiting.bob.id), changes={"is_private": False})
    assert private(waiting.bob) == (True, False)
    all_fall_due()
    assert private(waiting.bob) == (False, False)
    assert edges(waiting.ada.id, waiting.bob.id) == ["FOLLOWS"]


def test_r21_who_asks_between_the_graph_and_postgres_is_accepted(cast, monkeypatch):
    """Postgres still says private, the graph has accepted everybody."""
    cast.bob.go_private()
    real = profiles._write

    def ask_first(*args, **kwargs):
        assert cast.ada.follow(cast.bob).json()["state"] == "requested"
        real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(profiles, "_write", ask_first)
        assert open_up(cast.bob).status_code == 200
    assert edges(cast.ada.id, cast.bob.id) == ["FOLLOWS"]
    assert not OutboxRow.objects.filter(topic=Topic.OPENING).exists()


def test_r21_whoever_asks_with_old_news_after_the_opening_follows(cast, monkeypatch):
    """Read as private, opened meanwhile, and only then sent to the graph."""
    cast.bob.go_private()
    real = service.next_request_id
    opened: list[int] = []

    def open_meanwhile():
        if not opened:
            opened.append(open_up(cast.bob).status_code)
        return real()

    monkeypatch.setattr(service, "next_request_id", open_meanwhile)
    answer = cast.ada.api.post(f"/follow/{cast.bob.id}/")
    assert opened == [200]
    assert (answer.status_code, answer.json()) == (201, {"state": "following", "request_id": None})
    assert edges(cast.ada.id, cast.bob.id) == ["FOLLOWS"]


@pytest.fixture
def refusing(settings):
    """The graph has failed often enough not to be asked. Calling it brings the graph back."""
    real = settings.NEO4J_URL
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(GraphUnavailable):
            driver.write("RETURN 1")
    with pytest.raises(GraphNotAsked):
        driver.write("RETURN 1")

    def back():
        settings.NEO4J_URL = real

    return back


def test_r81_a_write_that_was_never_sent_leaves_no_mark_and_its_key_can_be_used_at_once(cast, refusing):
    """R82: of a write in doubt, the key is held until its mark falls due."""
    OutboxRow.objects.all().delete()
    headers = {"Idempotency-Key": "one"}
    answer = cast.ada.api.post(f"/follow/{cast.bob.id}/", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "graph-unavailable")
    assert not OutboxRow.objects.exists()
    refusing()
    assert cast.ada.api.post(f"/follow/{cast.bob.id}/", headers=headers).status_code == 201


def test_r38_an_opening_that_was_never_sent_leaves_no_mark(waiting, refusing):
    OutboxRow.objects.all().delete()
    assert open_up(waiting.bob).status_code == 503
    assert not OutboxRow.objects.exists()
    refusing()
    assert private(waiting.bob) == (True, True)


@pytest.mark.parametrize("path", ["/mute/{}/", "/close-friend/{}/", "/block/{}/"])
def test_r81_what_was_applied_is_never_answered_404(cast, monkeypatch, path):
    """The other blocks between the write and its answer."""
    from social.services import marks

    real = marks.make_due

    def block_meanwhile(rows):
        real(rows)
        with monkeypatch.context() as patch:
            patch.setattr(marks, "make_due", real)
            cast.bob.block(cast.ada)

    monkeypatch.setattr(marks, "make_due", block_meanwhile)
    answer = cast.ada.api.post(path.format(cast.bob.id), {"scope": "posts"} if "block" in path else None)
    assert answer.status_code == 201
    assert "blocked_by" not in answer.json()
