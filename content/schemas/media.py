"""Media in bodies, and uploads. How media look in answers is in `social.schemas.media`: other apps show them too."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from content.models.media import ALT_TEXT_LENGTH
from content.services.media_describing import MAX_TAGS
from project.kernel.inputs import Id, IdOut, In, Out, Patch, Text

AltText = Annotated[Text, StringConstraints(max_length=ALT_TEXT_LENGTH)]
Share = Annotated[float, Field(ge=0, le=1, strict=True, json_schema_extra={"format": "double"})]


class MediaTagIn(In):
    """A person on a picture or video, and where, from the left and the top, 0 to 1: both of `x` and `y`, or
    neither."""

    account: Id
    x: Share | None = None
    y: Share | None = None


class MediaPatch(Patch):
    """What to change of a media; absent fields stay, an empty `alt_text` clears. The focal point counts from
    the left and from the top, 0 to 1. `tagged` replaces all the people tagged on it."""

    alt_text: AltText = ""
    focal_x: Share = 0.5
    focal_y: Share = 0.5
    tagged: Annotated[list[MediaTagIn], Field(max_length=MAX_TAGS)] = []


class MediaUploadIn(In):
    """The file that will be put: its type, its exact size in bytes, and its SHA-256 in hex."""

    kind: Literal["image", "video"]
    content_type: Literal[
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "image/heic",
        "video/mp4",
        "video/quicktime",
        "video/webm",
    ]
    size: Id
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")]


class MediaUploadOut(Out):
    """Where and how to put the file: one request to `url` by `method` with `headers`, its body a multipart form of
    `fields` and then the file as the part `file`. It can be used once, until `expires_at`; the access token is
    not sent along. `id` is the upload's and will be the media's."""

    id: IdOut
    method: Literal["POST"]
    url: str
    fields: dict[str, str]
    headers: dict[str, str]
    expires_at: datetime
