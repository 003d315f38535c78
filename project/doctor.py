"""What `manage.py doctor` looks at: each check says ok, warn or fail, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from graph import bulk, driver, nodes
from graph.rows import AccountFacts
from project.celery import app as celery_app
from project.kernel.redis import get_redis
from project.outbox.relay import lag
from search.drift import measure_drift
from search.engine import Index
from search.engines import get_engine
from social.models import Account, AccountState

Level = Literal["ok", "warn", "fail"]
OLD_OUTBOX_SECONDS = 60.0
# Drift is counted exactly up to this many accounts, and on the newest beyond.
DRIFT_SAMPLE = 20_000
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check."""

    name: str
    level: Level
    message: str
    advice: str = ""


def _postgres() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('max_connections')::int")
        version, most = cursor.fetchone()
    if int(version.split(".")[0]) < 15:
        return Finding("postgres", "warn", f"PostgreSQL {version}", "Version 15 or newer is tested; upgrade.")
    return Finding("postgres", "ok", f"PostgreSQL {version}, at most {most} connections")


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        return Finding("migrations", "fail", f"{len(plan)} not applied", "Run `manage.py migrate`.")
    return Finding("migrations", "ok", "all applied")


def _redis() -> Finding:
    info: Any = get_redis().info()
    name = "Valkey" if info.get("valkey_version") else "Redis"
    version = info.get("valkey_version") or info.get("redis_version")
    if info.get("maxmemory_policy", "noeviction") != "noeviction":
        return Finding(
            "redis",
            "warn",
            f"{name} {version} may evict keys",
            "Set maxmemory-policy noeviction: it is the broker too.",
        )
    return Finding("redis", "ok", f"{name} {version}")


def _workers() -> Finding:
    answers = celery_app.control.ping(timeout=1.0) or []
    if not answers:
        return Finding("worker", "warn", "no Celery worker answers", "Start one: `celery -A project worker`.")
    return Finding("worker", "ok", f"{len(answers)} answering")


def _graph() -> Finding:
    version = driver.server_version()
    missing = nodes.missing_schema()
    if missing:
        return Finding(
            "graph",
            "fail",
            f"{version}, {len(missing)} of its schema missing",
            "Run `manage.py graph_schema`.",
        )
    edges = sum(bulk.relationship_totals().values())
    return Finding("graph", "ok", f"{version}, {bulk.accounts_total()} accounts, {edges} edges")


def _graph_drift() -> Finding:
    total = Account.objects.count()
    rows = Account.objects.order_by("-id").values_list("id", "username", "full_name", "is_private", "state")
    truth = (AccountFacts(i, u, f, p, s == AccountState.ACTIVE) for i, u, f, p, s in rows[:DRIFT_SAMPLE])
    stale = sum(1 for _ in bulk.stale_accounts(truth))
    surplus = max(0, bulk.accounts_total() - total)
    if stale or surplus:
        message = f"{stale} account nodes differ or miss, {surplus} too many"
        return Finding(
            "graph drift", "warn", message, "Start the relay; if it stays, `manage.py rebuild graph`."
        )
    return Finding("graph drift", "ok", f"{min(total, DRIFT_SAMPLE)} accounts compared")


def _search() -> Finding:
    engine = get_engine()
    engine.ping()
    product = engine.describe()
    if outdated := engine.outdated():
        message = ", ".join(f"{index}: {what}" for index, what in outdated.items())
        return Finding("search", "warn", f"{product}, {message}", "Run `manage.py rebuild search`.")
    return Finding("search", "ok", f"{product} answers")


def _search_drift() -> Finding:
    drifts = [measure_drift(index) for index in Index]
    if not all(drift.clean for drift in drifts):
        message = ", ".join(
            f"{d.index}: {d.missing} missing, {d.surplus} too many" for d in drifts if not d.clean
        )
        return Finding(
            "search drift", "warn", message, "Start the relay; if it stays, `manage.py rebuild search`."
        )
    return Finding(
        "search drift", "ok", ", ".join(f"{drift.held} {drift.index}" for drift in drifts) + " indexed"
    )


def _outbox() -> Finding:
    found = lag()
    waiting = sum(rows for rows, _ in found.values())
    oldest = max((age for _, age in found.values()), default=0.0)
    if oldest > OLD_OUTBOX_SECONDS:
        worst = max(found, key=lambda name: found[name][1])
        message = f"{waiting} rows due, the oldest for {oldest:.0f} s ({worst})"
        return Finding("outbox", "fail", message, "Start `manage.py relay`; its log says what fails.")
    return Finding("outbox", "ok", f"{waiting} rows due")


def _media() -> Finding:
    if settings.STORAGES["default"]["BACKEND"].endswith("S3Storage"):
        return Finding("media", "ok", "files in S3")
    folder = Path(settings.MEDIA_ROOT)
    if not folder.is_dir():
        return Finding(
            "media", "warn", f"{folder} does not exist", "It is made at the first upload; check MEDIA_ROOT."
        )
    if not os.access(folder, os.W_OK):
        return Finding(
            "media", "fail", f"{folder} is not writable", "Give the server's user the right to write there."
        )
    stats = os.statvfs(folder)
    free = stats.f_bavail * stats.f_frsize / GIB
    if free < 1:
        return Finding("media", "warn", f"{free:.1f} GiB free at {folder}", "Make room.")
    return Finding("media", "ok", f"{folder}, {free:.0f} GiB free")


def _secret_key() -> Finding:
    if settings.SECRET_KEY.startswith("insecure-"):
        return Finding(
            "secret key", "fail", "SECRET_KEY is not set", "Set it to 50 or more random characters."
        )
    if len(settings.SECRET_KEY) < 50:
        return Finding("secret key", "warn", "SECRET_KEY is short", "Use 50 or more random characters.")
    return Finding("secret key", "ok", f"set, environment {settings.APP_ENV}")


CHECKS: dict[str, Callable[[], Finding]] = {
    "secret key": _secret_key,
    "postgres": _postgres,
    "migrations": _migrations,
    "redis": _redis,
    "worker": _workers,
    "graph": _graph,
    "graph drift": _graph_drift,
    "search": _search,
    "search drift": _search_drift,
    "outbox": _outbox,
    "media": _media,
}
ADVICE = {
    "postgres": "Check DATABASE_URL and that the server runs; for a try-out, `manage.py demo` brings one.",
    "redis": "Check REDIS_URL and that the server runs.",
    "graph": "Check NEO4J_URL and that the server runs.",
    "search": "Check MEILISEARCH_URL, MEILISEARCH_KEY and that the server runs.",
}


def examine() -> Iterator[Finding]:
    """Every finding, as it is made. A check that cannot run is a failure, not a crash."""
    for name, check in CHECKS.items():
        try:
            yield check()
        except Exception as error:
            advice = ADVICE.get(name.split()[0], "See the message; the stores above it may be away.")
            yield Finding(
                name,
                "fail",
                f"{type(error).__name__}: {str(error).splitlines()[0][:160] if str(error) else ''}",
                advice,
            )
