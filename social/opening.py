"""A private account that opens: the one switch that must not stop half-way (R21, R38, R81).

Opening writes the graph first, where it accepts everybody who waits, and then Postgres. Should its answer be lost or
the process end in between, the account would stay private with followers whom nobody has accepted. So a mark goes
first, and the relay goes on from where it stopped: forwards if the graph has opened the account, else not at all.
Closing again takes the mark back: what a person said last counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.conf import settings
from django.db import transaction

from graph.rows import AccountFacts
from graph.writes.accounts import node_is_public, set_private
from project.kernel.clock import now
from project.outbox.emit import emit
from project.outbox.models import OutboxRow
from project.outbox.topics import Topic
from social.models import Account
from social.registries import privacy_hooks


def announce_opening(account_id: int) -> list[int]:
    """The mark of an opening that is about to begin; returns its row ids. Call it in a transaction."""
    return emit(Topic.OPENING, account_id, due_at=now() + settings.RELATIONSHIP_MARK_LEASE)


def forget_opening(account_id: int) -> None:
    """Take back the marks of openings: the account is to be private."""
    OutboxRow.objects.filter(topic=Topic.OPENING, key=str(account_id)).delete()


def finish_openings(found: Mapping[int, AccountFacts]) -> dict[int, AccountFacts]:
    """Bring openings of these accounts to their end; returns the accounts as they are then. The caller holds
    `one_switch_at_a_time`. Raises GraphUnavailable."""
    facts = dict(found)
    keys = OutboxRow.objects.filter(topic=Topic.OPENING, key__in=[str(id_) for id_ in facts])
    for account_id in {int(key) for key in keys.values_list("key", flat=True)}:
        account = facts[account_id]
        if account.private and not node_is_public(account_id):
            continue
        facts[account_id] = replace(account, private=False)
        if account.private:
            with transaction.atomic():
                row = Account.objects.select_for_update().get(pk=account_id)
                row.is_private = False
                row.version += 1
                row.save(update_fields=["is_private", "version"])
                privacy_hooks.run(account_id)
                emit(Topic.ACCOUNT, account_id)
        # Who asked between the graph and Postgres still waits.
        set_private(facts[account_id], False)
        emit(Topic.RELATIONSHIP, f"{account_id}:{account_id}")
    return facts
