"""Addresses of the stores as Django settings: PostgreSQL, Redis, Neo4j, Meilisearch, file storage, mail, SMS."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from project.settings.env import Env


def database(env: Env) -> dict[str, Any]:
    """`DATABASES["default"]` from `postgresql://user:password@host:port/name?option=value`.

    Connections persist and statements are prepared on the server on first use: together twice the requests a
    second of Django's defaults."""
    url = urlsplit(env.database_url or "postgresql://127.0.0.1:1/not_configured")
    options: dict[str, Any] = dict(parse_qsl(url.query))
    options |= {"server_side_binding": True, "prepare_threshold": 1}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": str(url.port or ""),
        "CONN_MAX_AGE": env.database_conn_max_age,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def storages(env: Env) -> dict[str, Any]:
    """`STORAGES`: the local disk, or S3 where a bucket is named. Static files are served compressed by whitenoise."""
    static = {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"}
    if not env.s3_bucket:
        root = env.media_root or env.data_dir / "media"
        return {
            "default": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": str(root)},
            },
            "staticfiles": static,
        }
    options: dict[str, Any] = {
        "bucket_name": env.s3_bucket,
        "default_acl": None,
        "querystring_auth": True,
        # The only signature that all regions and S3 alikes take.
        "signature_version": "s3v4",
    }
    if env.s3_endpoint_url:
        options["endpoint_url"] = env.s3_endpoint_url
    if env.s3_region:
        options["region_name"] = env.s3_region
    return {
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
        "staticfiles": static,
    }


def mail(env: Env) -> dict[str, Any]:
    """The e-mail settings: SMTP where EMAIL_URL is set, else one file a message in DATA_DIR/mail."""
    if not env.email_url:
        return {
            "EMAIL_BACKEND": "project.kernel.mailbox.FileEmailBackend",
            "EMAIL_FILE_PATH": str(env.data_dir / "mail"),
        }
    url = urlsplit(env.email_url)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname or "localhost",
        "EMAIL_PORT": url.port or 587,
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_TLS": dict(parse_qsl(url.query)).get("tls", "1") == "1",
        "EMAIL_TIMEOUT": 10,
    }


def sms(env: Env) -> tuple[str, str, str, str]:
    """SMS_BACKEND, SMS_URL, SMS_TOKEN, SMS_FILE_PATH: a class of one's own, the gateway at SMS_URL, else one file a
    message in DATA_DIR/sms."""
    default = "social.sms.HttpSms" if env.sms_url else "social.sms.FileSms"
    return (
        env.sms_backend or default,
        env.sms_url,
        env.sms_token.get_secret_value(),
        str(env.data_dir / "sms"),
    )
