"""Writes `neo4j.lock`: `python -m project.embedded.relock`, after a change of VERSION in `neo4j_jars`.

The Neo4j in docker/ moves with it.

Resolves `org.neo4j:neo4j` with jgo, fetches every jar into jgo's own repository, and notes size and SHA-256.
"""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor

import jgo
import jgo.maven

from project.embedded.neo4j_jars import LOCK, VERSION

HEADER = """\
# The jars of org.neo4j:neo4j:{version} and all it needs: sha256, size in bytes, path on a Maven repository.
# Made by `python -m project.embedded.relock`; do not edit.
"""


def line(artifact: jgo.maven.Artifact) -> str:
    """The lock line of one artifact; fetches it if jgo does not have it yet."""
    content = artifact.resolve().read_bytes()
    path = f"{artifact.component.path_prefix.as_posix()}/{artifact.filename}"
    return f"{hashlib.sha256(content).hexdigest()} {len(content)} {path}"


def main() -> None:
    """Resolve, fetch, write."""
    artifacts = jgo.resolve(f"org.neo4j:neo4j:{VERSION}")
    with ThreadPoolExecutor(8) as pool:
        lines = sorted(pool.map(line, artifacts), key=lambda text: text.split()[2])
    LOCK.write_text(HEADER.format(version=VERSION) + "\n".join(lines) + "\n")
    print(f"{LOCK}: {len(lines)} jars", file=sys.stderr)


if __name__ == "__main__":
    main()
