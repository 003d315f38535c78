"""Settings in answers and bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from project.kernel.inputs import Bool, Out, Patch

Policy = Literal["everyone", "following", "followers", "nobody"]
Language = Annotated[
    str,
    Field(
        max_length=10,
        pattern=r"^([a-z]{2,3}(-[A-Za-z]{2,4})?)?$",
        description="of mails; empty: as the request asks",
        examples=["de"],
    ),
]


class SettingsOut(Out):
    """What the account has set. `following` are those I follow, `followers` those who follow me."""

    allow_messages_from: Policy
    allow_mentions_from: Annotated[Policy, Field(description="mentions in texts and tags on pictures")]
    show_activity_status: Annotated[bool, Field(description="mutual: who hides it does not see it either")]
    show_followers: bool
    show_following: bool
    language: str
    updated_at: datetime | None


class SettingsPatch(Patch):
    """What to change; absent fields stay."""

    allow_messages_from: Policy = "everyone"
    allow_mentions_from: Policy = "everyone"
    show_activity_status: Bool = True
    show_followers: Bool = True
    show_following: Bool = True
    language: Language = ""


class ChannelSwitches(Out):
    """By which channels a kind of notification comes."""

    in_app: bool
    push: bool
    email: bool


class NotificationSettings(Out):
    """Channels by kind of notification."""

    follow: ChannelSwitches
    follow_request: ChannelSwitches
    follow_accepted: ChannelSwitches
    like: ChannelSwitches
    comment: ChannelSwitches
    reply: ChannelSwitches
    mention: ChannelSwitches
    tag: ChannelSwitches
    share: ChannelSwitches
    story_reply: ChannelSwitches
    missed_call: ChannelSwitches


class ChannelPatch(Patch):
    """Channels to change; absent ones stay."""

    in_app: Bool = True
    push: Bool = True
    email: Bool = False


class NotificationSettingsPatch(Patch):
    """Kinds to change; absent ones stay."""

    follow: ChannelPatch = ChannelPatch()
    follow_request: ChannelPatch = ChannelPatch()
    follow_accepted: ChannelPatch = ChannelPatch()
    like: ChannelPatch = ChannelPatch()
    comment: ChannelPatch = ChannelPatch()
    reply: ChannelPatch = ChannelPatch()
    mention: ChannelPatch = ChannelPatch()
    tag: ChannelPatch = ChannelPatch()
    share: ChannelPatch = ChannelPatch()
    story_reply: ChannelPatch = ChannelPatch()
    missed_call: ChannelPatch = ChannelPatch()
