"""The answers of Meilisearch put in order: tiers one behind the other, each read in steps until the page is
full, what does not hold up left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from search.engine import Hit, Search, Tier
from search.meilisearch.declared import MAX_HITS
from search.meilisearch.requests import Branch, branches, query
from search.terms import Asked, holds, terms_asked

# What is refused must not make a second round of every search.
SPARE = 10


@dataclass
class Lane:
    """One tier of one search, read forwards or backwards from a place in it."""

    uid: str
    tier: Tier
    asked: Asked
    branches: list[Branch]
    beyond: tuple[int, int] | None
    backwards: bool
    hits: list[Hit] = field(default_factory=list)
    seen: int = 0
    ended: bool = False
    requested: int = 0

    def __post_init__(self) -> None:
        self.ended = not self.branches
        # What Meilisearch folds of other scripts beyond us is looked at again as well.
        plain = all(word.text.isascii() for phrase in self.asked.phrases for word in phrase)
        self.verified = self.tier is Tier.TYPO or (self.tier is Tier.PREFIX and not plain)

    def ask(self, missing: int) -> list[dict[str, Any]]:
        """The queries of the next step."""
        if self.verified:
            missing = max(missing + SPARE, 2 * self.requested)
        self.requested = min(missing, MAX_HITS)
        return [
            query(
                self.uid,
                branch,
                limit=self.requested,
                beyond=self.beyond,
                backwards=self.backwards,
                with_words=self.verified,
            )
            for branch in self.branches
        ]

    def tell(self, answers: Sequence[list[dict[str, Any]]]) -> None:
        """Take the answers of a step. A branch that gave as many as were asked for may go on behind its last
        one: nothing of the others is known to be in order beyond that place."""
        found = {row["id"]: row for answer in answers for row in answer}
        rows = sorted(found.values(), key=self._place)
        full = [self._place(answer[-1]) for answer in answers if len(answer) >= self.requested]
        if full:
            rows = [row for row in rows if self._place(row) <= min(full)]
            self.beyond = (rows[-1]["score"], rows[-1]["id"])
        self.seen += len(rows)
        self.hits += [self._hit(row) for row in rows if self._holds(row)]
        # Were nearly everything refused, the search would read the whole index.
        self.ended = not full or (self.verified and self.seen >= max(MAX_HITS, 2 * len(self.hits)))

    def _place(self, row: dict[str, Any]) -> tuple[int, int]:
        return (row["score"], -row["id"]) if self.backwards else (-row["score"], row["id"])

    def _holds(self, row: dict[str, Any]) -> bool:
        return not self.verified or holds(row["words"], self.asked, self.tier)

    def _hit(self, row: dict[str, Any]) -> Hit:
        return Hit(row["id"], self.tier, row["score"], (self.tier, row["score"], row["id"]))


class Walk:
    """A search: `ask`, `tell`, until nothing is asked any more; then `hits`."""

    def __init__(self, search: Search, uid: str) -> None:
        self.limit = search.limit
        self.lanes: list[Lane] = []
        self.pending: list[Lane] = []
        self.search = search
        assert search.after is not None or not search.backwards
        asked = terms_asked(search.index, search.query)
        if asked is None or search.limit < 1:
            return
        tiers = list(reversed(Tier)) if search.backwards else list(Tier)
        start = Tier(search.after[0]) if search.after is not None else None
        if start is not None:
            tiers = tiers[tiers.index(start) :]
        for tier in tiers:
            beyond = search.after[1:] if search.after is not None and tier is start else None
            self.lanes.append(
                Lane(
                    uid,
                    tier,
                    asked,
                    branches(search.index, asked, tier),
                    (beyond[0], beyond[1]) if beyond else None,
                    search.backwards,
                )
            )

    @property
    def hits(self) -> list[Hit]:
        return [hit for lane in self.lanes for hit in lane.hits][: self.limit]

    def ask(self) -> list[dict[str, Any]]:
        """The queries of the next round; none where the search is done."""
        self.pending, missing = [], self.limit
        for at, lane in enumerate(self.lanes):
            missing -= len(lane.hits)
            if missing <= 0:
                break
            if not lane.ended:
                if lane.tier is Tier.TYPO and self.search.after is None and not lane.requested:
                    # Read from the start, all better hits are here.
                    known = [hit.id for hit in self.hits]
                    lane.branches = branches(self.search.index, lane.asked, lane.tier, known)
                self.pending = [lane, *self._along_with(at)]
                break
        return [asked for lane in self.pending for asked in lane.ask(missing)]

    def tell(self, answers: Sequence[list[dict[str, Any]]]) -> None:
        """The hits of each of the queries, in their order."""
        at = 0
        for lane in self.pending:
            lane.tell(answers[at : at + len(lane.branches)])
            at += len(lane.branches)

    def _along_with(self, at: int) -> list[Lane]:
        """PREFIX with EXACT: both are cheap and mostly both needed. Typos wait until it is known that better
        hits do not fill the page."""
        following = self.lanes[at + 1 : at + 2]
        return [
            lane
            for lane in following
            if lane.tier is Tier.PREFIX and not lane.ended and not lane.requested and not lane.backwards
        ]
