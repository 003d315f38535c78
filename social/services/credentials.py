"""Checking a password: to log in, to confirm something grave, to bring an account back.

Failures count in one lockout, by account and address, so that three identifiers are not three budgets and no
operation is a second one for guessing (R11). Attempts also pass the `login` rate limit under the same name, which is
atomic: what is sent in parallel does not get past the lockout before its count is up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from math import ceil

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Max
from django.http import HttpRequest

from project.kernel.client import client_ip
from project.kernel.clock import now
from project.kernel.throttling import enforce
from social.errors import InvalidCredentials, LockedOut, WrongPassword
from social.models import Account
from social.services.accounts import resolve_identifier


def confirm_password(request: HttpRequest, *, account: Account, password: str) -> None:
    """Make sure that the caller knows the password of the account they are signed in as. Raises WrongPassword,
    LockedOut, TooManyRequests."""
    counted_as = account.username.lower()
    _refuse_locked_out(request, counted_as)
    if not _is_password(account, password):
        _count_failure(request, counted_as)
        raise WrongPassword
    _forgive(request, counted_as)


def account_of_credentials(
    request: HttpRequest, *, identifier: str, password: str, states: Collection[str]
) -> Account:
    """The account in one of `states` that username, e-mail or mobile and password name.

    Raises InvalidCredentials (one answer and one cost for unknown, wrong and in another state), LockedOut,
    TooManyRequests."""
    account = resolve_identifier(identifier.strip())
    counted_as = (account.username if account is not None else identifier.strip()[:200]).lower()
    _refuse_locked_out(request, counted_as)
    if account is None:
        # As costly as a wrong password.
        make_password(password)
    elif _is_password(account, password) and account.state in states:
        _forgive(request, counted_as)
        return account
    _count_failure(request, counted_as)
    raise InvalidCredentials


def forget_failures(account: Account) -> None:
    """End the lockouts of an account, from every address: its owner has proved themselves in another way."""
    AxesProxyHandler.reset_attempts(username=account.username.lower())


def axes_username(request: HttpRequest | None, credentials: dict[str, str] | None) -> str | None:
    """The name under which the admin's own log-in form counts: that of the API, whatever its case."""
    name = (credentials or {}).get("username")
    if name is None and request is not None:
        name = request.POST.get("username")
    return name.lower() if name else name


def _is_password(account: Account, password: str) -> bool:
    seen = account.password

    def upgrade(raw: str) -> None:
        # Only where it is still the hash that was checked: a change of password meanwhile must not be undone.
        Account.objects.filter(pk=account.pk, password=seen).update(password=make_password(raw))

    return check_password(password, seen, upgrade)


def _count_failure(request: HttpRequest, counted_as: str) -> None:
    AxesProxyHandler.user_login_failed(sender=Account, credentials={"username": counted_as}, request=request)
    if getattr(request, "axes_locked_out", False):
        raise _locked_out(request, counted_as)


def _forgive(request: HttpRequest, counted_as: str) -> None:
    AxesProxyHandler.reset_attempts(username=counted_as, ip_address=client_ip(request))


def _refuse_locked_out(request: HttpRequest, counted_as: str) -> None:
    enforce(request, "login", f"{counted_as}@{client_ip(request)}")
    if not AxesProxyHandler.is_allowed(request, {"username": counted_as}):
        raise _locked_out(request, counted_as)


def _locked_out(request: HttpRequest, counted_as: str) -> LockedOut:
    last: datetime | None = AccessAttempt.objects.filter(
        username=counted_as, ip_address=client_ip(request)
    ).aggregate(last=Max("attempt_time"))["last"]
    left = settings.AXES_COOLOFF_TIME
    if last is not None:
        left -= now() - last
    return LockedOut(retry_after=max(1, ceil(left.total_seconds())))
