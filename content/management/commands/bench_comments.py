"""`manage.py bench_comments`: comments a second on one post, queued and written at once."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from content.bench_comments import FLOOR, PLAIN, QUEUED, Figures, comment_rates
from content.bench_processes import BenchFailed
from graph.errors import GraphUnavailable


class Command(BaseCommand):
    help = (
        "Let many accounts comment on one post over HTTP, in rounds in turns on two servers that are started for it:"
        " one writes each comment before it answers, one queues them. Makes accounts and a post for a minute; for a"
        " try-out stack, such as a running demo."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rounds", type=int, default=8, help="of each path (8)")
        parser.add_argument("--writers", type=int, default=16, help="who write at the same time (16)")
        parser.add_argument(
            "--comments", type=int, default=320, help="in a round, of all writers together (320)"
        )

    def handle(self, *args: Any, rounds: int, writers: int, comments: int, **options: Any) -> None:
        if settings.APP_ENV == "production":
            raise CommandError("This makes accounts and comments; run it on a demo or a test stack.")
        if rounds < 1 or not 1 <= writers <= 64 or comments < writers:
            raise CommandError("--rounds must be 1 or more, --writers 1 to 64, --comments --writers or more.")
        try:
            with _sigterm_cleans_up():
                figures = comment_rates(rounds=rounds, writers=writers, comments=comments)
        except (BenchFailed, GraphUnavailable) as error:
            raise CommandError(str(error)) from error
        started = "started for this" if figures.own_relay else "that of the stack"
        each = figures.rounds[0].sent
        self.stdout.write(
            f"{writers} writers, {each} requests a round, {rounds} rounds; the relay: {started}"
        )
        self._table(figures)

    def _table(self, figures: Figures) -> None:
        self.stdout.write(
            f"{'medians of the rounds':<26} {'accepted/s':>11} {'persisted/s':>12} {'(min':>6} {'max)':>6}"
            f" {'p50 ms':>8} {'p99 ms':>8}"
        )
        for name in (PLAIN, QUEUED, FLOOR):
            accepted, p50, p99 = (figures.median(name, figure) for figure in ("accepted", "p50", "p99"))
            written = figures.of(name, "persisted")
            middle = f"{figures.median(name, 'persisted'):12.0f} {min(written):6.0f} {max(written):6.0f}"
            middle = f"{'':26}" if name == FLOOR else middle
            self.stdout.write(f"{name:<26} {accepted:11.0f} {middle} {p50:8.1f} {p99:8.1f}")
        self.stdout.write(
            f"queued over written at once: accepted {figures.ratio('accepted'):.2f},"
            f" persisted {figures.ratio('persisted'):.2f}"
        )
        floor = figures.median(FLOOR, "accepted")
        shares = [f"{name} {figures.median(name, 'persisted') / floor:.2f}" for name in (PLAIN, QUEUED)]
        self.stdout.write(f"persisted over the floor: {', '.join(shares)}")
        self.stdout.write(f"{figures.comments} comments were there in the end, and counted as many")


@contextmanager
def _sigterm_cleans_up() -> Iterator[None]:
    """SIGTERM ends the block by SystemExit, so that what was made and started does not stay."""

    def leave(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
