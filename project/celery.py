"""The Celery application: background work, on Redis."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings.base")

app = Celery("photogram")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
