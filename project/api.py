"""The one NinjaAPI: every router, default authentication and limits, the description that heads the document."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

import content.api
import search.api
import social.api
from project import health
from project.kernel.api_base import Api
from project.kernel.throttling import ScopeThrottle
from project.meta import RootOut, describe
from social.auth import signed_in

VERSION = "1.0.0"
DESCRIPTION = """
The API of a photo-sharing social network.

* **Ids** are integers; `{user}` is an id or a username everywhere.
* **Signing in**: `POST /auth/login/` answers an access token (5 minutes, `Authorization: Bearer`) and a refresh token.
* **Pages**: `?cursor=&limit=` → `results`, `next`, `previous`; the `Link` header has the full addresses.
* **Errors** are RFC 9457 `application/problem+json` with a stable `code`. Missing and hidden are the same 404.
* **Retries**: send an `Idempotency-Key` on POSTs that create; PUT and DELETE are idempotent by themselves.
* **Conditional requests**: `ETag` with `If-None-Match` and `If-Match` on profiles and posts.
"""
TAGS = {
    "meta": "Entry point and health.",
    "auth": "Registration, log-in by username, e-mail or mobile, token rotation.",
    "account deletion": "Leaving, for a while or for good, and coming back.",
    "users": "Accounts.",
    "profiles": "What an account shows of itself.",
    "settings": "Who may reach me, what I show, what I am told.",
    "relationships": "Follows, follow requests, blocks.",
    "rbac": "Which operations are on, for whom: switches, roles, assignments.",
    "media": "Pictures and videos.",
    "posts": "Publishing and reading posts.",
    "likes": "Likes.",
    "saves & shares": "Keeping posts for oneself, and passing them on.",
    "comments": "Comments and replies.",
    "stories": "Pictures and videos for a day.",
    "hashtags": "Hashtags, following them, trends.",
    "feed": "The home feed.",
    "explore": "What and whom to discover.",
    "search": "Finding accounts, posts and hashtags.",
}

api = Api(
    title="Photogram API",
    version=VERSION,
    description=DESCRIPTION.strip(),
    docs_url="/docs/",
    openapi_url="/openapi.json",
    urls_namespace="api-v1",
    auth=signed_in,
    throttle=[ScopeThrottle()],
    servers=[{"url": "/", "description": "this server"}],
    openapi_extra={
        "info": {
            "license": {"name": "MIT", "identifier": "MIT"},
            "contact": {"name": "Photogram backend", "url": "https://photogram.example/"},
        },
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
    },
)


@api.get(
    "/", operation_id="meta_root", summary="Links to every group", tags=["meta"], auth=None, response=RootOut
)
def root(request: HttpRequest) -> dict[str, Any]:
    """Every operation by category."""
    return describe(api.get_openapi_schema(), "/api/v1/")


api.add_router("/health", health.router)
for app in (social.api, content.api, search.api):
    for prefix, router in app.routers:
        api.add_router(prefix, router)
