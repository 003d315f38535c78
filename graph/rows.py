"""What the graph says and is told, as frozen dataclasses of plain values. Ids are the integers of every other
store; times are aware UTC datetimes with microseconds. No Django model and no driver type crosses this
border."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

BlockScope = Literal["all", "posts", "stories"]
FollowOutcome = Literal["following", "requested", "blocked_by_target", "blocking_target", "inactive"]
BlockOutcome = Literal["blocking", "blocked_by_target", "inactive"]
EdgeOutcome = Literal["done", "blocked_by_target", "blocking_target", "inactive"]
AcceptOutcome = Literal["accepted", "gone"]

# A place in a list: `since` and `account_id` of the row beside which a page starts.
Beside = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """An account as the caller read it from Postgres. In a relationship statement the graph takes what is
    stricter of this and its own node (R38)."""

    account_id: int
    username: str
    full_name: str
    private: bool
    active: bool


# ---- answers of writes


@dataclass(frozen=True, slots=True)
class FollowResult:
    """`created` tells whether this call made the edge; `request_id` is set when `outcome` is `requested`."""

    outcome: FollowOutcome
    created: bool
    request_id: int | None


@dataclass(frozen=True, slots=True)
class AcceptResult:
    """`follower_id` and `created` mean something only when `outcome` is `accepted`; accepting the same
    request again answers `accepted` with `created` false, so that a call whose first answer was lost can be
    repeated."""

    outcome: AcceptOutcome
    follower_id: int | None
    created: bool


@dataclass(frozen=True, slots=True)
class ScopeRow:
    """A block. `all` stands alone: a full block has taken up the scopes that were there before."""

    all: bool
    posts: bool
    stories: bool


@dataclass(frozen=True, slots=True)
class BlockResult:
    """`created`: there was no block before; `changed`: this call made or widened one. `row` is the block as
    it is now, None when `outcome` is a refusal."""

    outcome: BlockOutcome
    created: bool
    changed: bool
    row: ScopeRow | None


@dataclass(frozen=True, slots=True)
class EdgeResult:
    """The answer to a mute or a close friend. `created`: there was no (live) edge before."""

    outcome: EdgeOutcome
    created: bool


# ---- answers of reads


@dataclass(frozen=True, slots=True)
class MuteRow:
    """A mute that has not expired."""

    posts: bool
    stories: bool
    notifications: bool
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class RelationRow:
    """Everything between a viewer and `account_id`, seen from the viewer. `requested` is the id of the
    viewer's pending request to them, `requested_by` of theirs to the viewer; `close_friend`: the viewer put
    them on the list, `close_friend_of`: they put the viewer on theirs. The default is two strangers."""

    account_id: int
    following: bool = False
    followed_by: bool = False
    requested: int | None = None
    requested_by: int | None = None
    blocking: ScopeRow | None = None
    blocked_by: ScopeRow | None = None
    muting: MuteRow | None = None
    close_friend: bool = False
    close_friend_of: bool = False


@dataclass(frozen=True, slots=True)
class PairRow:
    """What leads from `source_id` to `target_id`. `accepted_request_id`: the request that became this follow;
    `severed`: a full block between the two, whoever made it."""

    source_id: int
    target_id: int
    following_since: datetime | None = None
    accepted_request_id: int | None = None
    requested_since: datetime | None = None
    request_id: int | None = None
    severed: bool = False


@dataclass(frozen=True, slots=True)
class CountsRow:
    """Active followers and active followed accounts (R36)."""

    followers: int = 0
    following: int = 0


@dataclass(frozen=True, slots=True)
class CircleRow:
    """The edges that decide what a viewer reads, as ids. Facts about edges only: whether the accounts are
    active or private is not in here. `hidden`: a full block either way. `posts_hidden_by` and
    `stories_hidden_by`: those who keep their posts or stories from the viewer by a scoped block.
    `mutes_change_at`: when the next mute of this circle expires, so that a cached circle can end with it."""

    followed: frozenset[int] = frozenset()
    hidden: frozenset[int] = frozenset()
    posts_hidden_by: frozenset[int] = frozenset()
    stories_hidden_by: frozenset[int] = frozenset()
    muted_posts: frozenset[int] = frozenset()
    muted_stories: frozenset[int] = frozenset()
    muted_notifications: frozenset[int] = frozenset()
    close_friend_of: frozenset[int] = frozenset()
    mutes_change_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """One entry of a list: the account at the other end and since when. `request_id` in lists of requests,
    `block` in the list of blocks, `mute` in the list of mutes. `relation`: what is between the viewer of the
    list and that account."""

    account_id: int
    since: datetime
    request_id: int | None = None
    block: ScopeRow | None = None
    mute: MuteRow | None = None
    relation: RelationRow | None = None


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """An account worth following. `mutual_count` people whom the viewer follows follow it; `mutual_ids` are
    up to three of them, smallest ids first."""

    account_id: int
    mutual_count: int
    mutual_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PopularRow:
    """A public account and how many follows of it are stored: a rank, not the count to show (`counts`)."""

    account_id: int
    degree: int
