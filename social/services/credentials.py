"""Checking a password outside of logging in: to confirm something grave, or to bring an account back.

Failures count in the same lockout as those of log-in, by account and address, so that neither is a second budget for
guessing (R11)."""

from __future__ import annotations

from collections.abc import Collection

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest

from social.errors import InvalidCredentials, LockedOut, WrongPassword
from social.models import Account
from social.services.accounts import resolve_identifier


def confirm_password(request: HttpRequest, *, account: Account, password: str) -> None:
    """Make sure that the caller knows the password of the account they are signed in as. Raises WrongPassword,
    LockedOut."""
    _refuse_locked_out(request, account.username)
    if not account.check_password(password):
        _count_failure(request, account.username)
        raise WrongPassword


def account_of_credentials(
    request: HttpRequest, *, identifier: str, password: str, states: Collection[str]
) -> Account:
    """The account in one of `states` that username, e-mail or mobile and password name.

    Raises InvalidCredentials (one answer and one cost for unknown, wrong and in another state), LockedOut."""
    account = resolve_identifier(identifier.strip())
    counted_as = account.username if account is not None else identifier.strip().lower()[:200]
    _refuse_locked_out(request, counted_as)
    if account is None:
        # As costly as a wrong password.
        Account().set_password(password)
        known = False
    else:
        known = account.check_password(password)
    if account is None or not known or account.state not in states:
        _count_failure(request, counted_as)
        raise InvalidCredentials
    return account


def _count_failure(request: HttpRequest, username: str) -> None:
    AxesProxyHandler.user_login_failed(sender=Account, credentials={"username": username}, request=request)
    _refuse_locked_out(request, username)


def _refuse_locked_out(request: HttpRequest, username: str) -> None:
    if not AxesProxyHandler.is_allowed(request, {"username": username}):
        raise LockedOut(retry_after=int(settings.AXES_COOLOFF_TIME.total_seconds()))
