"""Routers of the content app: thin, one module a noun."""

from __future__ import annotations

from ninja import Router

from content.api import accounts, comments, feed, likes, media, posts, profiles, users

routers: list[tuple[str, Router]] = [
    ("/media", media.router),
    ("/posts", posts.router),
    ("/posts", likes.router),
    ("/posts", comments.on_posts),
    ("/comments", comments.router),
    ("/feed", feed.router),
    ("/users", users.router),
    ("/users", accounts.router),
    ("/profiles", profiles.router),
]
