"""`manage.py doctor`: is everything there, and if not, what to do."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from project.doctor import examine

MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}


class Command(BaseCommand):
    help = (
        "Check engines, versions, migrations, outbox lag, drift of graph and search, media folder, secret key. "
        "Exit code 1 if anything fails."
    )
    # Its own checks say more, and must run where the usual ones would give up.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="findings as JSON, for monitoring")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        styles = {"ok": self.style.SUCCESS, "warn": self.style.WARNING, "fail": self.style.ERROR}
        for finding in examine():
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(
                    styles[finding.level](f"{MARKS[finding.level]} {finding.name:<13} {finding.message}")
                )
                if finding.advice:
                    self.stdout.write(f"  → {finding.advice}")
        failed = any(finding.level == "fail" for finding in findings)
        if options["json"]:
            body = {"ok": not failed, "findings": [asdict(finding) for finding in findings]}
            self.stdout.write(json.dumps(body, indent=2))
        sys.exit(1 if failed else 0)
