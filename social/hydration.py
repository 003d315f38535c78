"""Loading accounts for a page: a fixed number of queries, whatever its length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from project.kernel.viewer import Viewer
from social.models import Account, AccountState
from social.registries import account_facts
from social.visibility import Owner, Relation, load_relations, may_see_trace

AccountId = int


@dataclass(frozen=True, slots=True)
class AccountCard:
    """What a page shows of an account beside a post or in a list."""

    id: int
    username: str
    full_name: str
    is_private: bool
    active: bool
    avatar_media_id: int | None
    created_at: datetime

    @property
    def owner(self) -> Owner:
        """The facts that visibility needs."""
        return Owner(self.id, self.active, self.is_private)


_COLUMNS = ("id", "username", "full_name", "is_private", "state", "profile__avatar_media_id", "created_at")


@dataclass(frozen=True, slots=True)
class AccountHydration:
    """The accounts of a page, the viewer's relations to them, and their avatars' addresses."""

    viewer: Viewer
    cards: Mapping[AccountId, AccountCard]
    relations: Mapping[AccountId, Relation]
    avatar_urls: Mapping[int, str]

    def may_show(self, account_id: AccountId) -> bool:
        """Whether the account may appear on the page at all (R17, R32)."""
        card = self.cards.get(account_id)
        return card is not None and may_see_trace(card.owner, self.viewer, self.relations[account_id])

    def avatar_url(self, account_id: AccountId) -> str | None:
        media_id = self.cards[account_id].avatar_media_id
        return self.avatar_urls.get(media_id) if media_id is not None else None


def load_cards(ids: Iterable[AccountId]) -> dict[AccountId, AccountCard]:
    """account id → AccountCard, in one query; absent where there is no such account."""
    return {card.id: card for card in _cards(pk__in=set(ids))}


def find_one_card(**which: Any) -> AccountCard | None:
    """The account that fits, in one query; None where there is none."""
    return next(iter(_cards(**which)), None)


def _cards(**which: Any) -> list[AccountCard]:
    rows = Account.objects.filter(**which).values_list(*_COLUMNS)
    return [
        AccountCard(
            id_, username, full_name, private, state == AccountState.ACTIVE, avatar_media_id, created_at
        )
        for id_, username, full_name, private, state, avatar_media_id, created_at in rows
    ]


def hydrate_accounts(
    ids: Iterable[AccountId],
    viewer: Viewer,
    *,
    with_avatars: bool = True,
    relations: Mapping[AccountId, Relation] | None = None,
) -> AccountHydration:
    """The accounts `ids` for `viewer`: two SQL queries (cards, avatars) and one graph query, none where the skeleton
    has brought `relations` along."""
    cards = load_cards(ids)
    media_ids = [card.avatar_media_id for card in cards.values() if card.avatar_media_id is not None]
    return AccountHydration(
        viewer=viewer,
        cards=cards,
        relations=load_relations(viewer, cards) if relations is None else relations,
        avatar_urls=account_facts.avatars(media_ids) if with_avatars else {},
    )
