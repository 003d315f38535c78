"""Reading stories: the tray, an account's, one, and who has seen it. Skeleton, hydrate, rules, present, as
everywhere; what is over was over at the moment of reading, whatever a job has done (R56)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from content.feed.skeletons import latest_first
from content.hydration_stories import StoryHydration, complete_stories, load_live, load_stories
from content.models import StoryView
from content.presenters_stories import can_present, present_entry, present_story
from graph.queries.circle import load_circle
from project.kernel.clock import now
from project.kernel.errors import NotFound
from project.kernel.paging import Entry, PageOf, Position, Skeleton, read_page
from project.kernel.sql import fetch_all
from project.kernel.viewer import Viewer
from social.hydration import hydrate_accounts
from social.presenters import present_brief
from social.visibility import Surface

StoryId = int
AccountId = int
# Rank in the tray: one's own, who has something new, everybody else.
OWN, UNSEEN, SEEN = 2, 1, 0

# The order is that of the moment `at`, when the first page was read, and is carried in the cursor: stories told
# or seen since move nobody from one page to another (R58). What has expired since is left out.
TRAY = """
SELECT rank, newest, id
FROM (
    SELECT author.id, max(story.created_at) AS newest,
        CASE WHEN author.id = %(viewer)s THEN 2 WHEN bool_and(story.seen) THEN 0 ELSE 1 END AS rank
    FROM unnest(%(authors)s::bigint[], %(close)s::boolean[]) AS author(id, close)
    JOIN social_account account ON account.id = author.id AND account.state = 'active'
    CROSS JOIN LATERAL (
        SELECT s.created_at, s.expires_at, (
            SELECT v.viewed_at <= %(at)s::timestamptz FROM content_storyview v
            WHERE v.story_id = s.id AND v.account_id = %(viewer)s
        ) IS TRUE AS seen
        FROM content_story s
        WHERE s.author_id = author.id
          AND s.expires_at > %(at)s::timestamptz AND s.created_at <= %(at)s::timestamptz
          AND (s.audience <> 'close_friends' OR author.close)
    ) story
    GROUP BY author.id
    HAVING bool_or(story.expires_at > %(now)s::timestamptz)
) entry
"""
FIRST = "ORDER BY rank DESC, newest DESC, id DESC LIMIT %(n)s"
BEYOND = "WHERE (rank, newest, id) {after} (%(rank)s, %(newest)s::timestamptz, %(id)s::bigint) "
FORWARDS = TRAY + BEYOND.format(after="<") + FIRST
BACKWARDS = TRAY + BEYOND.format(after=">") + "ORDER BY rank, newest, id LIMIT %(n)s"
START = TRAY + FIRST

LIVE_OF = """
SELECT s.created_at, s.id FROM content_story s
WHERE s.author_id = %(author)s AND s.expires_at > %(now)s::timestamptz
"""
LIVE_START = LIVE_OF + "ORDER BY s.created_at, s.id LIMIT %(n)s"
LIVE_BEYOND = "AND (s.created_at, s.id) {after} (%(at)s::timestamptz, %(id)s::bigint) "
LIVE_FORWARDS = LIVE_OF + LIVE_BEYOND.format(after=">") + "ORDER BY s.created_at, s.id LIMIT %(n)s"
LIVE_BACKWARDS = LIVE_OF + LIVE_BEYOND.format(after="<") + "ORDER BY s.created_at DESC, s.id DESC LIMIT %(n)s"


def tray_skeleton(viewer: Viewer, *, include_muted: bool) -> Skeleton[AccountId]:
    """Whose stories are in the viewer's tray: their own, and those of whom they follow. One graph query, asked
    when the first page is read.

    Stories that the rules are certain to hide do not count for the order either: they leave no trace (R35)."""
    whose: tuple[list[AccountId], list[bool]] | None = None

    def fetch(position: Position | None, n: int) -> Sequence[Entry[AccountId]]:
        nonlocal whose
        if whose is None:
            whose = _tray_authors(viewer, include_muted)
        moment = now()
        params = {"authors": whose[0], "close": whose[1], "viewer": viewer.id, "now": moment, "n": n}
        if position is None:
            at, statement = moment, START
        else:
            at, rank, newest, id_ = position.key
            params |= {"rank": rank, "newest": newest, "id": id_}
            statement = BACKWARDS if position.backwards else FORWARDS
        return [((at, *row), row[2]) for row in fetch_all(statement, {**params, "at": at})]

    return fetch


def stories_skeleton(author_id: AccountId) -> Skeleton[StoryId]:
    """One author's live stories, as they were told."""

    def fetch(position: Position | None, n: int) -> Sequence[Entry[StoryId]]:
        params: dict[str, Any] = {"author": author_id, "now": now(), "n": n}
        statement = LIVE_START
        if position is not None:
            params |= {"at": position.key[0], "id": position.key[1]}
            statement = LIVE_BACKWARDS if position.backwards else LIVE_FORWARDS
        return [((row[0], row[1]), row[1]) for row in fetch_all(statement, params)]

    return fetch


def read_tray(
    viewer: Viewer, *, include_muted: bool, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `TrayEntry`: one's own first, then who has something new, then everybody else, each by their
    newest story. Four SQL and two graph queries, whatever the length. Raises InvalidCursor, GraphUnavailable."""
    # R34: what is muted leaves the tray and is seen everywhere else.
    surface = Surface.PROFILE if include_muted else Surface.TRAY
    entries: dict[AccountId, dict[str, Any]] = {}

    def keep(authors: Sequence[AccountId]) -> Sequence[dict[str, Any] | None]:
        if not authors:
            return []
        state = load_live(authors, viewer)
        visible = [id_ for id_ in state.stories if state.may_see(id_, surface)]
        state, visible = _complete(state, visible)
        told: dict[AccountId, list[StoryId]] = {}
        for id_ in visible:
            told.setdefault(state.stories[id_].author_id, []).append(id_)
        entries.update((author, present_entry(author, ids, state)) for author, ids in told.items())
        return [entries.get(author) for author in authors]

    skeleton = tray_skeleton(viewer, include_muted=include_muted)
    return read_page(skeleton, keep, scope=scope, cursor=cursor, limit=limit)


def read_stories_of(
    author_id: AccountId, viewer: Viewer, *, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `StoryOut`: an account's live stories that the viewer may see, as they were told. Four SQL
    queries and one graph query. Raises InvalidCursor, GraphUnavailable."""

    def keep(ids: Sequence[StoryId]) -> Sequence[dict[str, Any] | None]:
        if not ids:
            return []
        state = load_stories(ids, viewer)
        state, visible = _complete(state, [id_ for id_ in ids if state.may_see(id_, Surface.PROFILE)])
        shown = set(visible)
        return [present_story(id_, state) if id_ in shown else None for id_ in ids]

    return read_page(stories_skeleton(author_id), keep, scope=scope, cursor=cursor, limit=limit)


def read_story(story_id: StoryId, viewer: Viewer) -> dict[str, Any]:
    """`StoryOut` of a live story: three SQL queries and one graph query. Raises NotFound, GraphUnavailable."""
    state = load_stories([story_id], viewer)
    if not state.may_see(story_id, Surface.DIRECT):
        raise NotFound
    state, visible = _complete(state, [story_id])
    if not visible:
        raise NotFound
    return present_story(story_id, state)


def read_viewers(
    story_id: StoryId, viewer: Viewer, *, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `StoryViewer` of an own story, latest first, without those across a block (R32). Three SQL
    queries and one graph query. Raises InvalidCursor, GraphUnavailable."""

    views = StoryView.objects.filter(story_id=story_id, counted=True)

    def keep(rows: Sequence[tuple[Any, ...]]) -> Sequence[dict[str, Any] | None]:
        state = hydrate_accounts([account_id for _, account_id, _ in rows], viewer)
        return [
            {**present_brief(account_id, state), "viewed_at": viewed_at}
            if state.may_show(account_id)
            else None
            for _, account_id, viewed_at in rows
        ]

    return read_page(
        latest_first(views, "account_id", "viewed_at"), keep, scope=scope, cursor=cursor, limit=limit
    )


def _complete(state: StoryHydration, ids: Sequence[StoryId]) -> tuple[StoryHydration, list[StoryId]]:
    full = complete_stories(state, ids)
    return full, [id_ for id_ in ids if can_present(id_, full)]


def _tray_authors(viewer: Viewer, include_muted: bool) -> tuple[list[AccountId], list[bool]]:
    """Whose stories the tray can hold, and of each whether those for close friends are among them."""
    circle = load_circle(viewer.id)
    others = circle.followed - circle.hidden - circle.stories_hidden_by - {viewer.id}
    if not include_muted:
        others -= circle.muted_stories
    authors = [viewer.id, *sorted(others)]
    return authors, [id_ == viewer.id or id_ in circle.close_friend_of for id_ in authors]
