"""Following hashtags, and banning them. Which hashtags there are for somebody is a matter of reading
(`feed.hashtags`)."""

from __future__ import annotations

from django.db import transaction

from content.models import Hashtag, HashtagFollow
from content.services.counters import share_accounts
from content.services.names import emit_hashtags
from content.text import fold_hashtag
from project.kernel.errors import Unauthenticated
from project.kernel.viewer import Viewer

HashtagId = int


def follow_hashtag(*, actor: Viewer, hashtag_id: HashtagId) -> bool:
    """Follow a hashtag that the actor may open; returns whether this call made it so. Concurrent calls leave one
    row."""
    with transaction.atomic():
        if not share_accounts({actor.id}):
            raise Unauthenticated
        # `ignore_conflicts` would not tell who made it.
        return HashtagFollow.objects.get_or_create(account_id=actor.id, hashtag_id=hashtag_id)[1]


def unfollow_hashtag(*, actor: Viewer, name: str) -> None:
    """Stop following a hashtag, by a name as people write it. Always works: also where there is no such hashtag,
    or none any more that the actor could open."""
    HashtagFollow.objects.filter(account_id=actor.id, hashtag__name=fold_hashtag(name)).delete()


def set_banned(hashtag_id: HashtagId, banned: bool) -> None:
    """Put a hashtag on the ban list, or take it off, whoever asks: for the admin and moderation.

    A banned hashtag has no page, is not found by search, brings nothing to anybody's home and never trends; posts that
    use it stay, and are counted, so that lifting the ban brings everything back."""
    with transaction.atomic():
        hashtag = Hashtag.objects.select_for_update(no_key=True).get(pk=hashtag_id)
        if hashtag.banned == banned:
            return
        hashtag.banned = banned
        hashtag.save(update_fields=["banned"])
        emit_hashtags([hashtag.name])
