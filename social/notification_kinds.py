"""What an account can be told of, by which channel, and what it gets without having chosen."""

from __future__ import annotations

KINDS = (
    "follow",
    "follow_request",
    "follow_accepted",
    "like",
    "comment",
    "reply",
    "mention",
    "tag",
    "share",
    "story_reply",
    "missed_call",
)
CHANNELS = ("in_app", "push", "email")
DEFAULTS = {"in_app": True, "push": True, "email": False}


def switches(chosen: dict[str, dict[str, bool]]) -> dict[str, dict[str, bool]]:
    """Every kind with every channel: the defaults under what was chosen."""
    return {kind: {**DEFAULTS, **chosen.get(kind, {})} for kind in KINDS}
