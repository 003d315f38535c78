"""Fetching an account for a viewer, or answering that there is no such thing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.queries.relations import load_head
from graph.rows import CountsRow
from project.kernel.errors import NotFound
from project.kernel.inputs import INT64
from project.kernel.viewer import Viewer
from social.errors import PrivateAccount
from social.former_names import account_of_former, redirect_reading
from social.hydration import AccountCard, find_one_card
from social.visibility import Owner, Relation, may_list, may_see_account, relation_to, relations_of

AccountRef = str
DIGITS = re.compile(r"[0-9]{1,19}\Z")


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """An account that the viewer may know of, and the relation between them."""

    card: AccountCard
    relation: Relation

    @property
    def id(self) -> int:
        return self.card.id

    @property
    def owner(self) -> Owner:
        return self.card.owner


def find_card(ref: AccountRef) -> AccountCard | None:
    """The account behind an id, a username or one that it had until lately, whatever its state; one query where the
    name is its own."""
    if not DIGITS.match(ref):
        card = find_one_card(username__iexact=ref)
        if card is None and (former := account_of_former(ref)) is not None:
            card = find_one_card(pk=former)
        return card
    return find_one_card(pk=int(ref)) if 0 < int(ref) <= INT64 else None


def access_card(ref: AccountRef) -> AccountCard:
    """An active account, whatever the relation. Raises NotFound. Only for what must work across a block: ending
    one's own edges, unblocking."""
    card = find_card(ref)
    if card is None or not card.active:
        raise NotFound
    return card


def access_account(viewer: Viewer, ref: AccountRef) -> SeenAccount:
    """An account whose existence the viewer may know of. Raises NotFound, GraphUnavailable; Moved where it is read
    under a name that it had before."""
    card = access_card(ref)
    return _seen(viewer, ref, card, relation_to(viewer, card.id))


def relation_after(viewer: Viewer, account_id: int, *, replayed: bool) -> Relation:
    """The relation to answer a relationship write with. Of a repeat by Idempotency-Key it goes through visibility
    (R82): NotFound. Of the write itself it does not: what was applied is not answered with a 404 (R81), even if the
    other has blocked the viewer since. Raises GraphUnavailable."""
    if replayed:
        return access_account(viewer, str(account_id)).relation
    return relation_to(viewer, account_id)


def access_lists(viewer: Viewer, ref: AccountRef) -> SeenAccount:
    """An account whose lists the viewer may open. Raises NotFound (also for one whom the viewer blocks: R32),
    PrivateAccount, GraphUnavailable."""
    return _opened(viewer, access_account(viewer, ref))


def access_counted_lists(viewer: Viewer, ref: AccountRef) -> tuple[SeenAccount, CountsRow]:
    """The same with the account's counts, for one graph query in all. Raises as `access_lists`."""
    card = access_card(ref)
    row, counts = load_head(viewer.account_id, card.id)
    relation = relations_of(viewer, {card.id: row})[card.id]
    return _opened(viewer, _seen(viewer, ref, card, relation)), counts


def _seen(viewer: Viewer, ref: AccountRef, card: AccountCard, relation: Relation) -> SeenAccount:
    if not may_see_account(card.owner, viewer, relation):
        raise NotFound
    if not DIGITS.match(ref) and card.username.lower() != ref.lower():
        redirect_reading(ref, card.username)
    return SeenAccount(card, relation)


def _opened(viewer: Viewer, seen: SeenAccount) -> SeenAccount:
    if seen.relation.blocks_fully:
        raise NotFound
    if not may_list(seen.owner, viewer, seen.relation):
        raise PrivateAccount
    return seen
