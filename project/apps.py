"""The project as an app: its management commands (demo, doctor, seed_demo, serve …)."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "project"
    verbose_name = "Project"
