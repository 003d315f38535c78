"""Hashtags in answers and queries."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from project.kernel.inputs import Count, Out
from project.kernel.paging import PageQuery


class HashtagOut(Out):
    """A hashtag by its case-folded name, without `#`. `following` is the viewer's."""

    name: str
    post_count: Annotated[
        Count, Field(description="posts for everyone by public accounts, the same for every viewer")
    ]
    following: bool


class HashtagQuery(PageQuery):
    """The order of posts: `new` is newest first by publication, `top` most likes first."""

    ordering: Literal["new", "top"] = "new"
