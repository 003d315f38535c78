"""Posts in answers, bodies and queries."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, TypeAdapter, WithJsonSchema

from content.models.hashtag import NAME_LENGTH
from content.models.post import CAPTION_LENGTH, LOCATION_LENGTH, TITLE_LENGTH
from content.services.posts import PostDraft
from content.text import fold_hashtag
from project.kernel.clock import now
from project.kernel.inputs import Count, DateIn, DateTimeIn, Id, IdOut, In, Line, Out, Patch, Text
from project.kernel.paging import PageQuery
from social.schemas.accounts import AccountBrief
from social.schemas.media import MediaOut

MAX_MEDIA, MAX_TAGGED = 10, 20
MAX_SEARCH = 100

Audience = Literal["everyone", "followers", "close_friends"]
State = Literal["published", "draft", "scheduled"]
CommentPolicy = Literal["everyone", "followers", "following", "nobody"]


def _unique(ids: list[int]) -> list[int]:
    if len(set(ids)) < len(ids):
        raise ValueError("the same id is there twice")
    return ids


Title = Annotated[Line, StringConstraints(max_length=TITLE_LENGTH)]
Caption = Annotated[
    Text,
    StringConstraints(max_length=CAPTION_LENGTH),
    Field(description="`#` makes hashtags, `@` mentions", examples=["First light #sunrise with @bob"]),
]
Location = Annotated[Line, StringConstraints(max_length=LOCATION_LENGTH)]
MediaIds = Annotated[
    list[Id],
    Field(max_length=MAX_MEDIA, description="own media in order", json_schema_extra={"uniqueItems": True}),
    AfterValidator(_unique),
]
TaggedIds = Annotated[
    list[Id],
    Field(
        max_length=MAX_TAGGED, description="ids of the people tagged", json_schema_extra={"uniqueItems": True}
    ),
    AfterValidator(_unique),
]


class PostIn(In):
    """A new post, or all of an existing one. What is published or scheduled needs at least one medium;
    `publish_at` goes with the state `scheduled` alone."""

    title: Title = ""
    caption: Caption = ""
    media: MediaIds = []
    audience: Audience = "everyone"
    tagged: TaggedIds = []
    # A factory: clients that send every default of the document must not publish a draft by a PUT.
    state: State = Field(
        default_factory=lambda: "published",
        description="without it a new post is published, and a replaced one keeps its state",
    )
    publish_at: DateTimeIn | None = Field(None, description="when to publish a scheduled post")
    location: Location = ""
    comment_policy: CommentPolicy = "everyone"

    def to_draft(self) -> PostDraft:
        """What the service takes."""
        return PostDraft(**self.model_dump())

    def replacement(self) -> dict[str, Any]:
        """Every field as a change of an existing post. A state that is not named stays as it is: leaving it
        out must not publish a draft."""
        fields = self.model_dump()
        if "state" not in self.model_fields_set:
            del fields["state"]
            if fields["publish_at"] is None:
                del fields["publish_at"]
        return fields


class PostPatch(Patch):
    """What to change of a post; absent fields stay, an empty string or list clears. `media` is the new
    order."""

    title: Title = ""
    caption: Caption = ""
    media: MediaIds = []
    audience: Audience = "everyone"
    tagged: TaggedIds = []
    state: State = "published"
    publish_at: DateTimeIn = Field(default_factory=now)
    location: Location = ""
    comment_policy: CommentPolicy = "everyone"


class PostOut(Out):
    """A post. The counts are the same for every viewer; people whom the viewer may not find are left out of
    `mentions` and `tagged`. `publish_at` is set while it is scheduled, `published_at` while it is
    published."""

    id: IdOut
    author: AccountBrief
    title: str
    caption: str
    audience: Audience
    state: State
    publish_at: datetime | None
    media: list[MediaOut]
    hashtags: list[str]
    mentions: list[AccountBrief]
    tagged: list[AccountBrief]
    location: str
    comment_policy: CommentPolicy
    like_count: Count
    comment_count: Annotated[Count, Field(description="replies included")]
    share_count: Count
    has_liked: bool
    has_saved: bool
    reposted_by: AccountBrief | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    edited_at: datetime | None


# ---- filters of the list

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_day = TypeAdapter(DateIn)
_moment = TypeAdapter(DateTimeIn)
_MOMENT_SCHEMA = WithJsonSchema({"type": "string"})


def _moment_of(value: Any, of_day: time) -> datetime:
    if not isinstance(value, str):
        raise ValueError("must be an RFC 3339 date or date-time")
    if _DAY.match(value):
        return datetime.combine(_day.validate_python(value), of_day, tzinfo=UTC)
    # An unescaped `+` of an offset arrives as a space.
    return _moment.validate_python(re.sub(r" (\d\d:\d\d)\Z", r"+\1", value))


def _start(value: Any) -> datetime:
    return _moment_of(value, time.min)


def _end(value: Any) -> datetime:
    return _moment_of(value, time.max)


def _range(value: Any) -> tuple[datetime, datetime]:
    days = value.split(",") if isinstance(value, str) else []
    if len(days) != 2 or not all(_DAY.match(day) for day in days):
        raise ValueError("must be two dates with a comma between: from,to")
    first, last = _start(days[0]), _end(days[1])
    if last < first:
        raise ValueError("the first date must not be after the second")
    return first, last


def _hashtag(value: str) -> str:
    if not (folded := fold_hashtag(value.removeprefix("#"))):
        raise ValueError("must be a hashtag")
    return folded


From = Annotated[datetime, BeforeValidator(_start), _MOMENT_SCHEMA]
To = Annotated[datetime, BeforeValidator(_end), _MOMENT_SCHEMA]
Days = Annotated[
    tuple[datetime, datetime],
    BeforeValidator(_range),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d,\d{4}-\d\d-\d\d$"}),
]
HashtagName = Annotated[Text, StringConstraints(max_length=NAME_LENGTH + 1), AfterValidator(_hashtag)]
Ordering = Literal["id", "-id", "created", "-created", "updated", "-updated", "likes", "-likes"]


class PostQuery(PageQuery):
    """Filters of the list of posts. A date stands for its whole day in UTC; all bounds are inclusive."""

    author: Annotated[Line, StringConstraints(min_length=1, max_length=30)] | None = Field(
        None, description="id or username"
    )
    created__gte: From | None = Field(None, description="date or date-time")
    created__lte: To | None = Field(None, description="date or date-time")
    created__date__range: Days | None = Field(None, description="from,to", examples=["2026-01-01,2026-01-31"])
    updated__gte: From | None = Field(None, description="date or date-time")
    updated__lte: To | None = Field(None, description="date or date-time")
    updated__date__range: Days | None = Field(None, description="from,to", examples=["2026-01-01,2026-01-31"])
    hashtag: HashtagName | None = Field(None, description="with or without `#`")
    search: Annotated[Line, StringConstraints(min_length=1, max_length=MAX_SEARCH)] | None = Field(
        None, description="part of the title or caption"
    )
    ordering: Ordering | None = Field(
        None,
        description="`-` for descending; newest first (`-id`) without it, by publication for `feed=home`",
    )
    feed: Literal["home"] | None = Field(
        None, description="only what the home feed is made of; needs sign-in"
    )


WINDOWS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


class PopularQuery(PageQuery):
    """Of which time: published in the last day, the last 7 or 30 days, or ever."""

    window: Literal["day", "week", "month", "all"] = Field(
        "all", description="when the posts were published: the last 24 hours, 7 or 30 days, or ever"
    )

    def published_from(self, moment: datetime) -> datetime | None:
        """The earliest publication, seen from `moment`."""
        return moment - WINDOWS[self.window] if self.window in WINDOWS else None
