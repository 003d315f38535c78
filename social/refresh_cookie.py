"""The refresh token of browsers: in an HttpOnly cookie that scripts cannot read and other sites cannot send.

What lives here is the cookie and who may use it (R13); tokens themselves are made and spent in `services.sessions`."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from social.errors import ForeignOrigin

PATH = "/api/"
DEFAULT_PORTS = {"http": 80, "https": 443}


def set_refresh(response: HttpResponse, token: str) -> None:
    """Hand a refresh token to the browser."""
    response.set_cookie(
        settings.REFRESH_COOKIE,
        token,
        max_age=settings.REFRESH_TOKEN_LIFETIME,
        path=PATH,
        secure=settings.REFRESH_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def clear_refresh(request: HttpRequest, response: HttpResponse) -> None:
    """Take the refresh token back from a browser that holds one."""
    if settings.REFRESH_COOKIE in request.COOKIES:
        response.delete_cookie(settings.REFRESH_COOKIE, path=PATH, samesite="Strict")


def refresh_of(request: HttpRequest) -> str | None:
    """The refresh token in the cookie; None without one.

    Raises ForeignOrigin unless the call says that it comes from a page of ours: SameSite lets neighbours on the same
    site through, and a browser always names the origin of a POST."""
    token = request.COOKIES.get(settings.REFRESH_COOKIE)
    if not token:
        return None
    if _normal(request.headers.get("Origin", "")) not in _own_origins(request):
        raise ForeignOrigin
    return token


def _own_origins(request: HttpRequest) -> set[str]:
    own = [settings.PUBLIC_URL, f"{request.scheme}://{request.get_host()}", *settings.CORS_ALLOWED_ORIGINS]
    return {_normal(origin) for origin in own} - {""}


def _normal(origin: str) -> str:
    """`https://host:port` with the port always said; empty for what is no origin (`null`, a bare name)."""
    try:
        parts = urlsplit(origin.strip())
        port = parts.port or DEFAULT_PORTS[parts.scheme.lower()]
    except (ValueError, KeyError):
        return ""
    return f"{parts.scheme.lower()}://{parts.hostname}:{port}" if parts.hostname else ""
