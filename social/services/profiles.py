"""Changing what an account shows of itself, and whether it is private (R38)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import connection, transaction

from graph.errors import GraphUnavailable
from graph.writes.accounts import set_private
from project.kernel.errors import NotFound, PreconditionFailed
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.hydration import load_cards
from social.models import Account, AccountState, Profile
from social.services.marks import facts_of, relationship_write

log = logging.getLogger(__name__)
ACCOUNT_FIELDS = frozenset({"full_name"})
PROFILE_FIELDS = frozenset({"bio", "website", "gender", "show_followers", "show_following"})


def update_profile(*, actor: Viewer, changes: Mapping[str, Any], if_version: int | None = None) -> None:
    """Apply `changes` to the actor's own profile.

    `if_version` is the version the client has read; another one raises PreconditionFailed. Opening a private account
    needs the graph (GraphUnavailable, and nothing has changed); closing one stands without it."""
    plain = {name: value for name, value in changes.items() if name != "is_private"}
    if "is_private" not in changes:
        _write(actor.id, plain, if_version)
        return
    with _one_switch_at_a_time(actor.id):
        if changes["is_private"]:
            _close(actor.id, plain, if_version)
        else:
            _open(actor.id, plain, if_version)


def _write(
    account_id: int, changes: Mapping[str, Any], if_version: int | None, is_private: bool | None = None
) -> None:
    with transaction.atomic():
        account = lock_account(account_id, if_version)
        for name in ACCOUNT_FIELDS & changes.keys():
            setattr(account, name, changes[name])
        if is_private is not None:
            account.is_private = is_private
        account.version += 1
        account.save(update_fields=["version", "is_private", *(ACCOUNT_FIELDS & changes.keys())])
        if mine := {name: changes[name] for name in PROFILE_FIELDS & changes.keys()}:
            Profile.objects.filter(pk=account_id).update(**mine)
        emit(Topic.ACCOUNT, account_id)


def _close(account_id: int, changes: Mapping[str, Any], if_version: int | None) -> None:
    # Postgres first: from this commit on nobody new sees anything, whatever becomes of the graph.
    _write(account_id, changes, if_version, is_private=True)
    card = load_cards([account_id])[account_id]
    try:
        set_private(facts_of(card), True)
    except GraphUnavailable:
        log.warning("account closed while the graph was away; the relay completes it")


def _open(account_id: int, changes: Mapping[str, Any], if_version: int | None) -> None:
    with transaction.atomic():
        lock_account(account_id, if_version)
    card = load_cards([account_id])[account_id]
    if card.is_private:
        # The graph first: if it does not answer, the account stays private and nothing is half-done.
        with relationship_write(account_id, account_id):
            set_private(facts_of(replace(card, is_private=False)), False)
    _write(account_id, changes, None, is_private=False)


def lock_account(account_id: int, if_version: int | None = None) -> Account:
    """The active account under its row lock. Raises NotFound, PreconditionFailed where it is at another version."""
    account = Account.objects.select_for_update().filter(pk=account_id, state=AccountState.ACTIVE).first()
    if account is None:
        raise NotFound
    if if_version is not None and account.version != if_version:
        raise PreconditionFailed
    return account


@contextmanager
def _one_switch_at_a_time(account_id: int) -> Iterator[None]:
    """Switches of one account wait for each other across both stores, without a transaction open meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s::int)", [0x5057, account_id % 2**31])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s::int)", [0x5057, account_id % 2**31])
