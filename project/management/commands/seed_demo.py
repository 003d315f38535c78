"""`manage.py seed_demo`: demo data; with --prepare also all that must be there before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from project.demo.seed import ensure_admin, seed_demo
from project.settings.env import AppEnv


class Command(BaseCommand):
    help = "Fill a demo or development installation with people, pictures, follows, likes and comments."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", type=int, default=30, help="how many accounts (30)")
        parser.add_argument("--seed", type=int, default=1, help="the same number makes the same data (1)")
        parser.add_argument("--plain", action="store_true", help="plain lines instead of progress bars")
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="migrate, install the graph's schema and make the demo's admin first",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.APP_ENV is AppEnv.PRODUCTION:
            raise CommandError("Demo data and its well-known passwords are not for production.")
        if options["prepare"]:
            call_command("migrate", verbosity=0, interactive=False)
            call_command("graph_schema", verbosity=0)
            ensure_admin()
        mark = settings.DEMO_DATA_DIR / "seeded"
        wanted = f"accounts={options['accounts']} seed={options['seed']}\n"
        if options["accounts"] and not (mark.exists() and mark.read_text() == wanted):
            self._seed(options["accounts"], options["seed"], plain=options["plain"])
            mark.write_text(wanted)

    def _seed(self, accounts: int, seed: int, *, plain: bool) -> None:
        if plain:
            seed_demo(accounts, seed, self._plain_progress)
            return
        columns = (
            TextColumn("{task.description:<9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as bars:

            def begin(stage: str, steps: int) -> Callable[[], None]:
                task = bars.add_task(stage, total=steps)
                return lambda: bars.advance(task)

            seed_demo(accounts, seed, begin)

    def _plain_progress(self, stage: str, steps: int) -> Callable[[], None]:
        self.stderr.write(f"[seed] {stage}: {steps}")
        return lambda: None
