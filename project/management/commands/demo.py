"""`manage.py demo`: the whole backend on this machine, without any server installed."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from project.demo.console import make_display
from project.demo.runner import Demo, Options, Stopped, raise_on_signals
from project.embedded.errors import EngineError
from project.embedded.ports import is_free

BANNER = """
  API          {url}/api/v1/
  Docs         {url}/api/v1/docs/
  Admin        {url}/admin/            admin / admin-demo
  Log in as    {who}
  Mail, SMS    {data}/mail, {data}/sms
  Logs         {data}/logs

  curl -s {url}/api/v1/auth/login/ -H 'Content-Type: application/json' \\
       -d '{{"identifier": "{name}", "password": "{password}"}}'

  Ctrl-C stops everything; the data stays in {data}
"""


class Command(BaseCommand):
    help = (
        "Run everything in the foreground: PostgreSQL, Valkey and Neo4j from Python packages, migrations, demo data, "
        "API, docs, admin, worker, beat and relay. Prints `READY http://127.0.0.1:PORT` when the API answers."
    )
    # The command's own process has no stores: its children get their addresses.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=int, default=8000, help="where the API listens on 127.0.0.1 (8000)"
        )
        parser.add_argument(
            "--data-dir", type=Path, default=settings.DEMO_DATA_DIR, help="where the data stay (.demo)"
        )
        parser.add_argument("--accounts", type=int, default=30, help="how many demo accounts to make (30)")
        parser.add_argument("--seed", type=int, default=1, help="the same number makes the same data (1)")
        parser.add_argument(
            "--no-seed", action="store_true", help="no demo data; the admin account is made anyway"
        )
        parser.add_argument("--plain", action="store_true", help="plain lines instead of a live display")
        parser.add_argument("--production-limits", action="store_true", help="rate limits as in production")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["port"] <= 65535:
            raise CommandError("--port must be between 1 and 65535.")
        if not 0 <= options["accounts"] <= 100_000:
            raise CommandError("--accounts must be between 0 and 100000.")
        if not is_free(options["port"]):
            raise CommandError(
                f"Port {options['port']} is in use. Stop what listens there, or choose another one with --port."
            )
        asked = Options(
            root=settings.BASE_DIR,
            data_dir=options["data_dir"].expanduser().resolve(),
            port=options["port"],
            accounts=options["accounts"],
            seed=options["seed"],
            seeded=not options["no_seed"],
            production_limits=options["production_limits"],
            plain=options["plain"],
        )
        raise_on_signals((signal.SIGINT, signal.SIGTERM))
        display = make_display(plain=asked.plain)
        demo = Demo(asked, display)
        failed: EngineError | None = None
        try:
            with display:
                demo.prepare()
                demo.start_parts()
            self._announce(asked)
            demo.watch()
        except Stopped:
            pass
        except EngineError as error:
            failed = error
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            demo.stop()
        if failed is not None:
            raise CommandError(str(failed))

    def _announce(self, asked: Options) -> None:
        from project.demo.seed import DEMO_PASSWORD, first_username

        url = f"http://127.0.0.1:{asked.port}"
        name = first_username(asked.seed) if asked.seeded and asked.accounts else "admin"
        password = DEMO_PASSWORD if name != "admin" else "admin-demo"
        banner = BANNER.format(
            url=url, who=f"{name} / {password}", name=name, password=password, data=asked.data_dir
        )
        sys.stdout.write(f"{banner}\nREADY {url}\n")
        sys.stdout.flush()
