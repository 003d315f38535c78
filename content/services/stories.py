"""Writing stories: create, delete, see, and removing those that are long over. Replies are in
`story_replies`; that a story is over is decided at every read (R56), never by what runs here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from content.access import access_story
from content.errors import TooManyStories
from content.models import Story, StoryAudience, StoryCounters, StoryView
from content.services.media import release_media, require_ready
from project.kernel.clock import now
from project.kernel.errors import Forbidden, NotFound, Unauthenticated, Unprocessable
from project.kernel.sql import fetch_all
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.models import Account, AccountState

LIFETIME = timedelta(hours=24)
# A tray entry holds all live stories of an account, so there must be an end to them.
MOST_LIVE = 100
# At most so many a run; the next one is a minute away.
SWEEP_BATCH = 1000

# As in `once_each`: exact however many run at once, and wholly before or after the account leaves or the story
# goes.
VIEW = """
WITH actor AS MATERIALIZED (
    SELECT id FROM social_account WHERE id = %(account)s AND state = 'active' FOR SHARE
), story AS MATERIALIZED (
    SELECT id FROM content_story WHERE id = %(story)s AND expires_at > %(now)s::timestamptz FOR KEY SHARE
), made AS (
    INSERT INTO content_storyview (story_id, account_id, viewed_at, counted)
    SELECT story.id, actor.id, %(now)s::timestamptz, true FROM story, actor
    ON CONFLICT (story_id, account_id) DO NOTHING
    RETURNING id
), tallied AS (
    UPDATE content_storycounters SET viewer_count = viewer_count + 1
    WHERE story_id = %(story)s AND EXISTS (SELECT FROM made)
)
SELECT (SELECT id FROM actor), (SELECT id FROM story)
"""


@dataclass(frozen=True, slots=True)
class StoryDraft:
    """Everything that the author says of a story. `media` is the id of an own picture or video."""

    media: int
    audience: str = StoryAudience.EVERYONE
    allow_replies: bool = True


def create_story(*, actor: Viewer, draft: StoryDraft) -> int:
    """Show a picture or video for 24 hours; returns the story's id.

    Raises Unprocessable for another's or unknown media, MediaNotReady, MediaAttached where something shows it
    already, TooManyStories."""
    with transaction.atomic():
        # One at a time for each account: two at once could both be the last that is allowed.
        mine = Account.objects.select_for_update(no_key=True).filter(pk=actor.id, state=AccountState.ACTIVE)
        if not mine.exists():
            raise Unauthenticated
        moment = now()
        if Story.objects.filter(author_id=actor.id, expires_at__gt=moment).count() >= MOST_LIVE:
            raise TooManyStories(MOST_LIVE)
        try:
            require_ready([draft.media], actor.id)
        except Unprocessable:
            # Those of a post are a list; here it is one.
            text = _("There is no such media of yours.")
            raise Unprocessable.field("/media", "unknown_media", text) from None
        story = Story.objects.create(
            author_id=actor.id,
            media_id=draft.media,
            audience=draft.audience,
            allow_replies=draft.allow_replies,
            created_at=moment,
            expires_at=moment + LIFETIME,
        )
        StoryCounters.objects.create(story=story)
        emit(Topic.STORY, story.pk)
        # What follows stories learns of the end when it comes.
        emit(Topic.STORY, story.pk, due_at=story.expires_at)
    return story.pk


def delete_story(*, actor: Viewer, story_id: int) -> None:
    """Delete a live story with its views and media; by its owner or staff.

    Raises NotFound, Forbidden, GraphUnavailable."""
    seen = access_story(actor, story_id)
    if not (seen.relation.is_self or actor.is_staff):
        raise Forbidden
    remove_story(story_id)


def remove_story(story_id: int) -> None:
    """Delete a story whoever asks, also one that is over: for the admin, moderation and the purge. Raises
    NotFound."""
    with transaction.atomic():
        if not _remove(Story.objects.select_for_update().filter(pk=story_id)):
            raise NotFound


def view_story(*, actor: Viewer, story_id: int) -> None:
    """Remember that the actor has seen a story; once, however often it is called.

    Nothing is remembered of its author, nor of staff who see it by their privilege alone: the author learns
    of no moderation. Raises NotFound, GraphUnavailable."""
    seen = access_story(actor, story_id)
    if seen.relation.is_self or not seen.as_anybody:
        return
    with transaction.atomic():
        ((account, story),) = fetch_all(VIEW, {"account": actor.id, "story": story_id, "now": now()})
        if account is None:
            raise Unauthenticated
        if story is None:
            raise NotFound


def sweep_expired(*, moment: datetime | None = None) -> int:
    """Remove the stories that have been over for the grace time (`STORY_GRACE`), with their views and media;
    returns how many. Workers that do it at once share the work, and each story is its own transaction."""
    old = Story.objects.filter(expires_at__lte=(moment or now()) - settings.STORY_GRACE)
    removed = 0
    for story_id in list(old.order_by("expires_at").values_list("pk", flat=True)[:SWEEP_BATCH]):
        with transaction.atomic():
            removed += _remove(old.select_for_update(skip_locked=True).filter(pk=story_id))
    return removed


def _remove(which: QuerySet[Story]) -> bool:
    """Remove the one story that `which` locks; False where there is none."""
    row = which.values_list("pk", "media_id").first()
    if row is None:
        return False
    story_id, media_id = row
    # In the order of locks of `story_counters`; the story's own lock keeps new views out.
    StoryView.objects.filter(story_id=story_id).delete()
    StoryCounters.objects.filter(story_id=story_id).delete()
    Story.objects.filter(pk=story_id).delete()
    release_media([media_id])
    emit(Topic.STORY, story_id)
    return True
