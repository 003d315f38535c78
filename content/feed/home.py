"""What is on a viewer's home, in which order (R59): ids only; the rules judge them later.

A post comes to a home by one of three ways: its author is the viewer or followed; it is public and carries a
followed hashtag; it is public and somebody followed has reposted it. It stands there once, at a place that no
later event can move it from, so that a walk has neither gap nor repeat while others publish and repost (R58):

* where its author or a hashtag brings it, at its publication, whoever reposts it;
* else at the first of the reposts by those whom the viewer follows, which is the one that it is shown by.

So a repost that is not the first shows nothing new to who has the post already. Taking the first one back moves the
post up to the next: the entry that stood there is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from content.feed.skeletons import END, MAX_ID, MERGE, AccountId, Shown
from graph.queries.circle import load_circle
from project.kernel.paging import Entry, Position, Skeleton
from project.kernel.sql import fetch_all
from project.kernel.viewer import Viewer

# Public posts by others than those whose posts are here anyway, or from whom or to whom posts are hidden. <> ALL over a
# parameter is hashed once for the statement; a subselect would be for every account that is merged.
BY_OTHERS = """
    p.author_id <> ALL(%(authors)s::bigint[]) AND p.author_id <> ALL(%(unwanted)s::bigint[])
"""
FOLLOWED_TAGS = """
    SELECT f.hashtag_id FROM content_hashtagfollow f JOIN content_hashtag h ON h.id = f.hashtag_id
    WHERE f.account_id = %(viewer)s AND NOT h.banned
"""
TAGGED = f"""
SELECT DISTINCT post.published_at, post.id
FROM ({FOLLOWED_TAGS}) tag
CROSS JOIN LATERAL (
    SELECT used.published_at, used.post_id AS id
    FROM content_posthashtag used JOIN content_post p ON p.id = used.post_id
    WHERE used.hashtag_id = tag.hashtag_id AND used.counted AND {BY_OTHERS}
      AND (used.published_at, used.post_id) {{after}} (%(at)s::timestamptz, %(id)s::bigint)
    ORDER BY used.published_at {{order}}, used.post_id {{order}} LIMIT %(n)s
) post
ORDER BY post.published_at {{order}}, post.id {{order}} LIMIT %(n)s
"""  # noqa: S608 - constants
# One account's reposts that are a post's place on this home, the newest first.
REPOSTS_OF = f"""
    SELECT r.created_at, r.post_id, r.account_id
    FROM content_repost r
    JOIN content_post p ON p.id = r.post_id
    JOIN social_account author ON author.id = p.author_id
    WHERE r.account_id = {{of}} AND r.counted
      AND (r.created_at, r.post_id) {{after}} (%(at)s::timestamptz, %(id)s::bigint)
      AND p.state = 'published' AND p.audience = 'everyone'
      AND author.state = 'active' AND NOT author.is_private
      AND {BY_OTHERS}
      AND NOT EXISTS (
          SELECT FROM content_posthashtag used
          WHERE used.post_id = r.post_id AND used.hashtag_id IN ({FOLLOWED_TAGS})
      )
      AND NOT EXISTS (
          SELECT FROM content_repost first
          WHERE first.post_id = r.post_id AND first.counted
            AND first.account_id = ANY(%(reposters)s::bigint[])
            AND (first.created_at, first.account_id) < (r.created_at, r.account_id)
      )
    ORDER BY r.created_at {{order}}, r.post_id {{order}} LIMIT {{most}}
"""  # noqa: S608 - constants
# In two steps, as the posts of authors are merged.
REPOSTED = """
SELECT post.created_at, post.post_id, post.account_id
FROM (
    SELECT reposter.id
    FROM unnest(%(reposters)s::bigint[]) AS reposter(id)
    CROSS JOIN LATERAL ({newest}) newest
    ORDER BY newest.created_at {order}, newest.post_id {order} LIMIT %(n)s
) picked
CROSS JOIN LATERAL ({all}) post
ORDER BY post.created_at {order}, post.post_id {order} LIMIT %(n)s
"""


def _home(after: str, order: str) -> str:
    reposted = REPOSTED.format(
        newest=REPOSTS_OF.format(of="reposter.id", most="1", after=after, order=order),
        all=REPOSTS_OF.format(of="picked.id", most="%(n)s", after=after, order=order),
        order=order,
    )
    return f"""
SELECT entry.at, entry.post_id, entry.reposter_id FROM (
    SELECT published.published_at AS at, published.id AS post_id, NULL::bigint AS reposter_id
    FROM ({MERGE.format(after=after, order=order)}) published
    UNION ALL
    SELECT tagged.published_at, tagged.id, NULL FROM ({TAGGED.format(after=after, order=order)}) tagged
    UNION ALL
    SELECT reposted.created_at, reposted.post_id, reposted.account_id FROM ({reposted}) reposted
) entry
ORDER BY entry.at {order}, entry.post_id {order} LIMIT %(n)s
"""  # noqa: S608 - constants


HOME_FORWARDS = _home("<", "DESC")
HOME_BACKWARDS = _home(">", "ASC")

# The same as a condition on a post `p` and its `author`, for lists that are ordered and filtered in other ways.
ON_HOME = f"""(
    p.author_id = ANY(%(authors)s::bigint[])
    OR (
        p.audience = 'everyone' AND NOT author.is_private
        AND p.author_id <> ALL(%(unwanted)s::bigint[])
        AND (
            EXISTS (
                SELECT FROM content_posthashtag used
                WHERE used.post_id = p.id AND used.hashtag_id IN ({FOLLOWED_TAGS})
            )
            OR EXISTS (
                SELECT FROM content_repost r
                WHERE r.post_id = p.id AND r.counted AND r.account_id = ANY(%(reposters)s::bigint[])
            )
        )
    )
)"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class HomeSources:
    """Where a viewer's home comes from: `authors` are the viewer and those followed, `reposters` those
    followed, both without whom the viewer mutes and who hides posts from them; `unwanted` are all of the
    latter, whoever would bring their posts."""

    viewer_id: AccountId
    authors: Sequence[AccountId]
    reposters: Sequence[AccountId]
    unwanted: Sequence[AccountId]

    @property
    def params(self) -> dict[str, Any]:
        """As the statements name them."""
        return {
            "viewer": self.viewer_id,
            "authors": self.authors,
            "reposters": self.reposters,
            "unwanted": self.unwanted,
        }


def home_sources(viewer: Viewer) -> HomeSources:
    """The sources of the viewer's home: one graph query. Raises GraphUnavailable."""
    circle = load_circle(viewer.id)
    unwanted = circle.hidden | circle.muted_posts | circle.posts_hidden_by
    followed = list(circle.followed - unwanted - {viewer.id})
    return HomeSources(viewer.id, [viewer.id, *followed], followed, list(unwanted - {viewer.id}))


def home_skeleton(viewer: Viewer) -> Skeleton[Shown]:
    """The viewer's home, newest first. One graph query, asked when the first page is read."""
    sources: HomeSources | None = None

    def fetch(position: Position | None, n: int) -> Sequence[Entry[Shown]]:
        nonlocal sources
        if sources is None:
            sources = home_sources(viewer)
        at, id_ = position.key if position else (END, MAX_ID)
        statement = HOME_BACKWARDS if position is not None and position.backwards else HOME_FORWARDS
        rows = fetch_all(statement, {**sources.params, "at": at, "id": id_, "n": n})
        return [((row[0], row[1]), Shown(row[1], row[2])) for row in rows]

    return fetch
