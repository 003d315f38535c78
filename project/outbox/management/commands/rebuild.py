"""`manage.py rebuild graph|search|…`: bring a projection in step from the truth, by the code the relay runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from project.outbox.relay import alone, drain
from project.outbox.topics import Projection, Topic, registry

# Seconds after which the next batch has its turn again.
DELIVERING = 2.0


class Command(BaseCommand):
    help = (
        "Rebuild a projection from PostgreSQL. The service may go on meanwhile; "
        "nothing that is owned elsewhere is lost."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("projection", help="which one, or a group of them; `list` shows them")

    def handle(self, *args: Any, projection: str, **options: Any) -> None:
        able = [p for p in registry.projections.values() if p.all_keys is not None]
        known = sorted({name for p in able for name in (p.name, p.group) if name})
        if projection == "list":
            self.stdout.write("\n".join(known))
            return
        chosen = [p for p in able if projection in (p.name, p.group)]
        if not chosen:
            raise CommandError(f"No projection {projection!r} to rebuild. Known: {', '.join(known)}.")
        for one in chosen:
            self.stdout.write(f"{one.name}: {self.rebuild(one)} keys brought in step")

    def rebuild(self, chosen: Projection) -> int:
        """Run every key through the projection; returns how many. The relay stands back meanwhile, and what falls
        due is delivered between the batches."""
        assert chosen.all_keys is not None
        done = 0
        with alone(chosen, wait=True), _filling(chosen) as fill:
            if chosen.reset is not None:
                chosen.reset()
            batches = list(chosen.all_keys())
            for topic, keys in track(batches, f"rebuild {chosen.name}", console=Console(stderr=True)):
                fill(topic, keys)
                done += len(keys)
                drain([chosen.name], deadline=time.monotonic() + DELIVERING)
        return done


def _filling(chosen: Projection) -> AbstractContextManager[Callable[[Topic, Sequence[str]], None]]:
    return chosen.rebuilding() if chosen.rebuilding is not None else nullcontext(chosen.handle)
