"""Where a request came from, behind a configured number of proxies."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The address of the client.

    Only the entries that our own `TRUSTED_PROXIES` appended to X-Forwarded-For count: what stands before them was
    written by the client, and rotating it must gain nothing."""
    peer = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - an address that is nobody's
    hops = settings.TRUSTED_PROXIES
    if not hops:
        return peer
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if len(chain) < hops:
        return peer
    try:
        return str(ip_address(chain[-hops]))
    except ValueError:
        return peer


def axes_client_ip(request: HttpRequest) -> str:
    """The same address for the log-in lockout."""
    return client_ip(request)
