"""Accounts in answers and bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from project.kernel.inputs import Bool, Count, DateTimeIn, IdOut, In, Line, Out, Patch, Small, Text
from project.kernel.schemas import CountedPage, Page

# Fields that only the owner and staff get: absent for everybody else, so not required in the document.
PRIVATE_FIELDS = (
    "email",
    "email_verified",
    "mobile",
    "mobile_verified",
    "last_activity_at",
    "pending_email",
)


def optional(*names: str) -> ConfigDict:
    """Model configuration under which these fields may be absent."""

    def relax(schema: dict[str, Any]) -> None:
        if "required" in schema:
            schema["required"] = [name for name in schema["required"] if name not in names]

    return ConfigDict(json_schema_serialization_defaults_required=True, json_schema_extra=relax)


class AccountBrief(Out):
    """An account beside a post, in a list, as an actor."""

    id: IdOut
    username: str
    full_name: str
    avatar_url: str | None
    is_private: bool


class BlockScopes(Out):
    """What a block covers. `all` stands alone."""

    all: bool
    posts: bool
    stories: bool


class MuteSwitches(Out):
    """What is muted, and until when."""

    posts: bool
    stories: bool
    notifications: bool
    expires_at: datetime | None


class Relationship(Out):
    """The signed-in account's relation to another. Whether they block me is never told."""

    account_id: IdOut
    following: bool
    followed_by: bool
    requested: bool
    requested_by: bool
    blocking: BlockScopes | None
    muting: MuteSwitches | None
    close_friend: bool


class StatusOut(Out):
    """A short status beside the name."""

    text: str
    emoji: str
    expires_at: datetime | None


class AccountDetail(AccountBrief):
    """A profile. The contact fields are there for the owner and staff only."""

    model_config = optional(*PRIVATE_FIELDS)

    bio: str
    website: str
    gender: Literal["unspecified", "female", "male", "other"]
    status: StatusOut | None
    show_followers: bool
    show_following: bool
    posts_count: Count
    followers_count: Count
    following_count: Count
    has_story: bool
    relationship: Relationship | None
    created_at: datetime
    email: str | None = None
    email_verified: bool | None = None
    mobile: str | None = None
    mobile_verified: bool | None = None
    last_activity_at: datetime | None = None
    pending_email: str | None = None


class RegisteredAccount(AccountDetail):
    """The new account; with `?login=true` also its first tokens."""

    model_config = optional(*PRIVATE_FIELDS, "access", "refresh", "expires_in")

    access: str | None = None
    refresh: str | None = None
    expires_in: Small | None = None


class ProfilePatch(Patch):
    """What to change of one's profile; absent fields stay, an empty string clears."""

    full_name: Annotated[Line, StringConstraints(max_length=60)] = ""
    bio: Annotated[Text, StringConstraints(max_length=500)] = ""
    website: Annotated[
        str,
        Field(max_length=200, pattern=r"^(https?://[^\s\u0000<>\"]+)?$", examples=["https://example.org"]),
    ] = ""
    gender: Literal["unspecified", "female", "male", "other"] = "unspecified"
    is_private: Bool = False
    show_followers: Bool = True
    show_following: Bool = True


class StatusIn(In):
    """A short status: a text, an emoji or both, until `expires_at` where given."""

    text: Annotated[Line, StringConstraints(max_length=60)] = ""
    emoji: Annotated[Line, StringConstraints(max_length=8), Field(examples=["🌊"])] = ""
    expires_at: DateTimeIn | None = None


AccountPage = Page[AccountBrief]
CountedAccountPage = CountedPage[AccountBrief]
