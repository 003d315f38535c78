"""Whether an account is there: deactivated, suspended, deleted, back again (R16, R17, R38).

Leaving stands without the graph: Postgres first, with everything that ends at once (tokens, counts), then
the node under its lock, before the answer; a graph that is away follows by the outbox. Coming back needs
the graph, and starts there, so that an account that is back is back with its followers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from graph.errors import GraphUnavailable
from graph.writes.accounts import set_active
from project.kernel.clock import now
from project.kernel.errors import NotFound
from project.outbox.emit import emit, make_due
from project.outbox.topics import Topic
from social.errors import InvalidCredentials
from social.hydration import load_cards
from social.models import Account, AccountState
from social.registries import state_hooks
from social.services import one_time_tokens
from social.services.marks import facts_of
from social.services.sessions import end_all
from social.switching import one_switch_at_a_time

log = logging.getLogger(__name__)
# What each state may be left for by `leave`; only `come_back` leads to ACTIVE.
FROM: dict[AccountState, Collection[AccountState]] = {
    AccountState.DEACTIVATED: (AccountState.ACTIVE,),
    AccountState.SUSPENDED: (AccountState.ACTIVE, AccountState.DEACTIVATED),
    AccountState.DELETED: (AccountState.ACTIVE, AccountState.DEACTIVATED, AccountState.SUSPENDED),
}


def leave(account_id: int, state: AccountState, *, together_with: Callable[[], None] | None = None) -> None:
    """Make the account deactivated, suspended or deleted: gone for everyone when this returns (R17).

    `together_with` is called first, in the same transaction. Being in that state already is fine. Raises
    NotFound where there is no such account, or it cannot get there from its state (who is deleted cannot be
    suspended)."""
    with one_switch_at_a_time([account_id]):
        with transaction.atomic():
            account = Account.objects.select_for_update().filter(pk=account_id).first()
            if account is None:
                raise NotFound
            if together_with is not None:
                together_with()
            if account.state != state:
                if account.state not in FROM[state]:
                    raise NotFound
                _move(account, state)
        _close_node(account_id)


def come_back(account_id: int, *, suspended_too: bool = False) -> None:
    """Bring a deactivated or deleted account back, with `suspended_too` (for staff) a suspended one as
    well. Being active already is fine.

    Raises InvalidCredentials where it cannot come back (any more), GraphUnavailable: then it may be
    repeated."""
    with one_switch_at_a_time([account_id]):
        account = Account.objects.filter(pk=account_id).first()
        if account is None or not _may_come_back(account, suspended_too):
            raise InvalidCredentials
        if account.state == AccountState.ACTIVE:
            return
        # Should we die between the two stores, the projection makes the node inactive again.
        marks = emit(Topic.ACCOUNT, account_id, due_at=now() + settings.RELATIONSHIP_MARK_LEASE)
        try:
            set_active(facts_of(replace(load_cards([account_id])[account_id], active=True)), True)
            with transaction.atomic():
                account = Account.objects.select_for_update().get(pk=account_id)
                if not _may_come_back(account, suspended_too):
                    raise InvalidCredentials
                _move(account, AccountState.ACTIVE)
        finally:
            make_due(marks)


def purge_due_at(account: Account) -> datetime | None:
    """From when on a deleted account is purged and cannot come back; None for one that is not deleted."""
    if account.state != AccountState.DELETED:
        return None
    grace: timedelta = settings.ACCOUNT_DELETION_GRACE
    return (account.state_changed_at or account.created_at) + grace


def _may_come_back(account: Account, suspended_too: bool) -> bool:
    if account.state == AccountState.DELETED:
        due_at = purge_due_at(account)
        in_time = account.purge_started_at is None and due_at is not None and now() < due_at
        # Being deleted is no way out of a suspension.
        return in_time and (suspended_too or account.state_before != AccountState.SUSPENDED)
    return suspended_too or account.state != AccountState.SUSPENDED


def _move(account: Account, state: AccountState) -> None:
    """Write the state and what goes with it. The row is locked, so no like or comment of the account is
    under way."""
    account.state_before = account.state if state == AccountState.DELETED else ""
    account.state = state
    account.state_changed_at = now()
    account.version += 1
    account.save(update_fields=["state", "state_before", "state_changed_at", "version"])
    # Coming back ends them too: nobody returns with a session from before.
    end_all(account_id=account.pk)
    if state == AccountState.DELETED:
        one_time_tokens.void(account.pk)
    state_hooks.run(account.pk)
    emit(Topic.ACCOUNT, account.pk)


def _close_node(account_id: int) -> None:
    card = load_cards([account_id])[account_id]
    try:
        set_active(facts_of(card), False)
    except GraphUnavailable:
        log.warning("account left while the graph was away; the relay completes it")
