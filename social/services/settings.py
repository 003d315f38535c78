"""Reading and changing what an account has set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from project.kernel.clock import now
from project.kernel.errors import PreconditionFailed
from project.kernel.viewer import Viewer
from social.models import AccountSettings, ContactPolicy, Profile
from social.services.profiles import lock_account

# Shown in the profile too, where they are stored; a setting all the same.
PROFILE_FIELDS = frozenset({"show_followers", "show_following"})


def load_settings(account_id: int) -> AccountSettings:
    """The account's settings; the defaults where it never changed any. One query."""
    found = AccountSettings.objects.filter(pk=account_id).first()
    return found or AccountSettings(account_id=account_id)


def mention_policies(account_ids: Iterable[int]) -> dict[int, str]:
    """account id → who may mention it, of those that do not accept everyone; one query."""
    rows = AccountSettings.objects.filter(pk__in=set(account_ids)).exclude(
        allow_mentions_from=ContactPolicy.EVERYONE
    )
    return dict(rows.values_list("account_id", "allow_mentions_from"))


def update_settings(*, actor: Viewer, changes: Mapping[str, Any], if_version: int | None = None) -> None:
    """Apply `changes` to the actor's settings. Raises PreconditionFailed where they are at another version than
    `if_version`, NotFound for an account that is gone."""
    with transaction.atomic():
        row = _locked(actor.id, if_version)
        for name, value in changes.items():
            if name not in PROFILE_FIELDS:
                setattr(row, name, value)
        if mine := {name: changes[name] for name in PROFILE_FIELDS & changes.keys()}:
            Profile.objects.filter(pk=actor.id).update(**mine)
        _save(row)


def update_notifications(
    *, actor: Viewer, changes: Mapping[str, Mapping[str, bool]], if_version: int | None = None
) -> None:
    """Switch channels of kinds: {kind: {channel: bool}}. Raises as `update_settings`."""
    with transaction.atomic():
        row = _locked(actor.id, if_version)
        chosen = dict(row.notifications)
        for kind, channels in changes.items():
            chosen[kind] = {**chosen.get(kind, {}), **channels}
        row.notifications = chosen
        _save(row)


def _locked(account_id: int, if_version: int | None) -> AccountSettings:
    # The account's row stands for settings that have no row yet.
    lock_account(account_id)
    row = load_settings(account_id)
    if if_version is not None and row.version != if_version:
        raise PreconditionFailed
    return row


def _save(row: AccountSettings) -> None:
    row.version += 1
    row.updated_at = now()
    row.save()
