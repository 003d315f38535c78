"""Changing and recovering passwords."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from project.kernel.inputs import Email, In
from social.schemas.auth import NewPassword, Password, RefreshIn


class RecoveryIn(In):
    """The address of the account whose password is lost."""

    email: Email


class NewPasswordIn(In):
    """A new password, twice."""

    new_password: NewPassword
    new_password2: NewPassword

    @model_validator(mode="after")
    def _same_password(self) -> Self:
        if self.new_password2 != self.new_password:
            raise ValueError("new_password and new_password2 differ")
        return self


class PasswordResetIn(NewPasswordIn):
    """`token` is the one that was mailed; it may come as a Bearer token instead."""

    token: Annotated[RefreshIn | None, Field(description="the mailed token")] = None


class PasswordChangeIn(NewPasswordIn):
    """The password in use, and the new one."""

    old_password: Password
