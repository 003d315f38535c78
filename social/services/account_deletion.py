"""Deleting an account: the mailed link, and the ways to the same state without one (R16). What removes the
data later is in `purge`."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from project.kernel.errors import Forbidden, NotFound, Unprocessable
from project.kernel.viewer import Viewer
from social.access import AccountRef, access_account, find_card
from social.errors import LinkExpired
from social.mail import api_link, send_later
from social.models import Account, AccountState, TokenPurpose
from social.services import one_time_tokens
from social.services.account_state import leave, purge_due_at
from social.services.accounts import active_account
from social.services.credentials import confirm_password

PATH = "/delete-account/"
HERE = (AccountState.ACTIVE, AccountState.DEACTIVATED)


@dataclass(frozen=True, slots=True)
class Deleted:
    """A deleted account. It can be restored before `restorable_until`; from then on it is purged."""

    account_id: int
    restorable_until: datetime


def request_deletion(request: HttpRequest, *, actor: Viewer, password: str) -> None:
    """Mail the actor the link that deletes the account; an older link is void. Raises WrongPassword,
    LockedOut."""
    account = _own(actor)
    confirm_password(request, account=account, password=password)
    with transaction.atomic():
        token = one_time_tokens.issue(
            account_id=account.pk,
            purpose=TokenPurpose.ACCOUNT_DELETION,
            lifetime=settings.ACCOUNT_DELETION_LINK_LIFETIME,
            payload={"password": _print_of(account)},
        )
        context = {"username": account.username, "link": api_link(PATH, token)}
        send_later("delete_account", account.email, context)


def delete_by_link(token: str) -> Deleted:
    """Delete the account that a mailed link is for. Raises LinkExpired after its time; NotFound for a link
    that is forged, used or replaced, or older than the account's password."""
    if not one_time_tokens.is_open(token, TokenPurpose.ACCOUNT_DELETION):
        raise NotFound
    grant = one_time_tokens.peek(token, TokenPurpose.ACCOUNT_DELETION)
    account = Account.objects.filter(pk=grant.account_id, state__in=HERE).first()
    if account is None or not hmac.compare_digest(str(grant.payload.get("password")), _print_of(account)):
        raise NotFound

    def use_up() -> None:
        try:
            one_time_tokens.spend(token, TokenPurpose.ACCOUNT_DELETION)
        except LinkExpired:
            # Open a moment ago: another call has used it.
            raise NotFound from None

    return _delete(account.pk, together_with=use_up)


def delete_account(request: HttpRequest, *, actor: Viewer, ref: AccountRef, password: str | None) -> Deleted:
    """Delete one's own account, confirmed by its password, or as staff another's.

    Raises Unprocessable where the owner sends no password, WrongPassword, LockedOut; NotFound; Forbidden
    for others, and for staff who are no superusers where the account is staff's."""
    card = find_card(ref)
    if card is not None and actor.owns(card.id):
        if password is None:
            raise Unprocessable.field("/password", "missing", "Confirm with your password.")
        confirm_password(request, account=_own(actor), password=password)
        return _delete(card.id)
    if not actor.is_staff:
        seen = access_account(actor, ref)
        # Whoever the viewer blocks has no account to be forbidden.
        raise NotFound if seen.relation.blocks_fully else Forbidden
    if card is None:
        raise NotFound
    if not actor.is_superuser and Account.objects.filter(pk=card.id, is_staff=True).exists():
        raise Forbidden
    return _delete(card.id)


def _delete(account_id: int, together_with: Callable[[], None] | None = None) -> Deleted:
    leave(account_id, AccountState.DELETED, together_with=together_with)
    account = Account.objects.get(pk=account_id)
    until = purge_due_at(account)
    if until is None:
        raise NotFound
    return Deleted(account_id, until)


def _own(actor: Viewer) -> Account:
    account = active_account(actor.id)
    if account is None:
        raise NotFound
    return account


def _print_of(account: Account) -> str:
    """What changes with the password and tells nothing of it: a link dies with a password change."""
    return hashlib.sha256(b"account-deletion:" + account.password.encode()).hexdigest()
