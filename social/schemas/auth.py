"""Registration, log-in, tokens."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from project.kernel.inputs import Email, In, Line, Out, Secret, Small, Text
from social.schemas.accounts import AccountBrief, optional

Password = Annotated[
    Secret, StringConstraints(min_length=1, max_length=128), Field(json_schema_extra={"format": "password"})
]
NewPassword = Annotated[
    Secret, StringConstraints(min_length=8, max_length=128), Field(json_schema_extra={"format": "password"})
]
RefreshIn = Annotated[Text, StringConstraints(min_length=1, max_length=512)]


class RegisterIn(In):
    """What someone signs up with."""

    username: Annotated[
        Line,
        StringConstraints(min_length=3, max_length=30),
        Field(description="letters, digits, '.' and '_'; not all digits", examples=["ada.lovelace"]),
    ]
    email: Email
    password: NewPassword
    password2: Annotated[
        NewPassword | None, Field(description="the password again, where a form asks for it")
    ] = None
    full_name: Annotated[Line, StringConstraints(max_length=60)] = ""
    mobile: Annotated[Line, StringConstraints(max_length=32), Field(description="international form")] = ""

    @model_validator(mode="after")
    def _same_password(self) -> RegisterIn:
        if self.password2 is not None and self.password2 != self.password:
            raise ValueError("password and password2 differ")
        return self


class LoginIn(In):
    """`identifier` is a username, an e-mail address or a mobile number in international form."""

    identifier: Annotated[Line, StringConstraints(min_length=1, max_length=254)]
    password: Password

    @model_validator(mode="before")
    @classmethod
    def _other_names(cls, data: Any) -> Any:
        # Forms often name the field by what it holds.
        if isinstance(data, dict) and "identifier" not in data:
            for name in ("username", "email", "mobile"):
                if name in data:
                    rest = {k: v for k, v in data.items() if k != name}
                    return {**rest, "identifier": data[name]}
        return data


class VerifyIn(In):
    """An access token or a refresh token."""

    token: Annotated[Text, StringConstraints(min_length=1, max_length=4096)]


class Verified(Out):
    """Nothing but that it is so."""


class RefreshBody(In):
    """The refresh token to rotate; without it the cookie's."""

    refresh: RefreshIn | None = None


class LogoutBody(In):
    """The refresh token of the device that signs out; without it the cookie's, or only the session of the access
    token."""

    refresh: RefreshIn | None = None


class Tokens(Out):
    """An access token for `expires_in` seconds, and the refresh token for the next one (absent where a cookie holds
    it)."""

    model_config = optional("refresh")

    access: str
    refresh: str | None = None
    expires_in: Small
    account: AccountBrief
