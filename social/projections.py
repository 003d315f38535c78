"""Account nodes in the graph: a projection of accounts. Relationships are owned there and not touched here, but by an
opening that stopped half-way (`social.opening`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graph.bulk import load_accounts
from graph.rows import AccountFacts
from graph.writes.accounts import delete_account, upsert_account
from project.outbox.topics import Projection, Topic, registry
from social.models import Account, AccountState
from social.opening import finish_openings
from social.switching import one_switch_at_a_time

BATCH = 1000


def account_rows(ids: Sequence[int]) -> dict[int, AccountFacts]:
    """account id → facts for the graph, of those that exist."""
    rows = Account.objects.filter(pk__in=ids).values_list(
        "id", "username", "full_name", "is_private", "state"
    )
    return {
        id_: AccountFacts(id_, username, full_name, private, state == AccountState.ACTIVE)
        for id_, username, full_name, private, state in rows
    }


def project_accounts(topic: Topic, keys: Sequence[str]) -> None:
    """Write these accounts' nodes as Postgres has them; remove those of purged accounts. Raises GraphUnavailable."""
    ids = [int(key) for key in keys]
    # A switch that commits between the reading and the writing would be undone by it.
    with one_switch_at_a_time(ids):
        found = finish_openings(account_rows(ids))
        if len(found) > 20:
            load_accounts(found.values())
        else:
            for facts in found.values():
                upsert_account(facts)
    for account_id in ids:
        if account_id not in found:
            delete_account(account_id)


def all_accounts() -> Iterable[tuple[Topic, Sequence[str]]]:
    """Every account id in batches."""
    batch: list[str] = []
    for account_id in Account.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=BATCH):
        batch.append(str(account_id))
        if len(batch) == BATCH:
            yield Topic.ACCOUNT, batch
            batch = []
    if batch:
        yield Topic.ACCOUNT, batch


def register_projections() -> None:
    """Register the consumers of the outbox that live in this app."""
    registry.register(
        Projection(
            name="graph",
            topics=(Topic.ACCOUNT, Topic.OPENING),
            handle=project_accounts,
            all_keys=all_accounts,
        )
    )
