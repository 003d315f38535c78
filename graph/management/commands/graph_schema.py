"""`manage.py graph_schema`: constraints, indexes and relationship types of the graph, as `migrate` is for
Postgres."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from graph.errors import GraphUnavailable
from graph.nodes import install_schema


class Command(BaseCommand):
    help = "Create what is missing of the graph's constraints, indexes and relationship types."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            install_schema()
        except GraphUnavailable as error:
            raise CommandError(f"{error} Is Neo4j running at NEO4J_URL?") from error
        if options["verbosity"]:
            self.stdout.write("graph schema is in place")
