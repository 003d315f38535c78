"""The fixed cast of the tests: ada, bob, cyd and dan. Public unless a test says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from project.testing.client import ApiClient
from social.models import Account
from social.services.accounts import Registration, register

PASSWORD = "correct horse battery"
NAMES = {"ada": "Ada Lovelace", "bob": "Bob Kahn", "cyd": "Cyd Charisse", "dan": "Dan Bricklin"}


@dataclass
class Member:
    """One of the cast: the account, and a client signed in as it."""

    account: Account
    api: ApiClient

    @property
    def id(self) -> int:
        return int(self.account.pk)

    @property
    def username(self) -> str:
        return self.account.username

    def follow(self, other: Member) -> Any:
        """Follow (or ask to follow) over the API."""
        response = self.api.post(f"/follow/{other.id}/")
        assert response.status_code in (200, 201), response.content
        return response

    def block(self, other: Member, scope: str = "all") -> Any:
        """Block over the API."""
        response = self.api.post(f"/block/{other.id}/", {"scope": scope})
        assert response.status_code in (200, 201), response.content
        return response

    def go_private(self, private: bool = True) -> Any:
        """Switch privacy over the API."""
        response = self.api.patch(f"/profiles/{self.id}/", {"is_private": private})
        assert response.status_code == 200, response.content
        return response


@dataclass
class Cast:
    """Everybody."""

    ada: Member
    bob: Member
    cyd: Member
    dan: Member


def make_member(username: str, full_name: str = "", **fields: Any) -> Member:
    """Register an account as a person would and sign it in; `fields` are set on the row afterwards."""
    account = register(Registration(username, f"{username}@example.org", PASSWORD, full_name))
    if fields:
        Account.objects.filter(pk=account.pk).update(**fields)
        account.refresh_from_db()
    return Member(account, ApiClient(account))


def make_cast() -> Cast:
    """The four, with their nodes in the graph as the relay would have made them."""
    from project.outbox.relay import drain

    cast = Cast(**{name: make_member(name, full_name) for name, full_name in NAMES.items()})
    drain()
    return cast
