"""`manage.py import_graph FILE`: a real edge list as accounts and follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from graph.errors import GraphUnavailable
from social.services.graph_import import BadEdgeList, import_edges, read_edges
from social.usernames import problem_with


class Command(BaseCommand):
    help = (
        "Load an edge list (`a b` a line) as accounts and follows, in batches; may be run again or resumed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the edge list")
        parser.add_argument("--prefix", default="person_", help="what usernames begin with (person_)")
        parser.add_argument("--one-way", action="store_true", help="`a b` means only that a follows b")

    def handle(self, *args: Any, file: Path, prefix: str, one_way: bool, **options: Any) -> None:
        if problem := problem_with(f"{prefix}0"):
            raise CommandError(f"--prefix does not make valid usernames: {problem[1]}.")
        columns = (
            TextColumn("{task.description:<9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        try:
            edges = sum(1 for _ in read_edges(file))
            names = len({name for edge in read_edges(file) for name in edge})
            with Progress(*columns, console=Console(stderr=True)) as progress:
                accounts = progress.add_task("accounts", total=names)
                follows = progress.add_task("follows", total=edges if one_way else 2 * edges)
                done = import_edges(
                    file,
                    prefix=prefix,
                    both_ways=not one_way,
                    on_accounts=lambda n: progress.advance(accounts, n),
                    on_follows=lambda n: progress.advance(follows, n),
                )
        except (BadEdgeList, OSError, GraphUnavailable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{done.accounts} accounts in {done.account_seconds:.1f} s, "
            f"{done.follows} follows in {done.follow_seconds:.1f} s"
        )
