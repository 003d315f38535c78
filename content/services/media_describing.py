"""What an owner says of a media: alternative text, focal point, and who can be seen on it. Also of what is
posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from content.access import access_media
from content.models import Media, MediaTag, Post
from content.services.parts import untaggable
from project.kernel.clock import now
from project.kernel.errors import FieldProblem, Forbidden, NotFound, Unprocessable
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic

MAX_TAGS = 20


@dataclass(frozen=True, slots=True)
class TagAt:
    """An account that can be seen, and where: both of `x` and `y`, or neither."""

    account_id: int
    x: float | None = None
    y: float | None = None


def update_media(
    *, actor: Viewer, media_id: int, changes: Mapping[str, Any], tagged: Sequence[TagAt] | None = None
) -> None:
    """Change `alt_text`, `focal_x`, `focal_y`, and where `tagged` is given, all the people on the media. A new
    focal point is followed by a new thumbnail.

    Raises NotFound, Forbidden where the media is another's (staff included: R50), GraphUnavailable, and
    Unprocessable pointing at `/tagged/N` for people who cannot be tagged: unknown, in a block, or not
    accepting it (R40)."""
    row = access_media(actor, media_id)
    if not actor.owns(row.owner_id):
        raise Forbidden
    if tagged is not None:
        _check_tags(actor, media_id, tagged)
    with transaction.atomic():
        # What a client holds of the post is no longer so. Before the media: that is the order of locks.
        Post.objects.filter(attachments__media_id=media_id).update(version=F("version") + 1)
        # The lock also puts two changes of the tags one after another.
        if not Media.objects.filter(pk=media_id).update(**changes, updated_at=now()):
            raise NotFound
        if tagged is not None:
            _set_tags(media_id, tagged)
        emit(Topic.MEDIA, media_id)


def _check_tags(actor: Viewer, media_id: int, tagged: Sequence[TagAt]) -> None:
    ids = [tag.account_id for tag in tagged]
    # Who is on it already may stay, whatever has changed since.
    present = MediaTag.objects.filter(media_id=media_id).values_list("account_id", flat=True)
    refused = untaggable(actor, set(ids) - set(present))
    problems = []
    for at, tag in enumerate(tagged):
        if tag.account_id in refused:
            problems.append(FieldProblem(f"/tagged/{at}", "unknown_account", _("There is no such account.")))
        elif tag.account_id in ids[:at]:
            problems.append(FieldProblem(f"/tagged/{at}", "duplicate", _("The same account is named twice.")))
        if (tag.x is None) != (tag.y is None):
            problems.append(FieldProblem(f"/tagged/{at}", "incomplete", _("Send both x and y, or neither.")))
    if problems:
        raise Unprocessable(errors=problems)


def _set_tags(media_id: int, tagged: Sequence[TagAt]) -> None:
    MediaTag.objects.filter(media_id=media_id).delete()
    MediaTag.objects.bulk_create(
        MediaTag(media_id=media_id, account_id=tag.account_id, position=place, x=tag.x, y=tag.y)
        for place, tag in enumerate(tagged)
    )
