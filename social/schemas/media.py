"""Media in answers. They live in an app above, but accounts, messages and notifications show them too."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from project.kernel.inputs import IdOut, Out, Pixels, Seconds
from social.schemas.accounts import AccountBrief

Share = Annotated[float, Field(ge=0, le=1, json_schema_extra={"format": "double"})]


class MediaVariant(Out):
    """One derived file of a picture or video. `url` is signed and ends within five minutes."""

    name: str
    url: str
    width: Pixels
    height: Pixels
    content_type: str


class MediaTagOut(Out):
    """A person on a picture or video, and where: from the left and the top, 0 to 1; null where no place was given."""

    account: AccountBrief
    x: Share | None
    y: Share | None


class MediaOut(Out):
    """A picture or video. `variants` is empty until `state` is `ready`; `reason` says why it failed.

    `focal_x` and `focal_y` (0 to 1, from the left and the top) are what a crop should keep in view; `placeholder` is a
    thumbhash in base64. A video has its `duration` in seconds and the variant `video`; its other variants are of its
    first picture. `tagged` are people on this picture; `PostOut.tagged` are those of a post as a whole."""

    id: IdOut
    kind: Literal["image", "video"]
    state: Literal["pending", "processing", "ready", "failed"]
    reason: str | None
    width: Pixels | None
    height: Pixels | None
    duration: Seconds | None
    alt_text: str
    focal_x: Share
    focal_y: Share
    placeholder: str | None
    variants: list[MediaVariant]
    tagged: list[MediaTagOut]
