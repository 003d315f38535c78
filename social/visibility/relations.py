"""The relation between a viewer and the owners of what is shown: one graph query a page, whatever its length (R02)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graph.queries import relations as graph_relations
from graph.rows import MuteRow, RelationRow, ScopeRow
from project.kernel.viewer import Viewer

AccountId = int


@dataclass(frozen=True, slots=True)
class Relation:
    """Everything between the viewer and one other account, as the graph holds it now.

    Reads from the viewer's side: `following` is "I follow them", `blocked_by` "they block me". `requested` and
    `requested_by` are ids of pending follow requests. Mutes that have expired are not here."""

    is_self: bool = False
    following: bool = False
    followed_by: bool = False
    requested: int | None = None
    requested_by: int | None = None
    blocking: ScopeRow | None = None
    blocked_by: ScopeRow | None = None
    muting: MuteRow | None = None
    close_friend: bool = False
    close_friend_of: bool = False

    @property
    def severed(self) -> bool:
        """A full block, either way: neither side finds any trace of the other (R32)."""
        return bool((self.blocking and self.blocking.all) or (self.blocked_by and self.blocked_by.all))

    @property
    def blocks_fully(self) -> bool:
        """The viewer has fully blocked them, and they have not blocked the viewer."""
        return bool(self.blocking and self.blocking.all) and not (self.blocked_by and self.blocked_by.all)

    def turned(self) -> Relation:
        """The same relation from the other side, as far as it decides what the other may see: whom they mute is
        not known here."""
        return Relation(
            is_self=self.is_self,
            following=self.followed_by,
            followed_by=self.following,
            requested=self.requested_by,
            requested_by=self.requested,
            blocking=self.blocked_by,
            blocked_by=self.blocking,
            close_friend=self.close_friend_of,
            close_friend_of=self.close_friend,
        )


STRANGER = Relation()
SELF = Relation(is_self=True)


def _relation(row: RelationRow) -> Relation:
    return Relation(
        following=row.following,
        followed_by=row.followed_by,
        requested=row.requested,
        requested_by=row.requested_by,
        blocking=row.blocking,
        blocked_by=row.blocked_by,
        muting=row.muting,
        close_friend=row.close_friend,
        close_friend_of=row.close_friend_of,
    )


def load_relations(viewer: Viewer, owners: Iterable[AccountId]) -> Mapping[AccountId, Relation]:
    """owner id → Relation, for all `owners`, in one graph query; none where nobody is signed in or all are the
    viewer's own. Raises GraphUnavailable (R03)."""
    wanted = set(owners)
    if not viewer.signed_in:
        return dict.fromkeys(wanted, STRANGER)
    others = wanted - {viewer.id}
    found = {}
    if others:
        rows = graph_relations.load_relations(viewer.id, sorted(others))
        found = {account_id: _relation(rows[account_id]) for account_id in others}
    if viewer.id in wanted:
        found[viewer.id] = SELF
    return found


def relations_of(viewer: Viewer, rows: Mapping[AccountId, RelationRow]) -> Mapping[AccountId, Relation]:
    """account id → Relation, from rows that came along with a list of this viewer: no query."""
    return {id_: SELF if viewer.owns(id_) else _relation(row) for id_, row in rows.items()}


def relation_to(viewer: Viewer, owner: AccountId) -> Relation:
    """The relation to one account."""
    return load_relations(viewer, [owner])[owner]
