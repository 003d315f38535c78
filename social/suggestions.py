"""Accounts worth following: by common acquaintances, then by common interests, then popular ones.

Three lists, one after the other, each in an order of its own that ends with the account id; none repeats what stands
in one before it. Only the first comes with mutual acquaintances, so their number descends over all pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from graph.queries.suggestions import suggest, without_ties
from project.kernel.paging import Entry, PageOf, Position, read_page
from project.kernel.viewer import Viewer
from social.hydration import AccountHydration, hydrate_accounts
from social.popular import popular_ranks
from social.presenters import present_brief
from social.registries import interests
from social.services.dismissals import dismissed_ids

Reason = Literal["mutual_follows", "shared_interests", "popular"]
# The first part of a key: which list a position is in.
MUTUAL, INTERESTS, POPULAR = 0, 1, 2
REASONS: dict[int, Reason] = {MUTUAL: "mutual_follows", INTERESTS: "shared_interests", POPULAR: "popular"}
MOST_BY_INTEREST = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account to suggest, and why. `mutual_ids` are up to three of the `mutual_count`."""

    account_id: int
    part: int
    mutual_count: int = 0
    mutual_ids: tuple[int, ...] = ()


def read_suggestions(viewer: Viewer, *, scope: str, cursor: str | None, limit: int) -> PageOf[dict[str, Any]]:
    """A page of `Suggestion`. Costs one bounded walk of the graph and the viewer's relations to the page; where the
    mutual acquaintances end, a second walk.

    Suggestions are walked forwards only: `previous` is never given. Raises GraphUnavailable, InvalidCursor."""
    dismissed = dismissed_ids(viewer.id)
    others: list[Entry[Candidate]] | None = None

    def fetch(position: Position | None, count: int) -> Sequence[Entry[Candidate]]:
        nonlocal others
        part, rank, account_id = position.key if position else (MUTUAL, None, None)
        entries: list[Entry[Candidate]] = []
        if part == MUTUAL:
            after = (rank, account_id) if position else None
            entries = _mutual(viewer.id, dismissed, after, count)
        if len(entries) < count:
            if others is None:
                others = _others(viewer.id, dismissed)
            rest = [entry for entry in others if position is None or _beyond(entry[0], position.key)]
            entries += rest[: count - len(entries)]
        return entries

    def keep(rows: Sequence[Candidate]) -> Sequence[dict[str, Any] | None]:
        ids = {row.account_id for row in rows} | {id_ for row in rows for id_ in row.mutual_ids}
        state = hydrate_accounts(ids, viewer)
        return [_present(row, state) if _may_suggest(row, state) else None for row in rows]

    page = read_page(fetch, keep, scope=scope, cursor=cursor, limit=limit)
    return PageOf(page.results, page.next, None)


def _mutual(
    viewer_id: int, dismissed: Sequence[int], after: tuple[int, int] | None, count: int
) -> list[Entry[Candidate]]:
    rows = suggest(viewer_id, limit=count, after=after, exclude=dismissed)
    return [
        (
            (MUTUAL, row.mutual_count, row.account_id),
            Candidate(row.account_id, MUTUAL, row.mutual_count, row.mutual_ids),
        )
        for row in rows
    ]


def _others(viewer_id: int, dismissed: Sequence[int]) -> list[Entry[Candidate]]:
    """Everybody without mutual acquaintances, in the order of the list."""
    by_interest = list(interests.find(viewer_id, MOST_BY_INTEREST))
    known = {id_ for id_, _ in by_interest}
    by_follows = [(id_, degree) for id_, degree in popular_ranks() if id_ not in known]
    ids = [id_ for id_, _ in (*by_interest, *by_follows)]
    free = without_ties(viewer_id, ids, exclude=dismissed) if ids else set()
    return [
        ((part, rank, id_), Candidate(id_, part))
        for part, ranks in ((INTERESTS, by_interest), (POPULAR, by_follows))
        for id_, rank in ranks
        if id_ in free
    ]


def _beyond(key: tuple[Any, ...], position: tuple[Any, ...]) -> bool:
    """Whether `key` comes after `position`: lists in their order, the higher rank first, then the lower id."""
    part, rank, account_id = key
    at_part, at_rank, at_id = position
    return (part, -rank, account_id) > (at_part, -at_rank, at_id)


def _may_suggest(row: Candidate, state: AccountHydration) -> bool:
    # A rank may be a few minutes old; what it is shown by is not.
    return state.may_show(row.account_id) and not (
        row.part != MUTUAL and state.cards[row.account_id].is_private
    )


def _present(row: Candidate, state: AccountHydration) -> dict[str, Any]:
    return {
        "account": present_brief(row.account_id, state),
        "mutual_count": row.mutual_count,
        "mutuals": [present_brief(id_, state) for id_ in row.mutual_ids if state.may_show(id_)],
        "reason": REASONS[row.part],
    }
