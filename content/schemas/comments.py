"""Comments in answers and bodies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from content.models.comment import TEXT_LENGTH
from project.kernel.inputs import Count, Id, IdOut, In, Line, Out, Patch
from project.kernel.paging import PageQuery
from social.schemas.accounts import AccountBrief

CommentText = Annotated[
    Line,
    StringConstraints(min_length=1, max_length=TEXT_LENGTH),
    Field(description="`@` mentions", examples=["What a view, @ada"]),
]


class CommentIn(In):
    """A comment. A reply to a reply joins the thread of its parent."""

    text: CommentText
    reply_to: Annotated[Id | None, Field(description="id of a comment on the same post")] = None


class CommentPatch(Patch):
    """The new text."""

    text: CommentText


class CommentOut(Out):
    """A comment, or a reply where `reply_to` is set. The counts are the same for every viewer."""

    id: IdOut
    post_id: IdOut
    author: AccountBrief
    text: str
    reply_to: IdOut | None
    reply_count: Count
    like_count: Count
    has_liked: bool
    mentions: list[AccountBrief]
    created_at: datetime
    edited_at: datetime | None


class CommentAccepted(Out):
    """A comment that will stand under this id in a moment."""

    id: IdOut


class CommentQuery(PageQuery):
    """The order of threads: `new` is newest first, `top` most likes first, then most replies."""

    ordering: Literal["new", "top"] = "new"
