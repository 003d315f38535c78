"""Loading posts and comments for a page: a fixed number of queries, whatever its length.

Posts with everything that hangs on them are one statement, their accounts another, all media and avatars a
third; the viewer's relations to all those accounts are one graph query. Media rows are in
`hydration_media`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from content.hydration_media import MediaRow, complete_accounts
from content.models import PostState
from project.kernel.sql import fetch_all
from project.kernel.viewer import Viewer
from social.hydration import AccountHydration, hydrate_accounts, load_cards
from social.visibility import Gated, Owner, Surface, load_relations, may_see, may_see_repost

PostId = int
CommentId = int
AccountId = int

# Scalar subqueries for the viewer's like and save: an EXISTS could be planned as a scan of everything they ever liked.
LOAD_POSTS = """
SELECT p.id, p.author_id, author.state = 'active', author.is_private,
    p.title, p.caption, p.location, p.audience, p.state, p.comment_policy,
    p.publish_at, p.published_at, p.edited_at, p.created_at, p.updated_at, p.version,
    counters.like_count, counters.comment_count, counters.share_count,
    (SELECT l.id FROM content_like l WHERE l.post_id = p.id AND l.account_id = %(viewer)s) IS NOT NULL,
    (SELECT s.id FROM content_save s WHERE s.post_id = p.id AND s.account_id = %(viewer)s) IS NOT NULL,
    ARRAY(SELECT h.name FROM content_posthashtag ph JOIN content_hashtag h ON h.id = ph.hashtag_id
          WHERE ph.post_id = p.id ORDER BY ph.position),
    ARRAY(SELECT m.account_id FROM content_postmention m WHERE m.post_id = p.id ORDER BY m.position),
    ARRAY(SELECT t.account_id FROM content_posttag t WHERE t.post_id = p.id ORDER BY t.position),
    ARRAY(SELECT pm.media_id FROM content_postmedia pm WHERE pm.post_id = p.id ORDER BY pm.position),
    ARRAY(SELECT mt.account_id FROM content_postmedia pm JOIN content_mediatag mt ON mt.media_id = pm.media_id
          WHERE pm.post_id = p.id)
FROM content_post p
JOIN content_postcounters counters ON counters.post_id = p.id
JOIN social_account author ON author.id = p.author_id
WHERE p.id = ANY(%(ids)s::bigint[])
"""

LOAD_COMMENTS = """
SELECT c.id, c.post_id, c.author_id, c.reply_to_id, parent.author_id, c.text, c.reply_count, c.like_count,
    (SELECT l.id FROM content_commentlike l WHERE l.comment_id = c.id AND l.account_id = %(viewer)s) IS NOT NULL,
    c.created_at, c.edited_at,
    ARRAY(SELECT m.account_id FROM content_commentmention m WHERE m.comment_id = c.id ORDER BY m.position)
FROM content_comment c
LEFT JOIN content_comment parent ON parent.id = c.reply_to_id
WHERE c.id = ANY(%(ids)s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as one statement tells it, with the ids of what hangs on it."""

    id: PostId
    author_id: AccountId
    author_active: bool
    author_private: bool
    title: str
    caption: str
    location: str
    audience: str
    state: str
    comment_policy: str
    publish_at: datetime | None
    published_at: datetime | None
    edited_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    like_count: int
    comment_count: int
    share_count: int
    has_liked: bool
    has_saved: bool
    hashtags: Sequence[str]
    mention_ids: Sequence[AccountId]
    tagged_ids: Sequence[AccountId]
    media_ids: Sequence[int]
    media_tagged_ids: Sequence[AccountId]

    @property
    def gate(self) -> Gated:
        """The facts that visibility needs."""
        owner = Owner(self.author_id, self.author_active, self.author_private)
        return Gated(owner, audience=self.audience, published=self.state == PostState.PUBLISHED)

    @property
    def account_ids(self) -> set[AccountId]:
        """Everyone who appears on the post."""
        return {self.author_id, *self.mention_ids, *self.tagged_ids, *self.media_tagged_ids}


@dataclass(frozen=True, slots=True)
class PostHydration:
    """The posts of a page with their accounts and media, and the viewer's relations to all of those accounts.

    From `load_posts` it holds what the rules need; `complete_posts` adds what is shown."""

    viewer: Viewer
    posts: Mapping[PostId, PostRow]
    accounts: AccountHydration
    media: Mapping[int, MediaRow] = field(default_factory=dict)

    def may_see(self, post_id: PostId, surface: Surface) -> bool:
        """Whether the viewer may see the post there; False where there is no such post."""
        row = self.posts.get(post_id)
        return row is not None and may_see(
            row.gate, self.viewer, self.accounts.relations[row.author_id], surface
        )

    def may_see_repost(self, post_id: PostId, reposter_id: AccountId, surface: Surface) -> bool:
        """Whether the viewer may see there that the account, one of the `others` of `load_posts`, has
        reposted the post; False where there is no such post or account."""
        row, card = self.posts.get(post_id), self.accounts.cards.get(reposter_id)
        if row is None or card is None:
            return False
        relations = self.accounts.relations
        return may_see_repost(
            row.gate, self.viewer, relations[row.author_id], card.owner, relations[reposter_id], surface
        )


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment as one statement tells it. `parent_author_id` is set on replies."""

    id: CommentId
    post_id: PostId
    author_id: AccountId
    reply_to: CommentId | None
    parent_author_id: AccountId | None
    text: str
    reply_count: int
    like_count: int
    has_liked: bool
    created_at: datetime
    edited_at: datetime | None
    mention_ids: Sequence[AccountId]


@dataclass(frozen=True, slots=True)
class CommentHydration:
    """Comments of a page, with the accounts that appear in them."""

    comments: Mapping[CommentId, CommentRow]
    accounts: AccountHydration

    def may_show(self, comment_id: CommentId) -> bool:
        """Whether the comment may appear below a post that the viewer sees: its author may, and so may the
        author of the comment it stands under (R17, R32)."""
        row = self.comments.get(comment_id)
        if row is None or not self.accounts.may_show(row.author_id):
            return False
        return row.parent_author_id is None or self.accounts.may_show(row.parent_author_id)


def load_posts(
    ids: Collection[PostId],
    viewer: Viewer,
    known: PostHydration | None = None,
    *,
    others: Collection[AccountId] = (),
) -> PostHydration:
    """Posts `ids` and the viewer's relations to everyone on them: one SQL and one graph query. `others` are
    accounts that reposted or liked them and are to be judged too: one more SQL query. What `known` holds is
    kept and its relations are not asked for again. Raises GraphUnavailable."""
    rows = [
        PostRow(*row) for row in fetch_all(LOAD_POSTS, {"ids": list(ids), "viewer": viewer.account_id or 0})
    ]
    cards = dict(known.accounts.cards) if known else {}
    if wanted := set(others) - cards.keys():
        cards |= load_cards(wanted)
    relations = dict(known.accounts.relations) if known else {}
    people = {account_id for row in rows for account_id in row.account_ids} | set(others)
    if new := people - relations.keys():
        relations |= load_relations(viewer, new)
    posts = {row.id: row for row in rows}
    return PostHydration(
        viewer, {**known.posts, **posts} if known else posts, AccountHydration(viewer, cards, relations, {})
    )


def complete_posts(state: PostHydration, ids: Collection[PostId]) -> PostHydration:
    """The state with the accounts and media of the posts `ids`, which are the ones to be shown: two SQL
    queries."""
    rows = [state.posts[post_id] for post_id in ids]
    if not rows:
        return state
    people = {account_id for row in rows for account_id in row.account_ids}
    media_ids = {media_id for row in rows for media_id in row.media_ids}
    accounts, media = complete_accounts(state.accounts, people, media_ids)
    return replace(state, accounts=accounts, media=media)


def hydrate_posts(ids: Collection[PostId], viewer: Viewer) -> PostHydration:
    """Posts `ids` ready to be judged and presented: three SQL queries and one graph query, from 1 to any
    number.

    Raises GraphUnavailable."""
    state = load_posts(ids, viewer)
    return complete_posts(state, state.posts)


def hydrate_comments(ids: Collection[CommentId], viewer: Viewer) -> CommentHydration:
    """Comments `ids` ready to be judged and presented: three SQL queries and one graph query.

    Whether the viewer may see the post is another question (`content.access`). Raises GraphUnavailable."""
    params = {"ids": list(ids), "viewer": viewer.account_id or 0}
    rows = {row[0]: CommentRow(*row) for row in fetch_all(LOAD_COMMENTS, params)}
    people: set[AccountId] = set()
    for row in rows.values():
        people |= {row.author_id, *row.mention_ids}
        if row.parent_author_id is not None:
            people.add(row.parent_author_id)
    return CommentHydration(rows, hydrate_accounts(people, viewer))
