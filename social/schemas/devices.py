"""Signed-in devices."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from project.kernel.inputs import IdOut, Out


class SessionOut(Out):
    """A device that is signed in."""

    id: IdOut
    current: bool = Field(description="whether it is the one that asks")
    device: str = Field(
        description="how it named itself (User-Agent)", examples=["Photogram/2.1 (Android 16)"]
    )
    ip: str | None = Field(description="where it was last used")
    created_at: datetime
    last_used_at: datetime = Field(description="of its log-in or last refresh")
