"""Accounts worth following: by common acquaintances from the graph, then popular ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph.queries.suggestions import popular, suggest
from graph.rows import SuggestionRow
from project.kernel.paging import Entry, PageOf, Position, read_page
from project.kernel.viewer import Viewer
from social.hydration import AccountHydration, hydrate_accounts
from social.presenters import present_brief
from social.services.dismissals import dismissed_ids

# Two lists one after the other: the first part of a key says which one a position is in.
MUTUAL, POPULAR = 0, 1
# Nobody walks further through the first list; what bounds the list bounds what must not be repeated after it.
MOST_MUTUAL = 2000


def read_suggestions(viewer: Viewer, *, scope: str, cursor: str | None, limit: int) -> PageOf[dict[str, Any]]:
    """A page of `Suggestion`, most mutual acquaintances first, then popular public accounts that have none.

    Suggestions are walked forwards only: `previous` is never given."""

    dismissed = dismissed_ids(viewer.id)

    def fetch(position: Position | None, count: int) -> Sequence[Entry[SuggestionRow]]:
        part, rank, account_id = position.key if position else (MUTUAL, None, None)
        entries: list[Entry[SuggestionRow]] = []
        if part == MUTUAL:
            after = (rank, account_id) if rank is not None else None
            rows = suggest(viewer.id, limit=count, after=after, exclude=dismissed)
            entries = [((MUTUAL, row.mutual_count, row.account_id), row) for row in rows]
            rank = account_id = None
        if len(entries) < count:
            after = (rank, account_id) if rank is not None else None
            # The first list has ended, so these few are all that it had: they must not come again.
            told = [row.account_id for row in suggest(viewer.id, limit=MOST_MUTUAL)] + dismissed
            more = popular(limit=count, viewer_id=viewer.id, after=after, exclude=told)
            entries += [
                ((POPULAR, row.degree, row.account_id), SuggestionRow(row.account_id, 0)) for row in more
            ]
        return entries[:count]

    def keep(rows: Sequence[SuggestionRow]) -> Sequence[dict[str, Any] | None]:
        ids = {row.account_id for row in rows} | {id_ for row in rows for id_ in row.mutual_ids}
        state = hydrate_accounts(ids, viewer)
        return [_present(row, state) if state.may_show(row.account_id) else None for row in rows]

    page = read_page(fetch, keep, scope=scope, cursor=cursor, limit=limit)
    return PageOf(page.results, page.next, None)


def _present(row: SuggestionRow, state: AccountHydration) -> dict[str, Any]:
    return {
        "account": present_brief(row.account_id, state),
        "mutual_count": row.mutual_count,
        "mutuals": [present_brief(id_, state) for id_ in row.mutual_ids if state.may_show(id_)],
        "reason": "mutual_follows" if row.mutual_count else "popular",
    }
