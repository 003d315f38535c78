"""The Neo4j server's program: 237 jars from Maven Central, fetched once into the user's cache and checked.

What to fetch stands in `neo4j.lock` (coordinates, sizes, SHA-256), which `relock` makes with jgo's resolver: resolving takes half
a minute of CPU, checks no sums, and may give other versions tomorrow. Neo4j Community is GPL-3.0: it is fetched
at run time and never part of what we ship.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import filelock
import platformdirs
import requests

from project.embedded.engine import explain_os_error
from project.embedded.errors import Cancelled, EngineError
from project.embedded.reporting import Reporter, silent

VERSION = "2026.08.1"
MAVEN_CENTRAL = "https://repo.maven.apache.org/maven2"
LOCK = Path(__file__).with_name("neo4j.lock")
PARALLEL = 8
ATTEMPTS = 4
OFFLINE_HINT = (
    "The first start needs Maven Central once (176 MB). Check the network and any proxy (HTTPS_PROXY), then try again: "
    "what has arrived is kept. Or name a running Neo4j in NEO4J_URL."
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
    repository: str = MAVEN_CENTRAL,
    cancelled: threading.Event | None = None,
) -> Path:
    """Have the jars in the cache and return their folder. Raises EngineError.

    Any number of processes may call this at once: one fetches, the others wait. The folder appears under its name only
    when it is whole; what an interrupted fetch has got is used by the next.
    """
    cache = cache or default_cache()
    jars = read_lock()
    # The lock's own sum is part of the name: a changed lock is another folder.
    edition = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:8]
    target = cache / f"neo4j-{VERSION}-{edition}"
    if target.is_dir():
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache / f"{target.name}.lock", report, cancelled):
            if not target.is_dir():
                partial = cache / f"{target.name}.partial"
                _check_space(cache, sum(jar.size for jar in jars))
                partial.mkdir(exist_ok=True)
                _download(jars, partial, repository, report, cancelled or threading.Event())
                partial.replace(target)
    except OSError as error:
        raise explain_os_error(error, "The cache for Neo4j's program", cache) from error
    return target


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


def _download(jars: list[Jar], folder: Path, repository: str, report: Reporter, cancelled: threading.Event) -> None:
    total = sum(jar.size for jar in jars)
    done = 0
    counting = threading.Lock()
    failed = threading.Event()

    def advance(amount: int) -> None:
        nonlocal done
        with counting:
            done += amount
            report("neo4j", f"Fetching Neo4j {VERSION} (once)", done=done, total=total)
        if cancelled.is_set() or failed.is_set():
            raise Cancelled

    def get(jar: Jar) -> None:
        try:
            _fetch_jar(session, f"{repository}/{jar.path}", jar, folder, advance)
        except BaseException:
            failed.set()
            raise

    with requests.Session() as session, ThreadPoolExecutor(PARALLEL, "jars") as pool:
        # The big ones first, so that the last seconds are not spent on one connection.
        futures = [pool.submit(get, jar) for jar in sorted(jars, key=lambda jar: -jar.size)]
        errors = [error for future in futures if (error := future.exception())]
    if errors:
        raise next((error for error in errors if not isinstance(error, Cancelled)), errors[0])


def _fetch_jar(
    session: requests.Session, url: str, jar: Jar, folder: Path, advance: Callable[[int], None]
) -> None:
    """Fetch one jar into the folder unless it is there; a jar under its name is whole and has the right sum."""
    path = folder / jar.filename
    if path.is_file() and path.stat().st_size == jar.size:
        advance(jar.size)
        return
    for attempt in range(1, ATTEMPTS + 1):
        got = 0
        try:
            with session.get(url, stream=True, timeout=(10, 30)) as response:
                if response.status_code != 200:
                    raise _refused(url, response)
                digest = hashlib.sha256()
                temporary = path.with_suffix(".part")
                with temporary.open("wb") as file:
                    for chunk in response.iter_content(1 << 16):
                        file.write(chunk)
                        digest.update(chunk)
                        got += len(chunk)
                        advance(len(chunk))
            if digest.hexdigest() == jar.sha256:
                temporary.replace(path)
                return
            problem = EngineError(
                f"{url} has another content than expected.",
                hint="Something between this machine and Maven Central changes files (a proxy, a virus scanner); "
                "fetch over another network.",
            )
        except requests.RequestException as error:
            problem = EngineError(f"Could not fetch {url}: {_reason(error)}.", hint=OFFLINE_HINT)
        except _Busy as busy:
            problem = busy.problem
        advance(-got)
        if attempt < ATTEMPTS:
            time.sleep(0.5 * 2**attempt)
    raise problem


class _Busy(Exception):
    """The repository asks to come back later."""

    def __init__(self, problem: EngineError) -> None:
        self.problem = problem


def _refused(url: str, response: requests.Response) -> Exception:
    problem = EngineError(
        f"{url} answered {response.status_code} {response.reason}.",
        hint="The registry refuses or does not have the file. Behind a company proxy, ask for access to "
        f"{MAVEN_CENTRAL}. Or name a running Neo4j in NEO4J_URL.",
    )
    return _Busy(problem) if response.status_code in (408, 429, 500, 502, 503, 504) else problem


def _reason(error: requests.RequestException) -> str:
    """The innermost cause, which is the one that tells something."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    return str(cause) or type(error).__name__
