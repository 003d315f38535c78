"""Stories as clients see them. Pure: no I/O; everything was hydrated and judged before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from content.hydration_media import present_media
from content.hydration_stories import StoryHydration
from social.presenters import present_brief


def present_story(story_id: int, state: StoryHydration) -> dict[str, Any]:
    """`StoryOut` of a story that the viewer may see. How many have seen it is its author's to know."""
    row = state.stories[story_id]
    return {
        "id": row.id,
        "author": present_brief(row.author_id, state.accounts),
        "media": present_media(state.media[row.media_id], state.accounts),
        "audience": row.audience,
        "allow_replies": row.allow_replies,
        "viewed": state.viewed(story_id),
        "viewer_count": row.viewer_count if state.viewer.owns(row.author_id) else None,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
    }


def present_entry(author_id: int, story_ids: Sequence[int], state: StoryHydration) -> dict[str, Any]:
    """`TrayEntry` of an author whose stories `story_ids` the viewer may see."""
    return {
        "account": present_brief(author_id, state.accounts),
        "stories": [present_story(id_, state) for id_ in story_ids],
        "all_viewed": all(state.viewed(id_) for id_ in story_ids),
    }


def can_present(story_id: int, state: StoryHydration) -> bool:
    """Whether all of the story was still there when its parts were loaded: it may be deleted in between."""
    row = state.stories[story_id]
    return row.author_id in state.accounts.cards and row.media_id in state.media
