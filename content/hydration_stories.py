"""Loading stories for a page: a fixed number of queries, whatever its length.

Stories with the viewer's view of each are one statement, the accounts on them another, all media and avatars a
third; the viewer's relations to those accounts are one graph query."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from content.access import story_gate
from content.hydration_media import MediaRow, complete_accounts
from project.kernel.clock import now
from project.kernel.sql import fetch_all
from project.kernel.viewer import Viewer
from social.hydration import AccountHydration
from social.visibility import Gated, Owner, Surface, load_relations, may_see

StoryId = int
AccountId = int

LOAD = """
SELECT s.id, s.author_id, author.state = 'active', author.is_private,
    s.media_id, s.audience, s.allow_replies, s.created_at, s.expires_at, counters.viewer_count,
    (SELECT v.id FROM content_storyview v WHERE v.story_id = s.id AND v.account_id = %(viewer)s) IS NOT NULL,
    ARRAY(SELECT mt.account_id FROM content_mediatag mt WHERE mt.media_id = s.media_id)
FROM content_story s
JOIN content_storycounters counters ON counters.story_id = s.id
JOIN social_account author ON author.id = s.author_id
"""
BY_ID = LOAD + "WHERE s.id = ANY(%(ids)s::bigint[])"
# As they were told.
LIVE_OF = (
    LOAD + "WHERE s.author_id = ANY(%(ids)s::bigint[]) AND s.expires_at > %(now)s::timestamptz "
    "ORDER BY s.created_at, s.id"
)


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story as one statement tells it. `seen` is whether the viewer's view of it was recorded."""

    id: StoryId
    author_id: AccountId
    author_active: bool
    author_private: bool
    media_id: int
    audience: str
    allow_replies: bool
    created_at: datetime
    expires_at: datetime
    viewer_count: int
    seen: bool
    tagged_ids: Sequence[AccountId]

    @property
    def account_ids(self) -> set[AccountId]:
        """Everyone who appears on the story."""
        return {self.author_id, *self.tagged_ids}

    @property
    def gate(self) -> Gated:
        """The facts that visibility needs."""
        owner = Owner(self.author_id, self.author_active, self.author_private)
        return story_gate(owner, self.audience, self.expires_at)


@dataclass(frozen=True, slots=True)
class StoryHydration:
    """The stories of a page as of `moment`, with the accounts and media on them and the viewer's relations.

    From `load_stories` and `load_live` it holds what the rules need; `complete_stories` adds what is shown."""

    viewer: Viewer
    moment: datetime
    stories: Mapping[StoryId, StoryRow]
    accounts: AccountHydration
    media: Mapping[int, MediaRow] = field(default_factory=dict)

    def may_see(self, story_id: StoryId, surface: Surface) -> bool:
        """Whether the viewer may see the story there and then; False where there is no such story."""
        row = self.stories.get(story_id)
        return row is not None and may_see(
            row.gate, self.viewer, self.accounts.relations[row.author_id], surface, moment=self.moment
        )

    def viewed(self, story_id: StoryId) -> bool:
        """Whether the viewer has seen the story; one's own count as seen."""
        row = self.stories[story_id]
        return row.seen or self.viewer.owns(row.author_id)


def load_stories(ids: Collection[StoryId], viewer: Viewer) -> StoryHydration:
    """Stories `ids` and the viewer's relations to everyone on them: one SQL and one graph query. Raises
    GraphUnavailable."""
    return _load(BY_ID, ids, viewer)


def load_live(authors: Collection[AccountId], viewer: Viewer) -> StoryHydration:
    """All live stories of `authors`, as they were told: one SQL and one graph query. Raises
    GraphUnavailable."""
    return _load(LIVE_OF, authors, viewer)


def complete_stories(state: StoryHydration, ids: Iterable[StoryId]) -> StoryHydration:
    """The state with the accounts and media of the stories `ids`, which are the ones to be shown: two SQL
    queries."""
    rows = [state.stories[story_id] for story_id in ids]
    if not rows:
        return state
    people = {account_id for row in rows for account_id in row.account_ids}
    accounts, media = complete_accounts(state.accounts, people, {row.media_id for row in rows})
    return replace(state, accounts=accounts, media=media)


def _load(statement: str, ids: Collection[int], viewer: Viewer) -> StoryHydration:
    moment = now()
    params = {"ids": list(ids), "viewer": viewer.account_id or 0, "now": moment}
    rows = [StoryRow(*row) for row in fetch_all(statement, params)]
    relations = load_relations(viewer, {account_id for row in rows for account_id in row.account_ids})
    accounts = AccountHydration(viewer, {}, relations, {})
    return StoryHydration(viewer, moment, {row.id: row for row in rows}, accounts)
