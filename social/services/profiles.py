"""Changing what an account shows of itself, and whether it is private (R38)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from graph.errors import GraphNotAsked, GraphUnavailable
from graph.writes.accounts import set_private
from project.kernel.clock import now
from project.kernel.errors import NotFound, PreconditionFailed, Unprocessable
from project.kernel.viewer import Viewer
from project.outbox.emit import emit, withdraw
from project.outbox.topics import Topic
from social.hydration import load_cards
from social.models import Account, AccountState, Profile
from social.opening import announce_opening, forget_opening
from social.registries import privacy_hooks
from social.services.marks import facts_of, relationship_write
from social.switching import one_switch_at_a_time

log = logging.getLogger(__name__)
ACCOUNT_FIELDS = frozenset({"full_name"})
STATUS_FIELDS = ("status_text", "status_emoji", "status_expires_at")
PROFILE_FIELDS = frozenset({"bio", "website", "gender", "show_followers", "show_following", *STATUS_FIELDS})


def update_profile(*, actor: Viewer, changes: Mapping[str, Any], if_version: int | None = None) -> None:
    """Apply `changes` to the actor's own profile.

    `if_version` is the version the client has read; another one raises PreconditionFailed. Opening a private account
    needs the graph (GraphUnavailable, and nothing has changed); closing one stands without it."""
    plain = {name: value for name, value in changes.items() if name != "is_private"}
    if "is_private" not in changes:
        _write(actor.id, plain, if_version)
        return
    with one_switch_at_a_time([actor.id]):
        if changes["is_private"]:
            _close(actor.id, plain, if_version)
        else:
            _open(actor.id, plain, if_version)


def set_status(
    *, actor: Viewer, text: str, emoji: str, expires_at: datetime | None, if_version: int | None = None
) -> None:
    """Show a status beside the actor's name, until `expires_at` where given. Raises Unprocessable where it is empty or
    its time is over, PreconditionFailed."""
    if not text and not emoji:
        raise Unprocessable.field("/text", "missing", _("A status needs a text or an emoji."))
    if expires_at is not None and expires_at <= now():
        raise Unprocessable.field("/expires_at", "not_in_future", _("The time must be in the future."))
    values = (text, emoji, expires_at)
    _write(actor.id, dict(zip(STATUS_FIELDS, values, strict=True)), if_version)


def clear_status(*, actor: Viewer) -> None:
    """Show no status; also where there is none."""
    if Profile.objects.filter(pk=actor.id).exclude(status_text="", status_emoji="").exists():
        _write(actor.id, dict(zip(STATUS_FIELDS, ("", "", None), strict=True)), None)


def _write(
    account_id: int, changes: Mapping[str, Any], if_version: int | None, is_private: bool | None = None
) -> None:
    with transaction.atomic():
        account = lock_account(account_id, if_version)
        for name in ACCOUNT_FIELDS & changes.keys():
            setattr(account, name, changes[name])
        if is_private is not None:
            account.is_private = is_private
        if is_private:
            forget_opening(account_id)
        account.version += 1
        account.save(update_fields=["version", "is_private", *(ACCOUNT_FIELDS & changes.keys())])
        if mine := {name: changes[name] for name in PROFILE_FIELDS & changes.keys()}:
            Profile.objects.filter(pk=account_id).update(**mine)
        if is_private is not None:
            privacy_hooks.run(account_id)
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
        was_private = lock_account(account_id, if_version).is_private
        marks = announce_opening(account_id) if was_private else []
    if not was_private:
        _write(account_id, changes, None, is_private=False)
        return
    opened = facts_of(replace(load_cards([account_id])[account_id], is_private=False))
    try:
        # The graph first: if it does not take it, the account stays private. If its answer is lost, the relay finishes
        # what it has begun.
        with relationship_write(account_id, account_id):
            set_private(opened, False)
    except GraphNotAsked:
        withdraw(marks)
        raise
    _write(account_id, changes, None, is_private=False)
    # Again, for those who asked in between because Postgres still said private. Who reads Postgres from now on follows
    # (`follow_account` looks twice).
    with relationship_write(account_id, account_id):
        set_private(opened, False)
    withdraw(marks)


def lock_account(account_id: int, if_version: int | None = None) -> Account:
    """The active account under its row lock. Raises NotFound, PreconditionFailed where it is at another version."""
    account = Account.objects.select_for_update().filter(pk=account_id, state=AccountState.ACTIVE).first()
    if account is None:
        raise NotFound
    if if_version is not None and account.version != if_version:
        raise PreconditionFailed
    return account
