"""`manage.py purge_accounts`: purge deleted accounts whose grace time is over, and print what was removed."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from social.services.purge import PurgeReport, due_accounts, purge_account, purge_due


class Command(BaseCommand):
    help = "Remove deleted accounts whose grace time is over from every store. Can be run again and resumed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", type=int, help="this account only, if it is due")
        parser.add_argument("--dry-run", action="store_true", help="say who is due and remove nothing")
        parser.add_argument("--json", action="store_true", help="the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self._say([PurgeReport(pk) for pk in due_accounts().values_list("pk", flat=True)], options)
            return
        progress = None if options["json"] else self._progress
        if options["account"] is not None:
            report = purge_account(options["account"], progress=progress)
            reports = [report] if report else []
        else:
            reports = purge_due(progress=progress)
        self._say(reports, options)
        if any(report.error for report in reports):
            sys.exit(1)

    def _progress(self, step: str, count: int) -> None:
        self.stderr.write(f"  {step}: {count}")

    def _say(self, reports: list[PurgeReport], options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps([asdict(report) for report in reports]))
            return
        if not reports:
            self.stdout.write("No account is due.")
        for report in reports:
            removed = ", ".join(f"{name} {count}" for name, count in report.removed.items() if count)
            state = "complete" if report.complete else f"not complete {report.error}".rstrip()
            if options["dry_run"]:
                state = "due"
            line = f"account {report.account_id}: {state}; removed {removed or 'nothing'}; {report.seconds} s"
            self.stdout.write(line)
