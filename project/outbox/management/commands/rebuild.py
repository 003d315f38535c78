"""`manage.py rebuild graph|search|…`: bring a projection in step from the truth, by the code the relay runs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from project.outbox.topics import registry


class Command(BaseCommand):
    help = "Rebuild a projection from PostgreSQL. The service may go on meanwhile; nothing that is owned elsewhere is lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("projection", help="which one; `list` shows them")

    def handle(self, *args: Any, projection: str, **options: Any) -> None:
        able = {name: p for name, p in registry.projections.items() if p.all_keys is not None}
        if projection == "list":
            self.stdout.write("\n".join(sorted(able)))
            return
        chosen = able.get(projection)
        if chosen is None or chosen.all_keys is None:
            raise CommandError(f"No projection {projection!r} to rebuild. Known: {', '.join(sorted(able))}.")
        if chosen.reset is not None:
            chosen.reset()
        batches = list(chosen.all_keys())
        done = 0
        for topic, keys in track(batches, f"rebuild {projection}", console=Console(stderr=True)):
            chosen.handle(topic, keys)
            done += len(keys)
        self.stdout.write(f"{projection}: {done} keys brought in step")
