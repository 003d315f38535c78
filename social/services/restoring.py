"""Bringing an account back by its credentials (R16)."""

from __future__ import annotations

from django.http import HttpRequest

from social.errors import InvalidCredentials
from social.models import Account, AccountState
from social.services.account_state import come_back
from social.services.accounts import active_account
from social.services.credentials import account_of_credentials
from social.services.sessions import Tokens, open_session

# Whoever is suspended is answered as if the password were wrong.
RESTORABLE = (AccountState.ACTIVE, AccountState.DEACTIVATED, AccountState.DELETED)


def restore(request: HttpRequest, *, identifier: str, password: str) -> Tokens:
    """Bring back the account that the credentials name, and open a session.

    Raises InvalidCredentials where they are wrong or it cannot come back, LockedOut, GraphUnavailable."""
    account = account_of_credentials(request, identifier=identifier, password=password, states=RESTORABLE)
    come_back(account.pk)
    return open_session(request, _returned(account))


def _returned(account: Account) -> Account:
    returned = active_account(account.pk)
    if returned is None:
        raise InvalidCredentials
    return returned
