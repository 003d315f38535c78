"""`manage.py bench_auth`: what signing in costs, and whether its time tells who has an account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from social import bench


class Command(BaseCommand):
    help = (
        "Time failing log-ins and recovery for known and unknown accounts, and the session check of each request."
        " Writes to the stores (an account for a minute); for a try-out stack, such as a running demo."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tries", type=int, default=200, help="of each kind (200)")

    def handle(self, *args: Any, tries: int, **options: Any) -> None:
        if settings.APP_ENV == "production":
            raise CommandError("This asks for mails and counts failures; run it on a demo or a test stack.")
        if tries < 10:
            raise CommandError("--tries must be 10 or more.")
        log_ins = bench.log_in_timings(tries)
        self._table("Failing log-ins", log_ins)
        self._difference(log_ins, "unknown", "wrong")
        self._difference(log_ins, "wrong", "gone")
        recoveries = bench.recovery_timings(tries)
        self._table("Asking for a new password", recoveries)
        self._difference(recoveries, "unknown", "known")
        self._table("Session check, every signed-in request", bench.session_check_timings(tries * 5))

    def _table(self, title: str, timings: dict[str, bench.Timing]) -> None:
        self.stdout.write(f"\n{title:<34} {'median':>9} {'mean':>9} {'p95':>9}  (ms)")
        for row in timings.values():
            self.stdout.write(f"  {row.name:<32} {row.median:9.3f} {row.mean:9.3f} {row.p95:9.3f}")

    def _difference(self, timings: dict[str, bench.Timing], one: str, other: str) -> None:
        share = bench.difference(timings, one, other)
        self.stdout.write(f"  {one} and {other} differ by {share:.1%} of the median")
