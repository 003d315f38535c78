"""Changing a username (R15), and which names are kept for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from project.kernel.clock import now
from project.kernel.errors import Unprocessable
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.errors import InvalidToken, UsernameCooldown, UsernameTaken
from social.mail import send_later
from social.models import Account, FormerUsername
from social.services.credentials import confirm_password
from social.services.reservations import claim_name
from social.usernames import problem_with

POINTER = "/new_username"


@dataclass(frozen=True, slots=True)
class Renamed:
    """The name an account has now, and from when on it may take another."""

    username: str
    next_change_at: datetime


def change_username(request: HttpRequest, *, actor: Viewer, password: str, new_username: str) -> Renamed:
    """Give the actor's account another name. The old one leads to it, and is kept for its owner, for a while.

    Raises WrongPassword, LockedOut, Unprocessable, UsernameCooldown, UsernameTaken (also for a name that is kept for
    somebody else)."""
    if found := problem_with(new_username):
        raise Unprocessable.field(POINTER, *found)
    seen = Account.objects.get(pk=actor.id)
    confirm_password(request, account=seen, password=password)
    moment = now()
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=actor.id)
        if account.token_version != seen.token_version:
            raise InvalidToken
        old = account.username
        if new_username == old:
            raise Unprocessable.field(POINTER, "username_unchanged", _("This is your username already."))
        _refuse_too_soon(account, moment)
        account.username = new_username
        account.username_changed_at = moment
        account.version += 1
        try:
            with transaction.atomic():
                account.save(update_fields=["username", "username_changed_at", "version"])
        except IntegrityError:
            raise UsernameTaken from None
        claim_name(new_username, account.pk)
        if old.lower() != new_username.lower():
            FormerUsername.objects.update_or_create(
                name=old.lower(), defaults={"account": account, "left_at": moment}
            )
        emit(Topic.ACCOUNT, account.pk)
        send_later("username_changed", account.email, {"username": new_username, "old_username": old})
    return Renamed(new_username, moment + settings.USERNAME_COOLDOWN)


def _refuse_too_soon(account: Account, moment: datetime) -> None:
    if account.username_changed_at is None:
        return
    next_at = account.username_changed_at + settings.USERNAME_COOLDOWN
    if moment < next_at:
        raise UsernameCooldown(
            _("You can change your username again on %(date)s.") % {"date": f"{next_at:%Y-%m-%d %H:%M} UTC"},
            retry_after=ceil((next_at - moment).total_seconds()),
        )
