"""Every change of the graph, one Cypher statement each, by noun. Callers say `from graph import writes`."""

from graph.writes.accounts import delete_account, set_active, set_private, upsert_account
from graph.writes.blocks import block, unblock
from graph.writes.close_friends import add_close_friend, remove_close_friend
from graph.writes.follows import (
    accept_request,
    cancel_request,
    follow,
    reject_request,
    remove_follower,
    unfollow,
)
from graph.writes.mutes import mute, unmute

__all__ = [
    "accept_request",
    "add_close_friend",
    "block",
    "cancel_request",
    "delete_account",
    "follow",
    "mute",
    "reject_request",
    "remove_close_friend",
    "remove_follower",
    "set_active",
    "set_private",
    "unblock",
    "unfollow",
    "unmute",
    "upsert_account",
]
