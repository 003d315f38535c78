"""The picture beside an account's name. It is a medium of this app; the profile holds its id."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from content.models import Media, MediaKind
from content.services.media import release_media, require_ready
from project.kernel.errors import Unprocessable
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.models import Account, Profile
from social.services.profiles import lock_account


def set_avatar(*, actor: Viewer, media_id: int, if_version: int | None = None) -> None:
    """Make an own picture that is ready the actor's avatar; the one before leaves the storage (R54).

    Raises Unprocessable for another's or unknown media and for videos, MediaNotReady, MediaAttached where a post shows
    it, PreconditionFailed."""
    with transaction.atomic():
        account = lock_account(actor.id, if_version)
        profile = Profile.objects.get(pk=actor.id)
        if profile.avatar_media_id == media_id:
            return
        _require_picture(actor.id, media_id)
        _show(account, profile, media_id)


def clear_avatar(*, actor: Viewer) -> None:
    """Show no avatar; it leaves the storage. Also where there is none."""
    with transaction.atomic():
        account = lock_account(actor.id)
        profile = Profile.objects.get(pk=actor.id)
        if profile.avatar_media_id is not None:
            _show(account, profile, None)


def _require_picture(owner_id: int, media_id: int) -> None:
    try:
        require_ready([media_id], owner_id)
    except Unprocessable:
        # Those of a post are a list; here it is one.
        raise Unprocessable.field("/media", "unknown_media", _("There is no such media of yours.")) from None
    if not Media.objects.filter(pk=media_id, kind=MediaKind.IMAGE).exists():
        raise Unprocessable.field("/media", "not_a_picture", _("An avatar must be a picture."))


def _show(account: Account, profile: Profile, media_id: int | None) -> None:
    replaced = profile.avatar_media_id
    profile.avatar_media_id = media_id
    profile.save(update_fields=["avatar_media_id"])
    account.version += 1
    account.save(update_fields=["version"])
    if replaced is not None:
        release_media([replaced])
    emit(Topic.ACCOUNT, account.pk)
