"""What a username may be (R10): so that `{user}` in a path is an id or a username without doubt, and log-in tells
username, e-mail and mobile apart."""

from __future__ import annotations

import re

MIN_LENGTH, MAX_LENGTH = 3, 30
SHAPE = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_]|\.(?!\.))*(?<!\.)\Z")
# Words that stand in a path where a username may stand, or that pretend to be the service.
_RESERVED = """
about access account accounts activity admin administrator api auth batch block blocks calls
comments contact conversations deactivate-account delete-account docs drafts events explore exports
feed files follow followers following hashtags health help home insights likes login logout mail me
media messages moderation mute mutes notifications official openapi page-permissions permissions
photogram popular posts privacy profile profiles register relationships reports restore-account
roles root saved search security self sessions settings share shares staff static stories support
system tags terms toggle trending undefined null user users www
"""
RESERVED = frozenset(_RESERVED.split())


def problem_with(username: str) -> tuple[str, str] | None:
    """(code, message) of what is wrong with `username`, or None."""
    if not MIN_LENGTH <= len(username) <= MAX_LENGTH:
        return "username_length", f"must have {MIN_LENGTH} to {MAX_LENGTH} characters"
    if not SHAPE.match(username) or not username.isascii():
        return (
            "username_characters",
            "only letters, digits, '.' and '_'; no dot at the ends, no two dots together",
        )
    if username.isdigit():
        return "username_digits", "must not be all digits"
    if username.lower() in RESERVED:
        return "username_reserved", "this word is reserved"
    return None
