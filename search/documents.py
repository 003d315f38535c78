"""What an engine is told. Plain values, and only what any member could see: whoever reads the index learns
nothing that a signed-in stranger could not open (R01). Who really sees a hit is decided at read time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UserDocument:
    """An active account, private ones too: their names are for everybody (R22). Ranked by followers."""

    id: int
    username: str
    full_name: str
    followers_count: int


@dataclass(frozen=True, slots=True)
class PostDocument:
    """A published post for everyone by an active public account. Ranked by time, newest first."""

    id: int
    title: str
    caption: str
    hashtags: tuple[str, ...]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class HashtagDocument:
    """A hashtag (without `#`) that stands in at least one such post. Ranked by their number."""

    id: int
    name: str
    post_count: int


AnyDocument = UserDocument | PostDocument | HashtagDocument
