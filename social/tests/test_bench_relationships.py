"""The benchmark of relationships runs and leaves nothing behind."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from graph.bulk import accounts_total, relationship_totals
from project.outbox.models import OutboxRow
from social.models import Account


def test_the_benchmark_runs_and_leaves_nothing_behind(cast, drain_outbox):
    drain_outbox()
    cast.ada.follow(cast.bob)
    drain_outbox()
    out = StringIO()
    call_command("bench_relationships", tries=10, followees=[1, 6], stdout=out)
    for line in ("bare Bolt round trip", "suggestions at 6 followees, request", "relationship map of 20"):
        assert line in out.getvalue()
    assert Account.objects.count() == accounts_total() == 4
    assert relationship_totals()["FOLLOWS"] == 1
    assert not OutboxRow.objects.exists()
    with pytest.raises(CommandError):
        call_command("bench_relationships", tries=1)
