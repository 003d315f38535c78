"""Starts the engines and the processes of the demo, watches them, and stops all of it.

The demo's own process never touches a store: it hands addresses to its children in their environment, as an operator
would in production."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from project.demo.console import Display
from project.embedded.errors import EngineError
from project.embedded.processes import spawn, terminate
from project.embedded.stack import Stack

RESTART_SECONDS = 1.0
# A part that ends this often in a row is broken, not unlucky.
MOST_RESTARTS = 10
READY_SECONDS = 90.0


class Stopped(Exception):
    """SIGINT or SIGTERM came."""


@dataclass(frozen=True, slots=True)
class Options:
    """What `manage.py demo` was asked for."""

    root: Path
    data_dir: Path
    port: int
    accounts: int
    seed: int
    seeded: bool
    production_limits: bool
    plain: bool


@dataclass
class Part:
    """One process of the demo; a part that ends by itself is started again."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    started_at: float = field(default=0.0)


class Demo:
    """All of it. `run()` blocks until stopped; `stop()` is called by it in the end, whatever happens."""

    def __init__(self, options: Options, display: Display) -> None:
        self.options = options
        self.display = display
        self.stack = Stack(options.data_dir, report=display)
        self.parts: list[Part] = []
        self.environment: dict[str, str] = {}
        self.logs = options.data_dir / "logs"

    # ---- start

    def prepare(self) -> None:
        """Engines, migrations, demo data. Raises EngineError, Stopped."""
        urls = self.stack.start()
        for folder in ("logs", "mail", "sms", "media"):
            # Recovery links, private pictures: for the owner of the folder alone.
            (self.options.data_dir / folder).mkdir(exist_ok=True)
            (self.options.data_dir / folder).chmod(0o700)
        self.environment = {**os.environ, **self._settings(), **urls.as_env()}
        self._write_env_files(urls.as_env())
        self.display("data", "migrating and seeding")
        o = self.options
        seeding = ["--accounts", str(o.accounts if o.seeded else 0), "--seed", str(o.seed)]
        if o.plain or not sys.stderr.isatty():
            seeding.append("--plain")
        self.manage("seed_demo", "--prepare", *seeding)

    def _settings(self) -> dict[str, str]:
        o = self.options
        return {
            "APP_ENV": "demo",
            "DATA_DIR": str(o.data_dir),
            "SECRET_KEY": _kept_secret(o.data_dir / "secret_key"),
            "PUBLIC_URL": f"http://127.0.0.1:{o.port}",
            "RATE_LIMIT_FACTOR": "1" if o.production_limits else "100",
            "LOG_JSON": "0",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "project.settings.base",
            "PYTHONUNBUFFERED": "1",
        }

    def _write_env_files(self, urls: dict[str, str]) -> None:
        given = os.environ.get("MEILISEARCH_URL")
        if given:
            urls = {**urls, "MEILISEARCH_URL": given}
        _write_private(self.options.data_dir / "urls.env", "".join(f"{k}={v}\n" for k, v in urls.items()))
        kept = {k: v for k, v in self._settings().items() if k.isupper() and not k.startswith(("PY", "DJ"))}
        _write_private(self.options.data_dir / "demo.env", "".join(f"{k}={v}\n" for k, v in kept.items()))

    def manage(self, *arguments: str) -> None:
        """Run a management command to its end, its output passed through. Raises EngineError."""
        command = [sys.executable, "manage.py", *arguments]
        child = subprocess.Popen(  # noqa: S603 - our own command line
            command, cwd=self.options.root, env=self.environment, start_new_session=True
        )
        try:
            code = child.wait()
        except BaseException:
            terminate(psutil.Process(child.pid), [(signal.SIGTERM, 5.0)])
            raise
        if code != 0:
            raise EngineError(
                f"`manage.py {arguments[0]}` failed with code {code}.", hint="Its output is above."
            )

    def make_parts(self) -> list[Part]:
        """The processes of the demo, API first."""
        python = sys.executable
        celery = [python, "-m", "celery", "-A", "project"]
        beat_file = str(self.options.data_dir / "celerybeat")
        return [
            Part(
                "api",
                [
                    *(python, "-m", "granian", "--interface", "wsgi", "--workers", "2"),
                    *("--blocking-threads", "2", "--host", "127.0.0.1", "--port", str(self.options.port)),
                    *("--no-access-log", "--log-level", "warning", "--respawn-failed-workers"),
                    "project.wsgi:application",
                ],
            ),
            Part("relay", [python, "manage.py", "relay"]),
            Part(
                "worker",
                [*celery, "worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-mingle"],
            ),
            Part("beat", [*celery, "beat", "--loglevel", "WARNING", "--schedule", beat_file, "--pidfile="]),
        ]

    def start_parts(self) -> None:
        """The API first, and when it answers relay, worker and beat: they would only make it wait. Raises
        EngineError, Stopped."""
        self.parts = self.make_parts()
        self.start_part(self.parts[0])
        self.wait_ready()
        for part in self.parts[1:]:
            self.start_part(part)

    def start_part(self, part: Part) -> None:
        """Start one process, and write its id to NAME.pid."""
        self.display(part.name, "starting")
        part.started_at = time.monotonic()
        part.process = spawn(
            part.command,
            cwd=self.options.root,
            log=self.logs / f"{part.name}.log",
            death_signal=signal.SIGTERM,
            env=self.environment,
        )
        _write_private(self.options.data_dir / f"{part.name}.pid", f"{part.process.pid}\n")

    def wait_ready(self) -> None:
        """Until the API answers. Raises EngineError where it does not."""
        url = f"http://127.0.0.1:{self.options.port}/api/v1/health/ready/"
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self._watch()
            try:
                with urllib.request.urlopen(url, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise EngineError("The API does not answer.", hint=f"See {self.logs / 'api.log'}.")

    # ---- watch and stop

    def watch(self) -> None:
        """Keep the parts running until SIGINT or SIGTERM (Stopped)."""
        while True:
            self._watch()
            time.sleep(0.5)

    def _watch(self) -> None:
        for part in self.parts:
            if part.process is None or part.process.poll() is None:
                continue
            if time.monotonic() - part.started_at > 60:
                part.restarts = 0
            part.restarts += 1
            if part.restarts > MOST_RESTARTS:
                raise EngineError(
                    f"The {part.name} process keeps ending (code {part.process.returncode}).",
                    hint=f"See {self.logs / (part.name + '.log')}.",
                )
            time.sleep(RESTART_SECONDS)
            self.start_part(part)

    def stop(self) -> None:
        """Stop the parts, then the engines. Bounded in time; leaves no process."""
        family = [p for part in self.parts if (p := _alive(part)) is not None]
        for process in family:
            process.send_signal(signal.SIGTERM)
        for process in family:
            # Celery and granian end their children; what they leave behind goes with them here.
            terminate(process, [(signal.SIGTERM, 8.0)])
        for part in self.parts:
            (self.options.data_dir / f"{part.name}.pid").unlink(missing_ok=True)
        self.stack.stop()


def _alive(part: Part) -> psutil.Process | None:
    if part.process is None or part.process.poll() is not None:
        return None
    try:
        return psutil.Process(part.process.pid)
    except psutil.NoSuchProcess:
        return None


def _kept_secret(path: Path) -> str:
    if not path.exists():
        _write_private(path, secrets.token_urlsafe(64))
    return path.read_text().strip()


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)


def raise_on_signals(signals: Sequence[signal.Signals]) -> None:
    """Turn the first of these signals into Stopped; later ones are ignored, as stopping is under way."""

    def handle(number: int, frame: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    for each in signals:
        signal.signal(each, handle)
