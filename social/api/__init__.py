"""Routers of the social app: thin, one module a noun."""

from __future__ import annotations

from ninja import Router

from social.api.auth import router as auth
from social.api.contacts import router as contacts
from social.api.devices import router as devices
from social.api.explore import router as explore
from social.api.follow_requests import answers, requests
from social.api.life_cycle import deactivation, deletion, restoration
from social.api.passwords import router as passwords
from social.api.permissions import assign, mine, switches
from social.api.profiles import router as profiles
from social.api.relationships import blocks, follow, followers, following, relationships
from social.api.roles import router as roles
from social.api.settings import router as settings
from social.api.users import router as users

routers: list[tuple[str, Router]] = [
    ("/auth", auth),
    ("/auth", passwords),
    ("/auth", contacts),
    ("/auth/sessions", devices),
    ("/delete-account", deletion),
    ("/deactivate-account", deactivation),
    ("/restore-account", restoration),
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
    ("/assign-permission", assign),
    ("/permissions", mine),
    ("/page-permissions", switches),
    ("/roles", roles),
]
