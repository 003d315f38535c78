"""Settings of the suite: the same engines and code paths; only costs (hashing) and edges (mail) differ."""

from __future__ import annotations

import os

# Type checkers and editors load this module too; none of them needs what production does.
os.environ.setdefault("APP_ENV", "test")

from project.settings.base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# The suite searches in PostgreSQL, which rolls back; tests of the other engine ask for it by this address.
TEST_MEILISEARCH_URL, MEILISEARCH_URL = MEILISEARCH_URL, None  # noqa: F405
MEILISEARCH_PREFIX = f"test_{REDIS_PREFIX}_{os.getpid()}"  # noqa: F405
# Tasks run where they are sent; journeys through the real worker run against the demo command.
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# Limits are proved by tests of their own, which set them.
RATE_LIMIT_FACTOR = 100_000.0
# One query more at random would make counts of queries unsteady; its tests set it.
PERMISSIONS_MAX_AGE = 3600.0
