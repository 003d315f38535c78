"""Changing username, e-mail address and mobile number."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from project.kernel.inputs import Email, In, Line, Out, Text
from social.schemas.auth import Password

LinkToken = Annotated[Text, StringConstraints(min_length=1, max_length=200)]


class UsernameChangeIn(In):
    """The new username, confirmed by the password."""

    password: Password
    new_username: Annotated[
        Line,
        StringConstraints(min_length=3, max_length=30),
        Field(description="letters, digits, '.' and '_'; not all digits", examples=["ada.king"]),
    ]


class UsernameOut(Out):
    """The username, and from when on it can be changed again."""

    username: str
    next_change_at: datetime


class EmailChangeIn(In):
    """The new address, confirmed by the password."""

    password: Password
    new_email: Email


class EmailPendingOut(Out):
    """Where a link was mailed to, and until when it works."""

    email: str
    expires_at: datetime


class EmailVerifyIn(In):
    """The token of a mailed link."""

    token: LinkToken


class EmailVerifyQuery(BaseModel):
    """The token of a mailed link."""

    token: LinkToken


class EmailVerifiedOut(Out):
    """The address that is proved now."""

    email: str
    email_verified: bool


class MobileChangeIn(In):
    """The new number in international form, confirmed by the password."""

    password: Password
    mobile: Annotated[
        Line, StringConstraints(min_length=1, max_length=32), Field(examples=["+49 1512 3456789"])
    ]


class MobilePendingOut(Out):
    """Which number a code was sent to, and until when it works."""

    mobile: str
    expires_at: datetime


class MobileVerifyIn(In):
    """The code that was sent."""

    code: Annotated[Line, Field(pattern=r"^[0-9]{6}$", examples=["012345"])]


class MobileVerifiedOut(Out):
    """The number that is proved now, and logs in."""

    mobile: str
    mobile_verified: bool
