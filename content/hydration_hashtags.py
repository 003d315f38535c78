"""Loading hashtags for a page, in one query. Whether anything stands under one that the viewer may see is asked by
who lists them (`feed.hashtags`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from content.models import Hashtag, HashtagFollow
from project.kernel.viewer import Viewer

HashtagId = int


@dataclass(frozen=True, slots=True)
class HashtagRow:
    """A hashtag and whether the viewer follows it. `post_count` is the same for every viewer (R36)."""

    id: HashtagId
    name: str
    post_count: int
    banned: bool
    following: bool


def load_hashtags(ids: Iterable[HashtagId], viewer: Viewer) -> dict[HashtagId, HashtagRow]:
    """hashtag id → HashtagRow, in one query; absent where there is no such hashtag."""
    return {row.id: row for row in _rows(viewer, pk__in=set(ids))}


def find_hashtag_row(name: str, viewer: Viewer) -> HashtagRow | None:
    """The hashtag of a case-folded name, in one query; None where no text ever used it."""
    return next(iter(_rows(viewer, name=name)), None)


def _rows(viewer: Viewer, **which: object) -> list[HashtagRow]:
    follows = HashtagFollow.objects.filter(hashtag=OuterRef("pk"), account_id=viewer.account_id or 0)
    rows = Hashtag.objects.filter(**which).annotate(following=Exists(follows))
    return [HashtagRow(*row) for row in rows.values_list("id", "name", "post_count", "banned", "following")]
