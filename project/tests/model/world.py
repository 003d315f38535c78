"""What is so: people, edges between them, posts, likes, comments. People go by their username, posts and comments by
labels that tell their order (`p1`, `c1`), so that a failing run reads like a story."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

Pair = tuple[str, str]
NOBODY = "nobody"
GRACE = timedelta(days=30)
# What a reading comes to where there is a choice, and the choice was right.
FINE = "fine"


@dataclass
class Person:
    """An account. `state` is active, deactivated, deleted or purged; `left_at` is set while it is deleted."""

    name: str
    full_name: str
    id: int = 0
    private: bool = False
    state: str = "active"
    left_at: datetime | None = None


@dataclass
class Edge:
    """A follow or a follow request. A follow keeps the id of the request that it was."""

    since: int
    request_id: int | None = None


@dataclass
class Block:
    """What one account hides from another: `all`, or any of `posts` and `stories`."""

    since: int
    scopes: set[str]


@dataclass
class Mute:
    """What one account does not want to see of another, until when."""

    since: int
    posts: bool
    stories: bool
    notifications: bool
    until: datetime | None


@dataclass
class Post:
    """A post or draft. `published` is the moment of publication; None for a draft."""

    label: str
    author: str
    number: int
    caption: str
    audience: str
    policy: str
    published: int | None
    id: int = 0


@dataclass
class Comment:
    """A comment, or with `parent` a reply in that comment's thread."""

    label: str
    author: str
    post: str
    parent: str | None
    text: str
    number: int
    id: int = 0


@dataclass
class World:
    """Everything. Pairs read from left to right: (who does, to whom)."""

    people: dict[str, Person] = field(default_factory=dict)
    follows: dict[Pair, Edge] = field(default_factory=dict)
    requests: dict[Pair, Edge] = field(default_factory=dict)
    blocks: dict[Pair, Block] = field(default_factory=dict)
    mutes: dict[Pair, Mute] = field(default_factory=dict)
    close_friends: dict[Pair, int] = field(default_factory=dict)
    dismissed: set[Pair] = field(default_factory=set)
    posts: dict[str, Post] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    likes: dict[Pair, int] = field(default_factory=dict)  # (post, account)
    # Ids outlive what they named: what is gone must stay gone.
    post_ids: dict[str, int] = field(default_factory=dict)
    comment_ids: dict[str, int] = field(default_factory=dict)
    request_ids: list[int] = field(default_factory=list)
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    # Whether the outbox has been drained since the last change: only then search must find everything.
    settled: bool = True
    moments: int = 0

    def moment(self) -> int:
        """A moment later than all before."""
        self.moments += 1
        return self.moments

    def active(self, name: str) -> bool:
        """Whether this is an account that is there for others; nobody is none."""
        return name in self.people and self.people[name].state == "active"

    def private(self, name: str) -> bool:
        return self.people[name].private

    def id_of(self, name: str) -> int:
        return self.people[name].id

    def name_of(self, account_id: int) -> str:
        return next((p.name for p in self.people.values() if p.id == account_id), f"stranger {account_id}")

    def post_of(self, post_id: int) -> str:
        return next(
            (label for label, id_ in self.post_ids.items() if id_ == post_id), f"unknown post {post_id}"
        )

    def comment_of(self, comment_id: int) -> str:
        return next(
            (label for label, id_ in self.comment_ids.items() if id_ == comment_id),
            f"unknown comment {comment_id}",
        )

    def forget_post(self, label: str) -> None:
        """With its likes and comments."""
        del self.posts[label]
        self.likes = {pair: at for pair, at in self.likes.items() if pair[0] != label}
        self.comments = {name: c for name, c in self.comments.items() if c.post != label}

    def forget_comment(self, label: str) -> None:
        """A parent with its thread (R52). Already gone is fine: it may have gone with its parent."""
        self.comments = {name: c for name, c in self.comments.items() if label not in (c.label, c.parent)}
