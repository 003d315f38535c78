"""Routers of the content app: thin, one module a noun."""

from __future__ import annotations

from ninja import Router

from content.api import (
    accounts,
    comments,
    feed,
    hashtags,
    likes,
    media,
    media_uploads,
    posts,
    profiles,
    saves,
    shares,
    stories,
    users,
)

routers: list[tuple[str, Router]] = [
    # Before `/{media_id}/`, which would take the word for an id.
    ("/media/uploads", media_uploads.router),
    ("/media", media.router),
    ("/posts", posts.router),
    ("/posts", likes.on_posts),
    ("/likes", likes.router),
    ("/posts", saves.on_posts),
    ("/saved", saves.router),
    ("/posts", shares.router),
    ("/posts", comments.on_posts),
    ("/comments", comments.router),
    ("/hashtags", hashtags.router),
    ("/followed-hashtags", hashtags.followed),
    ("/trending", hashtags.trending),
    ("/feed", feed.router),
    ("/users", users.router),
    ("/users", accounts.router),
    ("/profiles", profiles.router),
    ("/stories", stories.router),
    ("/users", stories.on_users),
]
