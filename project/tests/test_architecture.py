"""The shape of the code: what stands at the root, how long a file is, who reads the environment, who may decide."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("project", "graph", "social", "content", "search")
ALLOWED_AT_ROOT = {
    *(
        "manage.py",
        "project",
        "social",
        "content",
        "search",
        "graph",
        "docker",
        "pyproject.toml",
        "README.md",
    ),
    *("uv.lock", "LICENSE", "CHANGELOG.md"),
}


def sources(*, tests=True):
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            parts = path.relative_to(ROOT).parts
            if "migrations" not in parts and (tests or "tests" not in parts):
                yield path


def test_only_the_agreed_names_stand_at_the_root():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    if not listed:
        pytest.skip("not a git checkout")
    names = {line.split("/")[0] for line in listed}
    assert {name for name in names if not name.startswith(".")} <= ALLOWED_AT_ROOT


def test_no_file_is_longer_than_400_lines():
    long = {str(p.relative_to(ROOT)): n for p in sources() if (n := len(p.read_text().splitlines())) > 400}
    assert long == {}


def test_every_module_says_what_lives_in_it():
    silent = [
        str(path.relative_to(ROOT))
        for path in sources(tests=False)
        if path.name != "apps.py"
        and path.read_text().strip()
        and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_every_app_has_a_readme():
    for app in APPS:
        assert (ROOT / app / "README.md").read_text().strip(), app


def test_only_env_reads_the_environment():
    """The demo hands its own environment on to its children, the suite sets the engines' addresses, and the entry
    points name the settings module."""
    allowed = {"project/settings/env.py", "project/demo/runner.py", "project/testing/engines.py"}
    entry = re.compile(r'os\.environ\.setdefault\("(DJANGO_SETTINGS_MODULE|APP_ENV)"')
    readers = {
        str(path.relative_to(ROOT))
        for path in sources(tests=False)
        if re.search(r"os\.(environ|getenv)", entry.sub("", path.read_text()))
    }
    assert readers <= allowed


def test_blocks_mutes_and_privacy_are_decided_in_visibility_alone():
    """Elsewhere a relation is loaded, handed on or shown, but its edges are not weighed (R01)."""
    weighing = re.compile(r"relation\w*\.(severed|blocked_by|close_friend_of)\b")
    offenders = [
        str(path.relative_to(ROOT))
        for path in sources(tests=False)
        if "visibility" not in path.parts and weighing.search(path.read_text())
    ]
    assert offenders == []


def test_models_do_not_serialise_themselves():
    """No ModelSchema and no resolver on an answer: each can hide a query per row."""
    for path in sources(tests=False):
        text = path.read_text()
        assert "ModelSchema" not in text, path
        assert not re.search(r"def resolve_\w+\((self|obj)", text), path
        assert "django.dispatch" not in text, path
