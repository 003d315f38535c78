"""`manage.py bench_search`: how well and how fast the configured engine finds made-up accounts."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from rich.console import Console
from rich.table import Table

from search.engines import get_engine
from search.quality import fill, measure, members


class Command(BaseCommand):
    help = (
        "Fill an index of its own with made-up accounts, ask for them with made-up mistakes, and print the share "
        "found in the first 20 and the median time. What members search stays as it is; in PostgreSQL, writes to "
        "the index wait meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", type=int, default=20_000)
        parser.add_argument("--queries", type=int, default=300, help="of each kind")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")

    def handle(
        self, *args: Any, accounts: int, queries: int, seed: int, json: bool = False, **options: Any
    ) -> None:
        documents = members(accounts, seed)
        with get_engine().aside() as engine:
            product = engine.describe()
            seconds = fill(engine, documents)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE search_indexeduser, search_lexiconword")
            rows = list(measure(engine, documents, queries, seed))
            ping = min(engine.ping() for _ in range(20))
        if json:
            self.stdout.write(_as_json(product, accounts, seconds, ping, [asdict(row) for row in rows]))
            return
        table = Table(title=f"{product}, {accounts} accounts written in {seconds:.1f} s, seed {seed}")
        for column in ("query", "found in the first 20", "share", "p50", "× ping"):
            table.add_column(column, justify="left" if column == "query" else "right")
        for row in rows:
            share = row.found / row.asked if row.asked else 0.0
            table.add_row(
                row.kind,
                f"{row.found} of {row.asked}",
                f"{share:.0%}",
                f"{row.p50 * 1000:.1f} ms",
                f"{row.ratio:.1f}",
            )
        Console().print(table)


def _as_json(product: str, accounts: int, seconds: float, ping: float, rows: list[dict[str, Any]]) -> str:
    return json.dumps(
        {
            "engine": product,
            "accounts": accounts,
            "write_seconds": seconds,
            "ping_seconds": ping,
            "queries": rows,
        }
    )
