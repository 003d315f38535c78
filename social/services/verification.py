"""Proving e-mail addresses: the link that was mailed to one, and what opening it does."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from project.kernel.clock import now
from social.errors import EmailTaken, LinkExpired
from social.mail import api_link, send_later
from social.models import Account, AccountState, TokenPurpose
from social.services import one_time_tokens

PATH = "/auth/email/verify/"
# Who may still prove an address: not who was deleted or suspended.
PRESENT = (AccountState.ACTIVE, AccountState.DEACTIVATED)
# What was mailed to the old address, and proves nothing once there is a new one.
DIES_WITH_ADDRESS = (
    TokenPurpose.EMAIL_VERIFY,
    TokenPurpose.PASSWORD_RECOVERY,
    TokenPurpose.ACCOUNT_DELETION,
)


def send_verification(account: Account) -> datetime:
    """Mail a link that proves the account's present address; an older one is void. Returns when it ends."""
    with transaction.atomic():
        link = _link(account, TokenPurpose.EMAIL_VERIFY, account.email)
        send_later("verify_email", account.email, {"username": account.username, "link": link})
    return now() + settings.EMAIL_LINK_LIFETIME


def send_change(account: Account, new_email: str) -> datetime:
    """Mail a link to `new_email` that makes it the account's address; an older one is void. Returns when it ends."""
    with transaction.atomic():
        link = _link(account, TokenPurpose.EMAIL_CHANGE, new_email)
        context = {"username": account.username, "new_email": new_email, "link": link}
        send_later("change_email", new_email, context)
    return now() + settings.EMAIL_LINK_LIFETIME


def verify_email(token: str) -> str:
    """Prove the address that the token was mailed to: the one of sign-up, or a new one, which becomes the account's.
    Returns the address.

    Raises NotFound for a forged token, LinkExpired for one that is used, replaced or past its time, EmailTaken where
    another account has got the address meanwhile."""
    grant = one_time_tokens.peek(token, TokenPurpose.EMAIL_VERIFY, TokenPurpose.EMAIL_CHANGE)
    with transaction.atomic():
        # The account before the token: whoever voids its tokens locks in this order.
        account = Account.objects.select_for_update().filter(pk=grant.account_id, state__in=PRESENT).first()
        if account is None:
            raise LinkExpired
        email = str(one_time_tokens.spend(token, grant.purpose).payload["email"])
        if grant.purpose is TokenPurpose.EMAIL_CHANGE:
            _replace(account, email)
        elif account.email != email:
            raise LinkExpired
        else:
            account.email_verified_at = account.email_verified_at or now()
            account.save(update_fields=["email_verified_at"])
    return email


def pending_email(account_id: int) -> str | None:
    """The new address that waits for its proof."""
    payload = one_time_tokens.pending(account_id, TokenPurpose.EMAIL_CHANGE)
    return None if payload is None else str(payload["email"])


def masked(email: str) -> str:
    """An address that its owner recognises and others cannot use: `n…@example.org`."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


def _replace(account: Account, email: str) -> None:
    old = account.email
    account.email = email
    account.email_verified_at = now()
    try:
        # The unique constraint decides, so that two at once cannot both have it.
        with transaction.atomic():
            account.save(update_fields=["email", "email_verified_at"])
    except IntegrityError:
        raise EmailTaken from None
    one_time_tokens.void(account.pk, *DIES_WITH_ADDRESS)
    send_later("email_changed", old, {"username": account.username, "new_email": masked(email)})


def _link(account: Account, purpose: TokenPurpose, email: str) -> str:
    token = one_time_tokens.issue(
        account_id=account.pk,
        purpose=purpose,
        lifetime=settings.EMAIL_LINK_LIFETIME,
        payload={"email": email},
    )
    return api_link(PATH, token)
