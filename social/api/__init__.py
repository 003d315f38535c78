"""Routers of the social app: thin, one module a noun."""

from __future__ import annotations

from ninja import Router

from social.api.auth import router as auth
from social.api.explore import router as explore
from social.api.follow_requests import answers, requests
from social.api.profiles import router as profiles
from social.api.relationships import blocks, follow, followers, following, relationships
from social.api.settings import router as settings
from social.api.users import router as users

routers: list[tuple[str, Router]] = [
    ("/auth", auth),
    ("/users", users),
    ("/profiles", profiles),
    ("/follow", follow),
    ("/follow-requests", requests),
    ("/follow-request", answers),
    ("/followers", followers),
    ("/following", following),
    ("/block", blocks),
    ("/relationships", relationships),
    ("/settings", settings),
    ("/explore", explore),
]
