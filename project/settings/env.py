"""The environment, typed. The only module that reads `os.environ`; every setting that may differ between two
installations is a field here, and all problems are reported at once.

A running demo leaves its addresses in `DATA_DIR/urls.env` and its key in `DATA_DIR/demo.env`; both are read as
defaults, so that `manage.py shell`, `doctor` or `bench` in a second terminal talk to the same engines.
"""

from __future__ import annotations

import os
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]


class AppEnv(StrEnum):
    PRODUCTION = "production"
    DEVELOPMENT = "development"
    DEMO = "demo"
    TEST = "test"


class Env(BaseSettings):
    """Everything that is read from the environment. Names are the upper-case field names."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    app_env: AppEnv = AppEnv.PRODUCTION
    debug: bool = False
    secret_key: SecretStr = SecretStr("")
    secret_key_fallbacks: str = Field(
        "", description="older keys, comma-separated, still accepted for signatures"
    )
    allowed_hosts: str = ""
    cors_allowed_origins: str = ""
    csrf_trusted_origins: str = ""
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="how many reverse proxies append to X-Forwarded-For"
    )
    public_read: bool = True
    public_url: str = Field(
        "http://127.0.0.1:8000", description="where users reach the API; used in mails and links"
    )

    database_url: str = ""
    redis_url: str = ""
    neo4j_url: str = ""
    meilisearch_url: str = ""
    meilisearch_key: SecretStr = SecretStr("")
    meilisearch_prefix: str = Field(
        "photogram",
        pattern=r"^[A-Za-z0-9_-]{1,60}$",
        description="how the names of indexes begin; installations that share a server need one each",
    )
    celery_broker_url: str = ""
    data_dir: Path = ROOT / ".demo"
    media_root: Path | None = None
    s3_bucket: str = ""
    s3_endpoint_url: str = ""
    s3_region: str = ""

    graph_timeout: float = Field(5.0, gt=0, le=60, description="seconds one graph transaction may take")
    database_conn_max_age: int | None = Field(None, description="seconds; unset keeps connections open")
    redis_prefix: str = "pg"
    account_deletion_grace_days: float = Field(
        30, ge=0, le=3650, description="how long a deleted account can be restored; 0 purges at once"
    )
    story_grace_hours: float = Field(
        24, ge=0, le=8760, description="how long an expired story and its media are kept for moderation"
    )
    media_video_max_mib: int = Field(100, ge=1, le=4096, description="how large an uploaded video may be")
    media_video_max_seconds: float = Field(60, gt=0, le=3600, description="how long a video may be")
    comment_burst_per_second: int = Field(
        100,
        ge=-1,
        description="a post that gets more comments in a second has them queued and answered with 202; 0 queues "
        "all, -1 none",
    )
    trends_window_hours: float = Field(
        72, gt=0, le=24 * 90, description="how far back uses of hashtags count for trends"
    )
    trends_half_life_hours: float = Field(
        24, gt=0, le=24 * 90, description="after how long a use counts half as much"
    )
    rate_limit_factor: float = Field(1.0, gt=0, description="multiplies every rate limit (the demo sets 100)")

    email_url: str = Field(
        "", description="smtp://user:password@host:587?tls=1; empty: files in DATA_DIR/mail"
    )
    password_reset_url: str = Field(
        "",
        description="page of the client that asks for the new password, {token} where the token goes, such as "
        "https://app.example/reset#token={token}; empty: the mail holds the token alone",
    )
    post_url: str = Field(
        "",
        description="page of the client that shows a post, {id} where its id goes, such as "
        "https://app.example/p/{id}; empty: the post's address in the API",
    )
    sms_backend: str = Field("", description="dotted path of a class with send(to, text); empty: see SMS_URL")
    sms_url: str = Field(
        "", description="gateway that takes {to, text} by POST; empty: files in DATA_DIR/sms"
    )
    sms_token: SecretStr = Field(SecretStr(""), description="bearer token for SMS_URL")
    default_from_email: str = "Photogram <no-reply@photogram.example>"
    log_level: str = "INFO"
    log_json: bool = True

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
            raise ValueError("must be DEBUG, INFO, WARNING, ERROR or CRITICAL")
        return value.upper()

    def list_of(self, name: str) -> list[str]:
        """The comma-separated field `name` as a list without blanks."""
        return [part.strip() for part in getattr(self, name).split(",") if part.strip()]

    def insecure(self) -> list[str]:
        """What production must not start with; one sentence each. Empty where nothing is wrong."""
        if self.app_env is not AppEnv.PRODUCTION:
            return []
        key = self.secret_key.get_secret_value()
        checks = [
            (len(key) < 50 or len(set(key)) < 10, "SECRET_KEY must be set to 50 or more random characters"),
            (self.debug, "DEBUG must not be on"),
            (not self.list_of("allowed_hosts"), "ALLOWED_HOSTS must name the hosts that are served"),
            ("*" in self.list_of("allowed_hosts"), "ALLOWED_HOSTS must not be *"),
            ("*" in self.list_of("cors_allowed_origins"), "CORS_ALLOWED_ORIGINS must name origins, not *"),
            (not self.database_url, "DATABASE_URL must be set"),
            (not self.redis_url, "REDIS_URL must be set"),
            (not self.neo4j_url, "NEO4J_URL must be set"),
            (
                bool(self.neo4j_url) and "@" not in self.neo4j_url,
                "NEO4J_URL must carry a user and a password",
            ),
            (not self.public_url.startswith("https://"), "PUBLIC_URL must be an https address"),
            (self.rate_limit_factor > 10, "RATE_LIMIT_FACTOR above 10 switches rate limits off in effect"),
        ]
        return [sentence for wrong, sentence in checks if wrong]


@lru_cache(maxsize=1)
def read_env() -> Env:
    """The environment, read once a process.

    Raises ImproperlyConfigured naming every field that is malformed and, in production, every insecure setting."""
    data_dir = Path(os.environ.get("DATA_DIR") or ROOT / ".demo")
    try:
        env = Env(_env_file=(ROOT / ".env", data_dir / "demo.env", data_dir / "urls.env"))  # type: ignore[call-arg]
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise ImproperlyConfigured("The environment is not valid:\n  " + "\n  ".join(lines)) from None
    if problems := env.insecure():
        raise ImproperlyConfigured(
            "Refusing to start with APP_ENV=production (the default):\n  "
            + "\n  ".join(problems)
            + "\nFor a try-out on this machine run `manage.py demo`; for development set APP_ENV=development."
        )
    return env


def child_environment(**changes: str) -> dict[str, str]:
    """The environment for a process that is started from this one: the same, but for `changes`."""
    return {**os.environ, **changes}
