"""Media in bodies. How they look in answers is in `social.schemas.media`: other apps show them too."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from content.models.media import ALT_TEXT_LENGTH
from project.kernel.inputs import Patch, Text

AltText = Annotated[Text, StringConstraints(max_length=ALT_TEXT_LENGTH)]
Share = Annotated[float, Field(ge=0, le=1, strict=True, json_schema_extra={"format": "double"})]


class MediaPatch(Patch):
    """What to change of a media; absent fields stay, an empty `alt_text` clears. The focal point counts from
    the left and from the top, 0 to 1."""

    alt_text: AltText = ""
    focal_x: Share = 0.5
    focal_y: Share = 0.5
