"""Routers of the social app: thin, one module a noun."""

from __future__ import annotations

from ninja import Router

from social.api.account_lists import followers, following
from social.api.auth import router as auth
from social.api.blocks import router as blocks
from social.api.close_friends import router as close_friends
from social.api.contacts import router as contacts
from social.api.devices import router as devices
from social.api.explore import router as explore
from social.api.follow_requests import answers, requests
from social.api.follows import router as follows
from social.api.life_cycle import deactivation, deletion, restoration
from social.api.mutes import router as mutes
from social.api.passwords import router as passwords
from social.api.permissions import assign, mine, switches
from social.api.profiles import router as profiles
from social.api.relationships import router as relationships
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
    ("/follow", follows),
    ("/follow-requests", requests),
    ("/follow-request", answers),
    ("/followers", followers),
    ("/following", following),
    ("/block", blocks),
    ("/mute", mutes),
    ("/close-friend", close_friends),
    ("/relationships", relationships),
    ("/settings", settings),
    ("/explore", explore),
    ("/assign-permission", assign),
    ("/permissions", mine),
    ("/page-permissions", switches),
    ("/roles", roles),
]
