"""Lists of accounts from the graph: skeleton, hydrate, rules, present.

A page is one graph query, whatever its length: each row of the skeleton brings the viewer's relation along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graph.rows import EdgeRow
from project.kernel.paging import Entry, PageOf, Position, Skeleton, read_page
from project.kernel.viewer import Viewer
from social.hydration import hydrate_accounts
from social.presenters import present_brief
from social.visibility import relations_of

# A graph list, waiting for its position: (after, backwards, limit) → rows.
EdgeList = Callable[..., list[EdgeRow]]


def edge_skeleton(
    edges: EdgeList, owner_id: int, *, viewer: Viewer, search: str | None = None
) -> Skeleton[EdgeRow]:
    """A graph list as a skeleton, paged by (since, account id)."""

    def fetch(position: Position | None, limit: int) -> Sequence[Entry[EdgeRow]]:
        rows = edges(
            owner_id,
            limit=limit,
            after=(position.key[0], position.key[1]) if position else None,
            backwards=position.backwards if position else False,
            search=search,
            hide_for=viewer.account_id,
            related_to=viewer.account_id,
        )
        return [((row.since, row.account_id), row) for row in rows]

    return fetch


def read_accounts(
    skeleton: Skeleton[EdgeRow],
    viewer: Viewer,
    *,
    scope: str,
    cursor: str | None,
    limit: int,
    present: Callable[[EdgeRow, dict[str, Any]], dict[str, Any]] = lambda row, brief: brief,
    blocked_too: bool = False,
) -> PageOf[dict[str, Any]]:
    """A page of accounts for `viewer`; `present` may put more around each brief. `blocked_too` is for the viewer's
    own list of blocks, where a block must not hide the blocked."""

    def keep(rows: Sequence[EdgeRow]) -> Sequence[dict[str, Any] | None]:
        brought = {row.account_id: row.relation for row in rows if row.relation is not None}
        relations = relations_of(viewer, brought) if len(brought) == len(rows) else None
        state = hydrate_accounts([row.account_id for row in rows], viewer, relations=relations)

        def shown(account_id: int) -> bool:
            if blocked_too:
                return account_id in state.cards and state.cards[account_id].active
            return state.may_show(account_id)

        return [
            present(row, present_brief(row.account_id, state)) if shown(row.account_id) else None
            for row in rows
        ]

    return read_page(skeleton, keep, scope=scope, cursor=cursor, limit=limit)
