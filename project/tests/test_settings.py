"""Production refuses to start on an insecure setting, and says everything that is wrong at once."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECURE = {
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "api.example.org",
    "PUBLIC_URL": "https://api.example.org",
    "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "NEO4J_URL": "bolt://neo4j:p@127.0.0.1:1",
}


def check(tmp_path, **changes):
    """`manage.py check --deploy` with only these variables and the path."""
    given = {k: v for k, v in {**SECURE, **changes}.items() if v is not None}
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **given}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_secure_environment_passes_djangos_own_deployment_check(tmp_path):
    done = check(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_an_empty_environment_is_refused_with_every_reason_and_a_way_out(tmp_path):
    done = check(tmp_path, **dict.fromkeys(SECURE))
    assert done.returncode != 0
    for name in SECURE:
        assert name in done.stderr
    assert "manage.py demo" in done.stderr


@pytest.mark.parametrize(
    "change",
    [
        {"SECRET_KEY": "short"},
        {"SECRET_KEY": "a" * 60},
        {"DEBUG": "1"},
        {"ALLOWED_HOSTS": "*"},
        {"CORS_ALLOWED_ORIGINS": "*"},
        {"NEO4J_URL": "bolt://127.0.0.1:7687"},
        {"PUBLIC_URL": "http://api.example.org"},
        {"RATE_LIMIT_FACTOR": "100"},
        {"GRAPH_TIMEOUT": "soon"},
    ],
)
def test_each_insecure_setting_is_refused_by_name(tmp_path, change):
    done = check(tmp_path, **change)
    assert done.returncode != 0
    assert next(iter(change)) in done.stderr
