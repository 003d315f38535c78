"""The Django app of the graph. It has no models: the nodes and edges are declared in `graph.nodes`."""

from __future__ import annotations

from django.apps import AppConfig


class GraphConfig(AppConfig):
    name = "graph"
    verbose_name = "Follow graph"
