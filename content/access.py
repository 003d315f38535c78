"""Fetching a post, a comment, a story or a media for a viewer, or answering that there is no such thing.

The verdicts are those of `social.visibility`; here is only what they are asked about. Lists do not come this
way: they are hydrated and judged a page at a time (`hydration`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from content.models import Comment, Media, Post, PostState, Story
from project.kernel.clock import now
from project.kernel.errors import Forbidden, NotFound
from project.kernel.viewer import Viewer
from social.models import AccountState
from social.visibility import (
    STRANGER,
    Gated,
    Kind,
    Owner,
    Relation,
    Surface,
    load_relations,
    may_see,
    may_see_trace,
    relation_to,
)


@dataclass(frozen=True, slots=True)
class SeenPost:
    """A post that the viewer may see, and the relation between them and its author."""

    id: int
    owner: Owner
    state: str
    audience: str
    comment_policy: str
    relation: Relation

    @property
    def published(self) -> bool:
        return self.state == PostState.PUBLISHED

    @property
    def gate(self) -> Gated:
        """The facts that visibility needs."""
        return Gated(self.owner, audience=self.audience, published=self.published)


@dataclass(frozen=True, slots=True)
class SeenComment:
    """A comment that the viewer may see, with its post. `parent_id` is set on a reply."""

    id: int
    author_id: int
    parent_id: int | None
    post: SeenPost


@dataclass(frozen=True, slots=True)
class SeenStory:
    """A story that the viewer may see, now, and the relation between them and its author. `as_anybody`: they
    would see it without the privileges of staff too."""

    id: int
    owner: Owner
    allow_replies: bool
    relation: Relation
    as_anybody: bool


@dataclass(frozen=True, slots=True)
class SeenMedia:
    """A media that the viewer may see."""

    id: int
    owner_id: int


_POST_FACTS = ("author_id", "author__state", "author__is_private", "state", "audience", "comment_policy")


def access_post(viewer: Viewer, post_id: int) -> SeenPost:
    """A post by its id: one SQL and at most one graph query. Raises NotFound, GraphUnavailable."""
    post = find_post(post_id)
    if post is None:
        raise NotFound
    return _judge(viewer, replace(post, relation=relation_to(viewer, post.owner.account_id)))


def find_post(post_id: int) -> SeenPost | None:
    """A post as nobody in particular meets it, not judged: for who judges many viewers at once."""
    row = Post.objects.filter(pk=post_id).values_list(*_POST_FACTS).first()
    return None if row is None else _seen(post_id, row, STRANGER)


def access_own_post(viewer: Viewer, post_id: int) -> SeenPost:
    """A post that the viewer may change (R50). Raises NotFound, Forbidden where it is another's,
    GraphUnavailable."""
    post = access_post(viewer, post_id)
    if not post.relation.is_self:
        raise Forbidden
    return post


def access_comment(viewer: Viewer, comment_id: int) -> SeenComment:
    """A comment by its id, on a post and in a thread that the viewer may see: one SQL and at most one graph
    query.

    Raises NotFound, GraphUnavailable."""
    row = (
        Comment.objects.filter(pk=comment_id)
        .values_list(
            "author_id",
            "author__state",
            "author__is_private",
            "reply_to_id",
            "reply_to__author_id",
            "reply_to__author__state",
            "reply_to__author__is_private",
            "post_id",
            *(f"post__{name}" for name in _POST_FACTS),
        )
        .first()
    )
    if row is None:
        raise NotFound
    writers = [_owner(*row[0:3])]
    if row[3] is not None:
        # A reply stands under its parent: where that is hidden, there is no thread to show it in.
        writers.append(_owner(*row[4:7]))
    relations = load_relations(viewer, {row[8], *(writer.account_id for writer in writers)})
    post = _judge(viewer, _seen(row[7], row[8:], relations[row[8]]))
    if not all(may_see_trace(writer, viewer, relations[writer.account_id]) for writer in writers):
        raise NotFound
    return SeenComment(comment_id, row[0], row[3], post)


def access_story(viewer: Viewer, story_id: int) -> SeenStory:
    """A live story by its id (R56): one SQL and at most one graph query. Raises NotFound, GraphUnavailable."""
    row = (
        Story.objects.filter(pk=story_id)
        .values_list(
            "author_id", "author__state", "author__is_private", "audience", "expires_at", "allow_replies"
        )
        .first()
    )
    moment = now()
    # What is over needs no relation, and costs none.
    if row is None or row[4] <= moment:
        raise NotFound
    gate, relation = story_gate(_owner(*row[0:3]), row[3], row[4]), relation_to(viewer, row[0])
    if not may_see(gate, viewer, relation, Surface.DIRECT, moment=moment):
        raise NotFound
    plain = replace(viewer, is_staff=False, is_superuser=False)
    as_anybody = may_see(gate, plain, relation, Surface.DIRECT, moment=moment)
    return SeenStory(story_id, gate.owner, row[5], relation, as_anybody)


def story_gate(owner: Owner, audience: str, expires_at: datetime) -> Gated:
    """The facts about a story that visibility needs."""
    return Gated(owner, audience=audience, expires_at=expires_at, kind=Kind.STORY)


def access_media(viewer: Viewer, media_id: int) -> SeenMedia:
    """A media by its id: one's own, any for staff, else what the viewer may see of an account (its avatar), of
    a post or of a story. At most two SQL and two graph queries. Raises NotFound, GraphUnavailable."""
    row = (
        Media.objects.filter(pk=media_id)
        .values_list(
            "owner_id",
            "owner__state",
            "owner__is_private",
            "owner__profile__avatar_media_id",
            "attachment__post_id",
            "story__id",
        )
        .first()
    )
    if row is None:
        raise NotFound
    owner, avatar_id = _owner(*row[0:3]), row[3]
    post_id: int | None = row[4]
    story_id: int | None = row[5]
    if not owner.active:
        raise NotFound
    seen = SeenMedia(media_id, owner.account_id)
    if viewer.owns(owner.account_id) or viewer.is_staff:
        return seen
    # Not `may_see_account`: who blocks them is shown their profile without it (R32).
    if avatar_id == media_id and may_see_trace(owner, viewer, relation_to(viewer, owner.account_id)):
        return seen
    if post_id is not None:
        access_post(viewer, post_id)
    elif story_id is not None:
        access_story(viewer, story_id)
    else:
        raise NotFound
    return seen


def _owner(account_id: int, state: str, private: bool) -> Owner:
    return Owner(account_id, active=state == AccountState.ACTIVE, private=private)


def _seen(post_id: int, facts: tuple[object, ...], relation: Relation) -> SeenPost:
    author_id, author_state, private, state, audience, policy = facts
    return SeenPost(post_id, _owner(author_id, author_state, private), state, audience, policy, relation)  # type: ignore[arg-type]


def _judge(viewer: Viewer, post: SeenPost) -> SeenPost:
    if not may_see(post.gate, viewer, post.relation, Surface.DIRECT):
        raise NotFound
    return post
