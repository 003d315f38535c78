"""`manage.py openapi`: write the OpenAPI document to the file that is committed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from project.api import api

FILE = Path(__file__).resolve().parents[2] / "openapi.json"


class Command(BaseCommand):
    help = (
        "Write the OpenAPI document to project/openapi.json; with --check only say whether it is up to date."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit code 1 if it would change"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        text = json.dumps(api.get_openapi_schema(), indent=2, ensure_ascii=False) + "\n"
        current = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
        if options["check"]:
            if text != current:
                self.stderr.write("project/openapi.json is out of date: run `manage.py openapi`.")
                sys.exit(1)
            return
        FILE.write_text(text, encoding="utf-8")
        self.stdout.write(f"{FILE.name}: {'unchanged' if text == current else 'written'}")
