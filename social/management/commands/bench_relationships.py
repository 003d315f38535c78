"""`manage.py bench_relationships`: what reading relationships costs, as ratios to a bare Bolt round trip."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from graph.errors import GraphUnavailable
from social.bench_relationships import relationship_timings


class Command(BaseCommand):
    help = (
        "Time suggestions, the followers page and the relationship map, in ratios to a bare Bolt round trip. Makes"
        " accounts up for a minute; for a try-out stack, such as a running demo, best after import_graph."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tries", type=int, default=200, help="of each kind (200)")
        parser.add_argument("--followees", type=int, nargs="+", default=[25, 200, 1045, 5000])

    def handle(self, *args: Any, tries: int, followees: list[int], **options: Any) -> None:
        if settings.APP_ENV == "production":
            raise CommandError("This makes accounts and follows; run it on a demo or a test stack.")
        if tries < 10 or min(followees) < 1:
            raise CommandError("--tries must be 10 or more, --followees 1 or more.")
        try:
            figures = relationship_timings(followees, tries)
        except GraphUnavailable as error:
            raise CommandError(str(error)) from error
        for subject in figures.subjects:
            self.stdout.write(f"a viewer follows {subject.followees}, who follow {subject.steps} in sum")
        self.stdout.write(f"{'':<46} {'median':>9} {'p95':>9} {'ratio':>7}  (ms)")
        for row in figures.timings.values():
            ratio = figures.ratio(row.name)
            self.stdout.write(f"{row.name:<46} {row.median:9.2f} {row.p95:9.2f} {ratio:7.1f}")
