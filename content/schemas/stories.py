"""Stories in answers, bodies and queries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from content.models.story import REPLY_LENGTH
from content.services.stories import StoryDraft
from project.kernel.inputs import Bool, Count, Id, IdOut, In, Line, Out
from project.kernel.paging import PageQuery
from social.schemas.accounts import AccountBrief
from social.schemas.media import MediaOut

StoryAudience = Literal["everyone", "close_friends"]


class StoryIn(In):
    """A new story. `media` is an own picture or video that is ready and that nothing else shows."""

    media: Annotated[Id, Field(description="own media")]
    audience: Annotated[
        StoryAudience, Field(description="`everyone` who may see the account's stories, or `close_friends`")
    ] = "everyone"
    allow_replies: Bool = True

    def to_draft(self) -> StoryDraft:
        """What the service takes."""
        return StoryDraft(**self.model_dump())


class StoryReplyIn(In):
    """What to answer."""

    text: Annotated[
        Line, StringConstraints(min_length=1, max_length=REPLY_LENGTH), Field(examples=["Where is that?"])
    ]


class StoryOut(Out):
    """A story, there until `expires_at`. `viewed`: the viewer has seen it; one's own count as seen.
    `viewer_count` is for its author alone, null to everybody else."""

    id: IdOut
    author: AccountBrief
    media: MediaOut
    audience: StoryAudience
    allow_replies: bool
    viewed: bool
    viewer_count: Count | None
    created_at: datetime
    expires_at: datetime


class TrayEntry(Out):
    """An account with its live stories, oldest first. `all_viewed`: there is nothing new among them."""

    account: AccountBrief
    stories: list[StoryOut]
    all_viewed: bool


class StoryViewer(AccountBrief):
    """An account that has seen the story, and since when."""

    viewed_at: datetime


class StoryReplyOut(Out):
    """A reply, which only its author and the story's read."""

    id: IdOut
    story_id: IdOut
    text: str
    created_at: datetime


class TrayQuery(PageQuery):
    """Muted stories are left out unless asked for."""

    include_muted: bool = Field(False, description="with the stories of accounts whose stories are muted")
