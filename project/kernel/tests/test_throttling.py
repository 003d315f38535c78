"""Rate limits hold under parallel requests and cannot be dodged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import RequestFactory

from project.kernel import throttling
from project.kernel.client import client_ip
from project.kernel.redis import get_redis


def hit(scope, caller):
    verdict = throttling.hit(scope, caller)
    assert verdict is not None
    return verdict


@pytest.fixture
def limits(settings, graph, db):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "anonymous": (10, 3600, 10), "login": (5, 3600, 5)}
    settings.RATE_LIMIT_FACTOR = 1
    return settings


def test_64_threads_get_through_exactly_the_burst(limits):
    with ThreadPoolExecutor(64) as pool:
        verdicts = list(pool.map(lambda _: hit("anonymous", "a"), range(128)))
    assert sum(v.allowed for v in verdicts) == 10


def test_callers_and_scopes_have_buckets_of_their_own(limits):
    for _ in range(10):
        assert hit("anonymous", "a").allowed
    assert not hit("anonymous", "a").allowed
    assert hit("anonymous", "b").allowed
    assert hit("login", "a").allowed


def test_too_many_requests_is_429_with_its_headers(limits, anonymous):
    answers = [anonymous.get("/posts/") for _ in range(11)]
    assert [a.status_code for a in answers] == [200] * 10 + [429]
    assert answers[0]["RateLimit-Policy"] == '"anonymous";q=10;w=3600'
    assert answers[0]["RateLimit"].startswith('"anonymous";r=9;t=')
    refused = answers[-1]
    assert refused.json()["code"] == "too-many-requests"
    assert 1 <= int(refused["Retry-After"]) <= 360


def test_a_rotating_forwarded_for_gains_nothing(limits, anonymous):
    codes = [
        anonymous.get("/posts/", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(11)
    ]
    assert codes[-1] == 429


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "9.9.9.9", "10.0.0.1"),
        (1, "9.9.9.9", "9.9.9.9"),
        (1, "evil, 9.9.9.9", "9.9.9.9"),
        (2, "evil, 8.8.8.8, 9.9.9.9", "8.8.8.8"),
        (2, "9.9.9.9", "10.0.0.1"),
        (1, "not an address", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == expected


def test_without_redis_requests_pass(settings, anonymous):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    get_redis.cache_clear()
    try:
        assert anonymous.get("/posts/").status_code == 200
    finally:
        get_redis.cache_clear()
