"""Other addresses of the same operations. They are left out of the document, so that SDKs have one method each, and
rewritten before routing, so that permissions, limits and answers are those of the operation itself."""

from __future__ import annotations

import re

BASE = "/api/v1"
# (method, path below the version) → (method, path)
ALIASES: tuple[tuple[str, str, str, str], ...] = (
    ("POST", r"/(register|login|logout)/", "POST", r"/auth/\1/"),
    ("POST", r"/users/", "POST", r"/auth/register/"),
    ("POST", r"/auth/mylogin/", "POST", r"/auth/login/cookie/"),
    ("GET", r"/profile/([^/]+)/", "GET", r"/users/\1/"),
    ("POST", r"/posts/([^/]+)/like/", "PUT", r"/posts/\1/like/"),
    ("POST", r"/posts/([^/]+)/comment/", "POST", r"/posts/\1/comments/"),
    ("POST", r"/users/([^/]+)/follow/", "POST", r"/follow/\1/"),
    ("POST", r"/users/([^/]+)/unfollow/", "DELETE", r"/follow/\1/"),
)
COMPILED = [
    (method, re.compile(BASE + path + r"\Z"), to, BASE + target) for method, path, to, target in ALIASES
]


def resolve_alias(method: str, path: str) -> tuple[str, str]:
    """The method and path that a request really means."""
    # HEAD asks for what GET would answer.
    asked = "GET" if method == "HEAD" else method
    for alias_method, pattern, to_method, target in COMPILED:
        if asked == alias_method and (match := pattern.match(path)):
            return (method if to_method == asked else to_method), match.expand(target)
    return method, path
