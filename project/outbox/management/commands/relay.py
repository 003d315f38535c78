"""`manage.py relay`: the process that keeps the stores in step."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from project.outbox.relay import drain, run


class Command(BaseCommand):
    help = "Deliver outbox rows to their projections (graph, search, files …) until stopped by SIGINT or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="deliver what is due now, then exit")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            drained = drain()
            self.stdout.write(f"delivered {drained.done}, put back {drained.failed}")
            return
        stopped: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda signum, frame: stopped.append(signum))
        run(lambda: bool(stopped))
