"""The benchmark of comments runs on servers of its own, its figures add up, and it leaves nothing behind."""

from __future__ import annotations

from io import StringIO

import psutil
import pytest
from django.core.management import CommandError, call_command

from content.bench_comments import FLOOR, PLAIN, QUEUED, comment_rates
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


@pytest.mark.slow
def test_the_command_prints_medians_and_the_ratio(threaded_cast, drain_outbox):
    drain_outbox()
    before = left_behind()
    out = StringIO()
    call_command("bench_comments", rounds=1, writers=2, comments=2, stdout=out)
    for line in (PLAIN, QUEUED, FLOOR, "queued over written at once", "the relay: started for this"):
        assert line in out.getvalue()
    assert left_behind() == before


@pytest.mark.parametrize("options", [{"rounds": 0}, {"writers": 0}, {"writers": 65}, {"comments": 3}])
def test_numbers_without_a_figure_are_refused(options):
    with pytest.raises(CommandError, match="must be"):
        call_command("bench_comments", **options)


def test_the_benchmark_stays_off_production(settings):
    settings.APP_ENV = "production"
    with pytest.raises(CommandError, match="demo or a test stack"):
        call_command("bench_comments")
