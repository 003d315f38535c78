"""The one Redis client of a process. Nothing is kept in Redis that cannot be lost: every caller must stand a flush,
and say what it does while the server is away."""

from __future__ import annotations

from functools import lru_cache

import redis
from django.conf import settings

RedisError = redis.RedisError


@lru_cache(maxsize=1)
def get_redis() -> redis.Redis:
    """A client with a connection pool, safe for threads and forks. Answers are bytes."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)


def key(*parts: object) -> str:
    """A key under the installation's prefix: `key("auth", 7)` → `pg:auth:7`."""
    return ":".join([settings.REDIS_PREFIX, *map(str, parts)])
