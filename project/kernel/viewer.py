"""Who makes the request. Plain facts from the access token; no account row is loaded for them."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks: an account id, or None where nobody is signed in."""

    account_id: int | None = None
    is_staff: bool = False
    is_superuser: bool = False
    session_id: int | None = None

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def id(self) -> int:
        """The account id of a viewer who is signed in."""
        assert self.account_id is not None, "an operation that needs an account let an anonymous viewer in"
        return self.account_id

    def owns(self, account_id: int) -> bool:
        return self.account_id == account_id


ANONYMOUS = Viewer()


class ViewerRequest(HttpRequest):
    """The request as operations see it: authentication has put the viewer there."""

    auth: Viewer
    id: str
