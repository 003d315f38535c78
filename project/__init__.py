"""The project package: settings, the one API object, the kits every app stands on. No business rules live here."""

from project.celery import app as celery_app

__all__ = ["celery_app"]
