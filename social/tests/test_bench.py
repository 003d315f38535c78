"""The time of a failing log-in does not tell who has an account (R11)."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from social import bench
from social.models import Account

ARGON2 = ["social.hashers.LeanArgon2PasswordHasher"]


@pytest.mark.slow
def test_r11_unknown_account_and_wrong_password_differ_by_less_than_a_tenth_over_200_tries(cast, settings):
    settings.PASSWORD_HASHERS = ARGON2
    found = []
    # A busy machine can spoil one run; a real difference would spoil all three.
    for _ in range(3):
        timings = bench.log_in_timings(200)
        found.append(
            max(bench.difference(timings, "unknown", "wrong"), bench.difference(timings, "wrong", "gone"))
        )
        if found[-1] < 0.1:
            return
    pytest.fail(f"differences of the medians: {found}")


def test_the_benchmark_runs_and_leaves_nothing_behind(cast):
    out = StringIO()
    call_command("bench_auth", tries=10, stdout=out)
    assert "unknown and wrong differ by" in out.getvalue()
    assert "session from Redis" in out.getvalue()
    assert Account.objects.count() == 4


def test_the_benchmark_stays_off_production(cast, settings):
    settings.APP_ENV = "production"
    with pytest.raises(CommandError):
        call_command("bench_auth")
