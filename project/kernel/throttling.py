"""Rate limits: GCRA in one Lua call, so that parallel requests never get through together.

A scope (`RATE_LIMITS` in the settings) gives requests, seconds and burst. A caller is the account, or the address
where nobody is signed in. With Redis away requests pass: limits protect the service, they are not a permission."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from project.kernel.client import client_ip
from project.kernel.errors import TooManyRequests
from project.kernel.redis import RedisError, get_redis, key
from project.kernel.viewer import Viewer

log = logging.getLogger(__name__)
# KEYS[1] the bucket; ARGV: emission interval, burst tolerance (both in seconds), both as decimal strings.
# The server's clock is the only one, so workers need not agree on the time.
GCRA = """
local now = redis.call('TIME')
local t = tonumber(now[1]) + tonumber(now[2]) / 1000000
local interval, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
local tat = tonumber(redis.call('GET', KEYS[1]) or t)
if tat < t then tat = t end
local wait = tat + interval - tolerance - t
if wait > 1e-9 then return {0, '0', tostring(wait), tostring(tat - t)} end
tat = tat + interval
redis.call('SET', KEYS[1], string.format('%.6f', tat), 'PX', math.ceil((tat - t) * 1000) + 1000)
return {1, tostring(math.floor((tolerance - (tat - t)) / interval + 1e-6)), '0', tostring(tat - t)}
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a bucket answered. `reset` and `retry_after` are in seconds."""

    scope: str
    allowed: bool
    limit: int
    window: int
    remaining: int
    retry_after: float
    reset: float

    def headers(self) -> dict[str, str]:
        """The `RateLimit` and `RateLimit-Policy` fields of this bucket."""
        return {
            "RateLimit-Policy": f'"{self.scope}";q={self.limit};w={self.window}',
            "RateLimit": f'"{self.scope}";r={max(0, self.remaining)};t={math.ceil(self.reset)}',
        }


def hit(scope: str, caller: str) -> Verdict | None:
    """Count one request of `caller` in `scope`; None where Redis cannot answer."""
    requests, seconds, burst = settings.RATE_LIMITS[scope]
    factor = settings.RATE_LIMIT_FACTOR
    interval = seconds / (requests * factor)
    tolerance = interval * max(1, int(burst * factor))
    try:
        script = get_redis().register_script(GCRA)
        allowed, left, wait, reset = script(
            keys=[key("limit", scope, caller)], args=[repr(interval), repr(tolerance)]
        )
    except RedisError:
        log.warning("rate limit not counted: redis unavailable")
        return None
    limit = int(requests * factor)
    return Verdict(scope, bool(allowed), limit, seconds, int(left), float(wait), float(reset))


def enforce(request: HttpRequest, scope: str, caller: str) -> None:
    """Count, remember the verdict for the answer's headers, and raise TooManyRequests where the bucket is empty."""
    verdict = hit(scope, caller)
    if verdict is None:
        return
    seen: Verdict | None = getattr(request, "rate_limit", None)
    if seen is None or verdict.remaining < seen.remaining or not verdict.allowed:
        request.rate_limit = verdict  # type: ignore[attr-defined]
    if not verdict.allowed:
        raise TooManyRequests(retry_after=math.ceil(verdict.retry_after))


class ScopeThrottle(BaseThrottle):
    """ninja's hook: the caller's own scope, `write` for unsafe methods, then the operation's scopes."""

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes

    def allow_request(self, request: HttpRequest) -> bool:
        viewer = getattr(request, "auth", None)
        signed_in = isinstance(viewer, Viewer) and viewer.signed_in
        caller = f"a{viewer.account_id}" if signed_in and viewer is not None else f"ip{client_ip(request)}"
        enforce(request, "user" if signed_in else "anonymous", caller)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            enforce(request, "write", caller)
        for scope in self.scopes:
            enforce(request, scope, caller)
        return True
