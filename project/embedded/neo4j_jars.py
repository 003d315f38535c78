"""The Neo4j server's program: 237 jars from Maven Central, fetched once into the user's cache and checked.

What to fetch stands in `neo4j.lock` (coordinates, sizes, SHA-256), which `relock` makes with jgo's
resolver: resolving takes half a minute of CPU, checks no sums, and may give other versions tomorrow. Neo4j
Community is GPL-3.0: it is fetched at run time and never part of what we ship.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import filelock
import platformdirs
import requests
from jgo.constants import MAVEN_CENTRAL_URL

from project.embedded.engine import explain_os_error
from project.embedded.errors import Cancelled, EngineError
from project.embedded.reporting import Reporter, silent

VERSION = "2026.08.1"
LOCK = Path(__file__).with_name("neo4j.lock")
PARALLEL = 8
ATTEMPTS = 4
OFFLINE_HINT = (
    "The first start needs Maven Central once (176 MB). Check the network and any proxy (HTTPS_PROXY), then "
    "try again: what has arrived is kept. Or name a running Neo4j in NEO4J_URL."
)


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock: where a jar is on a Maven repository, its size in bytes and SHA-256."""

    path: str
    size: int
    sha256: str

    @property
    def filename(self) -> str:
        return self.path.rsplit("/", 1)[1]


def read_lock(path: Path = LOCK) -> list[Jar]:
    """The jars of the lock file, sorted by path."""
    jars = []
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            sha256, size, where = line.split()
            jars.append(Jar(path=where, size=int(size), sha256=sha256))
    return jars


def default_cache() -> Path:
    """The user's cache folder for fetched programs."""
    return Path(platformdirs.user_cache_dir("photogram-backend", appauthor=False))


def fetch(
    report: Reporter = silent,
    *,
    cache: Path | None = None,
    repository: str = MAVEN_CENTRAL_URL,
    lock: Path = LOCK,
    patience: float = 1.0,
    cancelled: threading.Event | None = None,
) -> Path:
    """Have the jars in the cache and return their folder. Raises EngineError.

    Any number of processes may call this at once: one fetches, the others wait. The folder appears under
    its name only when it is whole; what an interrupted fetch has got, the next uses. `patience` (seconds)
    scales the pauses before repeated attempts.
    """
    cache = cache or default_cache()
    jars = read_lock(lock)
    # The lock's own sum is part of the name: a changed lock is another folder.
    edition = hashlib.sha256(lock.read_bytes()).hexdigest()[:8]
    target = cache / f"neo4j-{VERSION}-{edition}"
    try:
        if _is_whole(target, jars):
            return target
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache / f"{target.name}.lock", report, cancelled):
            if not _is_whole(target, jars):
                partial = cache / f"{target.name}.partial"
                if target.exists():  # somebody has cleaned the cache by halves: fetch what is missing
                    shutil.rmtree(partial, ignore_errors=True)
                    target.replace(partial)
                _check_space(cache, sum(jar.size for jar in jars if not (partial / jar.filename).exists()))
                partial.mkdir(exist_ok=True)
                _Download(jars, partial, repository, report, cancelled or threading.Event(), patience).run()
                partial.replace(target)
    except OSError as error:
        raise explain_os_error(error, "The cache for Neo4j's program", cache) from error
    return target


def _is_whole(folder: Path, jars: list[Jar]) -> bool:
    """Whether every jar is there with its size (their sums were checked before they got there)."""
    try:
        return all((folder / jar.filename).stat().st_size == jar.size for jar in jars)
    except FileNotFoundError:
        return False


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _locked(path: Path, report: Reporter, cancelled: threading.Event | None) -> filelock.BaseFileLock:
    """Hold the lock, saying so if somebody else has it."""
    lock = filelock.FileLock(path, thread_local=False)
    told = False
    while True:
        try:
            lock.acquire(timeout=0.5)
        except filelock.Timeout:
            if not told:
                report("neo4j", "Another process is fetching Neo4j; waiting for it…")
                told = True
            if cancelled is not None and cancelled.is_set():
                raise Cancelled from None
        else:
            return lock


def _check_space(cache: Path, needed: int) -> None:
    free = shutil.disk_usage(cache).free
    if free < needed * 1.1:
        raise EngineError(
            f"Neo4j's program needs {needed / 1e6:.0f} MB in {cache}, and {free / 1e6:.0f} MB are free.",
            hint="Free some space, or point XDG_CACHE_HOME at another disk.",
        )


class _Download:
    """One fetch of all jars into a folder, several at a time, with one progress for all."""

    def __init__(
        self,
        jars: list[Jar],
        folder: Path,
        repository: str,
        report: Reporter,
        cancelled: threading.Event,
        patience: float,
    ) -> None:
        self.jars = jars
        self.folder = folder
        self.repository = repository
        self.report = report
        self.cancelled = cancelled
        self.patience = patience
        self.total = sum(jar.size for jar in jars)
        self.done = 0
        self.counting = threading.Lock()
        self.failed = threading.Event()
        self.session = requests.Session()
        self.session.headers["Accept-Encoding"] = "identity"

    def run(self) -> None:
        """Fetch what is missing; raises EngineError, or OSError from the disk."""
        with self.session, ThreadPoolExecutor(PARALLEL, "jars") as pool:
            # The big ones first, so that the last seconds are not spent on one connection.
            futures = [pool.submit(self._get, jar) for jar in sorted(self.jars, key=lambda jar: -jar.size)]
            errors = [error for future in futures if (error := future.exception())]
        if errors:
            raise next((error for error in errors if not isinstance(error, Cancelled)), errors[0])

    def _get(self, jar: Jar) -> None:
        """Fetch one jar unless it is there; a jar under its final name has the right sum."""
        self._advance(0)
        path = self.folder / jar.filename
        try:
            if path.is_file() and _sum(path) == jar.sha256:
                self._advance(jar.size)
                return
            for attempt in range(1, ATTEMPTS + 1):
                problem = self._try(jar, path)
                if problem is None:
                    return
                if attempt == ATTEMPTS:
                    raise problem
                self.report("neo4j", f"{problem.message} Trying again…")
                self.cancelled.wait(self.patience * 2 ** (attempt - 1))
        except BaseException:
            self.failed.set()
            raise

    def _try(self, jar: Jar, path: Path) -> EngineError | None:
        """One attempt; returns a problem that may pass, raises one that will not."""
        url = f"{self.repository}/{jar.path}"
        temporary = path.with_suffix(".part")
        got = 0
        try:
            with self.session.get(url, stream=True, timeout=(10, 30)) as response:
                if response.status_code != 200:
                    return _refused(url, response)
                with temporary.open("wb") as file:
                    for chunk in response.iter_content(1 << 16):
                        file.write(chunk)
                        got += len(chunk)
                        self._advance(len(chunk))
                    file.flush()
                    os.fsync(file.fileno())
        except requests.RequestException as error:
            self._advance(-got)
            return EngineError(f"Could not fetch {url}: {_reason(error)}.", hint=OFFLINE_HINT)
        if _sum(temporary) == jar.sha256:
            temporary.replace(path)
            return None
        self._advance(-got)
        return EngineError(
            f"{url} has another content than expected.",
            hint="Something between this machine and Maven Central changes files (a proxy, a virus scanner); "
            "fetch over another network.",
        )

    def _advance(self, amount: int) -> None:
        with self.counting:
            self.done += amount
            self.report("neo4j", f"Fetching Neo4j {VERSION} (once)", done=self.done, total=self.total)
        if self.cancelled.is_set() or self.failed.is_set():
            raise Cancelled


def _refused(url: str, response: requests.Response) -> EngineError:
    """What a status other than 200 means; raises it unless it may pass."""
    problem = EngineError(
        f"{url} answered {response.status_code} {response.reason}.",
        hint="The registry refuses or does not have the file. Behind a company proxy, ask for access to "
        f"{MAVEN_CENTRAL_URL}. Or name a running Neo4j in NEO4J_URL.",
    )
    if response.status_code in (408, 429, 500, 502, 503, 504):
        return problem
    raise problem


def _reason(error: requests.RequestException) -> str:
    """The innermost cause, which is the one that tells something."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    return str(cause) or type(error).__name__
