"""Changing a password, and getting a new one by mail.

Both end in the same place: every device is out, and links that rested on the old password are void. Until then
nothing is revoked (R14)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest

from project.kernel.clock import now
from project.kernel.errors import NotFound, Unprocessable
from project.kernel.throttling import hit
from project.kernel.viewer import Viewer
from social.errors import InvalidToken, LinkExpired
from social.mail import send_later
from social.models import Account, AccountState, TokenPurpose
from social.services import one_time_tokens
from social.services.accounts import password_problems
from social.services.credentials import confirm_password, forget_failures
from social.services.sessions import end_all

POINTER = "/new_password"
# What was asked for with the old password, or by who held the mailbox under it.
DIES_WITH_PASSWORD = (
    TokenPurpose.PASSWORD_RECOVERY,
    TokenPurpose.EMAIL_CHANGE,
    TokenPurpose.ACCOUNT_DELETION,
)


def send_recovery(*, email: str, language: str) -> bool:
    """Mail a token for a new password to the account with this address; returns whether there was one to mail.

    A task of a worker: the request that asks for it does the same for every address, so that neither its answer nor
    its time tells who has an account. Deactivated and deleted accounts get it too, as their way back; a few an hour
    are sent, and earlier tokens stay good, so that asking in another's name costs them nothing."""
    found = Account.objects.filter(email__iexact=email).exclude(state=AccountState.SUSPENDED)
    account = found.first()
    if account is None:
        return False
    verdict = hit("recovery-mail", str(account.pk))
    if verdict is not None and not verdict.allowed:
        return False
    with transaction.atomic():
        # Locked, so that it is not purged and its address not changed under our hands.
        account = found.select_for_update().first()
        if account is None:
            return False
        token = one_time_tokens.issue(
            account_id=account.pk,
            purpose=TokenPurpose.PASSWORD_RECOVERY,
            lifetime=settings.PASSWORD_RECOVERY_LIFETIME,
            # Sent to this address: it proves nothing once the account has another one.
            payload={"email": account.email},
            replace=False,
        )
        send_later(
            "reset_password",
            account.email,
            {
                "username": account.username,
                "token": token,
                "link": settings.PASSWORD_RESET_URL.replace("{token}", token),
                "minutes": int(settings.PASSWORD_RECOVERY_LIFETIME.total_seconds() // 60),
            },
            language,
        )
    return True


def reset_password(*, token: str, new_password: str) -> None:
    """Set a new password for whom a recovery token was mailed to, and end all their sessions.

    Raises InvalidToken for a forged token, LinkExpired for one that is used or past its time, Unprocessable for a
    password that is too weak (the token stays good)."""
    try:
        grant = one_time_tokens.peek(token, TokenPurpose.PASSWORD_RECOVERY)
    except NotFound:
        raise InvalidToken from None
    account = Account.objects.get(pk=grant.account_id)
    _refuse_weak(account, new_password)
    encoded = make_password(new_password)
    with transaction.atomic():
        # The account before the token: whoever voids its tokens locks in this order.
        account = Account.objects.select_for_update().get(pk=grant.account_id)
        one_time_tokens.spend(token, TokenPurpose.PASSWORD_RECOVERY)
        if account.email != grant.payload["email"]:
            raise LinkExpired
        # The token came by mail, so the address is theirs.
        account.email_verified_at = account.email_verified_at or now()
        _replace(account, encoded)
    forget_failures(account)


def change_password(request: HttpRequest, *, actor: Viewer, old_password: str, new_password: str) -> None:
    """Set a new password and end all sessions, the caller's too.

    Raises WrongPassword, LockedOut, Unprocessable for a password that is too weak, InvalidToken where the account
    changed in another way meanwhile."""
    account = Account.objects.get(pk=actor.id)
    confirm_password(request, account=account, password=old_password)
    _refuse_weak(account, new_password)
    encoded = make_password(new_password)
    with transaction.atomic():
        locked = Account.objects.select_for_update().get(pk=actor.id)
        if locked.token_version != account.token_version:
            raise InvalidToken
        _replace(locked, encoded)


def _refuse_weak(account: Account, password: str) -> None:
    if problems := password_problems(password, account, POINTER):
        raise Unprocessable(errors=problems)


def _replace(account: Account, encoded: str) -> None:
    account.password = encoded
    account.save(update_fields=["password", "email_verified_at"])
    end_all(account_id=account.pk)
    one_time_tokens.void(account.pk, *DIES_WITH_PASSWORD)
    send_later("password_changed", account.email, {"username": account.username})
