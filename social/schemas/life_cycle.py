"""Leaving and coming back: bodies and answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from project.kernel.inputs import In, Out
from social.schemas.auth import LoginIn, Password


class DeletionRequestIn(In):
    """Confirms that the owner asks."""

    password: Password


class DeletionIn(In):
    """The owner confirms with the password; staff send none."""

    password: Password | None = None


class DeletionQuery(BaseModel):
    """The token of the mailed link."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200), Field(description="as mailed")]


class DeletionOut(Out):
    """A deleted account. Until `restorable_until`, `account_restore` brings it back; then its data are purged."""

    state: Literal["deleted"]
    restorable_until: datetime


class RestoreIn(LoginIn):
    """The credentials of the account that comes back. `identifier` is what it logs in with."""
