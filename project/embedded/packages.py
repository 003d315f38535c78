"""Where the installed wheels keep their programs.

The wheels' own Python code is not imported: ours starts the servers.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from project.embedded.errors import EngineError

INSTALL_HINT = "Install the engines with `uv sync` (they are in the dependency group `engines`)."


def program(package: str, pattern: str) -> Path:
    """The file of an installed package that matches the glob `pattern`; EngineError when not there."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(f"The Python package {package} is not installed.", hint=INSTALL_HINT)
    found = sorted(Path(spec.submodule_search_locations[0]).glob(pattern))
    if not found:
        raise EngineError(
            f"The Python package {package} holds no {pattern} for this machine.",
            hint="The engines come for Linux (glibc) and macOS; elsewhere, name real servers in "
            "DATABASE_URL, REDIS_URL and NEO4J_URL.",
        )
    return found[0]
