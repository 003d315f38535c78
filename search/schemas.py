"""Queries and answers of search."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from content.schemas.hashtags import HashtagOut
from content.schemas.posts import PostOut
from project.kernel.inputs import NO_NUL, Out, clean_text
from project.kernel.paging import PageQuery
from social.schemas.accounts import AccountBrief

MAX_QUERY = 100
TOP, MAX_TOP = 5, 20


def _trimmed(value: str) -> str:
    text = value.strip()
    if not 1 <= len(text) <= MAX_QUERY:
        raise ValueError(f"must have 1 to {MAX_QUERY} characters besides surrounding spaces")
    return text


QueryText = Annotated[
    str,
    Field(
        description="What to look for: whole words, beginnings, small typos; case and accents do not matter",
        examples=["sunset"],
        json_schema_extra={"minLength": 1, "maxLength": MAX_QUERY, "pattern": NO_NUL},
    ),
    AfterValidator(clean_text),
    AfterValidator(_trimmed),
]


class SearchQuery(PageQuery):
    """`?q=&cursor=&limit=`."""

    q: QueryText


class TopQuery(BaseModel):
    """`?q=&limit=` of the search for everything."""

    q: QueryText
    limit: int = Field(
        TOP, ge=1, le=MAX_TOP, description="how many of each", json_schema_extra={"format": "int32"}
    )


class SearchResults(Out):
    """The best of each kind; each has a search of its own with pages."""

    users: list[AccountBrief]
    posts: list[PostOut]
    hashtags: list[HashtagOut]
