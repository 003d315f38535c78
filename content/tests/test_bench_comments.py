"""The benchmark of comments runs on servers of its own, its figures add up, and it leaves nothing behind."""

from __future__ import annotations

from io import StringIO

import psutil
import pytest
from django.core.management import CommandError, call_command

from content.bench_comments import FLOOR, PLAIN, QUEUED, Figures, Round, comment_rates
from content.management.commands import bench_comments
from content.models import Comment, Post, QueuedComment
from graph.bulk import accounts_total
from project.outbox.models import OutboxRow
from social.models import Account, Session


def left_behind():
    """What there is of each thing that the benchmark makes."""
    models = (Account, Session, Post, Comment, QueuedComment, OutboxRow)
    found = {model.__name__: model.objects.count() for model in models}
    return found | {"nodes": accounts_total(), "children": len(psutil.Process().children(recursive=True))}


@pytest.mark.slow
def test_the_figures_of_a_tiny_round_add_up_and_nothing_is_left_behind(threaded_cast, drain_outbox):
    drain_outbox()
    before = left_behind()
    figures = comment_rates(rounds=1, writers=2, comments=6)
    assert [(each.name, each.sent) for each in figures.rounds] == [(PLAIN, 6), (QUEUED, 6), (FLOOR, 6)]
    # Two comments of each writer on each path came before the round that counts.
    assert figures.comments == 2 * (6 + 4)
    assert figures.own_relay
    for each in figures.rounds:
        assert 0 < each.p50 <= each.p99
        assert 0 <= each.persisted <= each.accepted
        assert (each.persisted > 0) == (each.name != FLOOR)
    assert figures.ratio("persisted") == pytest.approx(
        figures.rounds[1].persisted / figures.rounds[0].persisted
    )
    assert left_behind() == before


def test_the_command_prints_medians_and_the_ratio(monkeypatch):
    rounds = [Round(PLAIN, 4, 100 + n, 80 + n, 5, 9) for n in (0, 10, 50)]
    rounds += [Round(QUEUED, 4, 300 + n, 180 + n, 2, 4) for n in (0, 9, 1)]
    rounds += [Round(FLOOR, 4, 1000, 0, 1, 2)]
    monkeypatch.setattr(
        bench_comments, "comment_rates", lambda **options: Figures(rounds, 24, own_relay=False)
    )
    out = StringIO()
    call_command("bench_comments", stdout=out)
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert lines[2][-6:] == ["110", "90", "80", "130", "5.0", "9.0"]
    assert lines[3][-6:] == ["301", "181", "180", "189", "2.0", "4.0"]
    assert lines[4][-3:] == ["1000", "1.0", "2.0"]
    assert "accepted 2.74, persisted 2.01" in out.getvalue()
    assert "the relay: that of the stack" in out.getvalue()


@pytest.mark.parametrize("options", [{"rounds": 0}, {"writers": 0}, {"writers": 65}, {"comments": 3}])
def test_numbers_without_a_figure_are_refused(options):
    with pytest.raises(CommandError, match="must be"):
        call_command("bench_comments", **options)


def test_the_benchmark_stays_off_production(settings):
    settings.APP_ENV = "production"
    with pytest.raises(CommandError, match="demo or a test stack"):
        call_command("bench_comments")
