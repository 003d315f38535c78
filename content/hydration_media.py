"""Media for a page: loaded in one query, presented without I/O. Which media may be shown was decided by who
asked for the ids; a media row alone tells nobody's permission."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from content.media.links import file_url
from content.models import Media, MediaState, MediaTag
from social.hydration import AccountHydration, load_cards
from social.presenters import present_brief

MediaId = int
AVATAR_VARIANT = "thumb"


@dataclass(frozen=True, slots=True)
class MediaRow:
    """A media as its row tells it; see `content.models.Media` for the shape of `variants`. `tags` are
    `{account, x, y}`, in order."""

    id: MediaId
    owner_id: int
    kind: str
    state: str
    reason: str
    width: int | None
    height: int | None
    duration: float | None
    alt_text: str
    focal_x: float
    focal_y: float
    placeholder: str
    variants: Sequence[Mapping[str, Any]]
    tags: Sequence[Mapping[str, Any]]

    @property
    def tagged_ids(self) -> set[int]:
        """Everyone who is tagged on the media."""
        return {tag["account"] for tag in self.tags}

    @property
    def ready(self) -> bool:
        return self.state == MediaState.READY


_FIELDS = tuple(name for name in MediaRow.__dataclass_fields__ if name != "tags")
_TAGS = ArraySubquery(
    MediaTag.objects.filter(media_id=OuterRef("pk"))
    .order_by("position")
    .values(tag=JSONObject(account="account_id", x="x", y="y"))
)


def load_media(ids: Iterable[MediaId]) -> dict[MediaId, MediaRow]:
    """media id → MediaRow, in one query; absent where there is no such media."""
    rows = Media.objects.filter(pk__in=set(ids)).values_list(*_FIELDS, _TAGS)
    return {row[0]: MediaRow(*row) for row in rows}


def avatar_urls(media_ids: Iterable[MediaId]) -> dict[MediaId, str]:
    """media id → signed address of its square thumbnail, of those that are ready; one query."""
    rows = Media.objects.filter(pk__in=set(media_ids), state=MediaState.READY).values_list("pk", "variants")
    return {pk: file_url(v["key"]) for pk, variants in rows for v in variants if v["name"] == AVATAR_VARIANT}


def complete_accounts(
    accounts: AccountHydration, people: Collection[int], media_ids: Iterable[MediaId]
) -> tuple[AccountHydration, dict[MediaId, MediaRow]]:
    """The accounts with the cards of `people` and all avatars, and the media `media_ids` with them: two SQL queries,
    one where all cards are there."""
    known = accounts.cards
    missing = set(people) - known.keys()
    cards = {**known, **(load_cards(missing) if missing else {})}
    avatars = {card.avatar_media_id for card in cards.values() if card.avatar_media_id is not None}
    media = load_media({*media_ids, *avatars})
    urls = {id_: url for id_ in avatars if id_ in media and (url := thumbnail_url(media[id_])) is not None}
    return replace(accounts, cards=cards, avatar_urls=urls), media


def thumbnail_url(row: MediaRow) -> str | None:
    """The signed address of the square thumbnail; None while there is none."""
    return next((file_url(v["key"]) for v in row.variants if v["name"] == AVATAR_VARIANT), None)


def present_media(row: MediaRow, accounts: AccountHydration | None = None) -> dict[str, Any]:
    """`MediaOut`, its links signed as of now (R55). No I/O.

    `accounts` holds those of `row.tagged_ids` whom the viewer may find (R32); without it nobody is shown as
    tagged."""
    shown = [tag for tag in row.tags if accounts.may_show(tag["account"])] if accounts is not None else []
    return {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "reason": row.reason or None,
        "width": row.width,
        "height": row.height,
        "duration": row.duration,
        "alt_text": row.alt_text,
        "focal_x": row.focal_x,
        "focal_y": row.focal_y,
        "placeholder": row.placeholder or None,
        "tagged": [
            {"account": present_brief(tag["account"], accounts), "x": tag["x"], "y": tag["y"]}
            for tag in shown
            if accounts is not None
        ],
        "variants": [
            {
                "name": v["name"],
                "url": file_url(v["key"]),
                "width": v["width"],
                "height": v["height"],
                "content_type": v["content_type"],
            }
            for v in (row.variants if row.ready else ())
        ],
    }
