"""Health: whether the process answers, and whether what it needs does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Literal

from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest
from ninja import Router, Status

from graph import driver
from project.celery import app as celery_app
from project.kernel.inputs import Out, Seconds
from project.kernel.redis import get_redis
from search.engines import get_engine

log = logging.getLogger(__name__)
router = Router(tags=["meta"])
Level = Literal["ok", "degraded", "down"]


class HealthOut(Out):
    """The process answers."""

    status: Literal["ok"]


class CheckOut(Out):
    """One store: whether it answers, whether the service needs it, and how long the check took."""

    name: str
    status: Level
    required: bool
    seconds: Seconds


class ReadinessOut(Out):
    """`ok`: everything answers. `degraded`: something that is not required does not. `down`: something required does
    not."""

    status: Level
    checks: list[CheckOut]


def _postgres() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _redis() -> None:
    get_redis().ping()


def _broker() -> None:
    with celery_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=1)


def _graph() -> None:
    driver.ping()


def _search() -> None:
    get_engine().ping()


def _storage() -> None:
    default_storage.exists("health-probe")


CHECKS: tuple[tuple[str, bool, Callable[[], None]], ...] = (
    ("postgres", True, _postgres),
    ("redis", True, _redis),
    ("broker", True, _broker),
    ("neo4j", False, _graph),
    ("search", False, _search),
    ("storage", False, _storage),
)


def _check(name: str, required: bool, probe: Callable[[], None]) -> dict[str, Any]:
    started = time.perf_counter()
    status: Level = "ok"
    try:
        probe()
    except Exception:
        # Whatever a store's client raises means the same here; the log has what it was.
        log.warning("health check failed: %s", name, exc_info=True)
        status = "down" if required else "degraded"
    return {
        "name": name,
        "status": status,
        "required": required,
        "seconds": round(time.perf_counter() - started, 4),
    }


@router.get(
    "/live/", operation_id="health_live", summary="Liveness", auth=None, throttle=[], response=HealthOut
)
def live(request: HttpRequest) -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get(
    "/ready/",
    operation_id="health_ready",
    summary="Readiness",
    auth=None,
    throttle=[],
    response={200: ReadinessOut, 503: ReadinessOut},
)
def ready(request: HttpRequest) -> Status[dict[str, Any]]:
    """PostgreSQL, Redis and the broker are required; Neo4j, search and storage are reported as degraded, still 200."""
    checks = [_check(*check) for check in CHECKS]
    found = {check["status"] for check in checks}
    status: Level = "down" if "down" in found else "degraded" if "degraded" in found else "ok"
    return Status(503 if status == "down" else 200, {"status": status, "checks": checks})
