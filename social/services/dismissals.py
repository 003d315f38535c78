"""Suggestions that somebody does not want (they live in Postgres: they bind nobody but the list)."""

from __future__ import annotations

from project.kernel.viewer import Viewer
from social.access import AccountRef, access_account
from social.errors import SelfRelationship
from social.models import Dismissal


def dismiss_suggestion(*, actor: Viewer, ref: AccountRef) -> None:
    """Never suggest this account to the actor again. Again is the same. Raises NotFound, SelfRelationship,
    GraphUnavailable."""
    seen = access_account(actor, ref)
    if seen.relation.is_self:
        raise SelfRelationship
    Dismissal.objects.bulk_create(
        [Dismissal(account_id=actor.id, dismissed_id=seen.id)], ignore_conflicts=True
    )


def dismissed_ids(account_id: int) -> list[int]:
    """Whom this account has dismissed."""
    return list(Dismissal.objects.filter(account_id=account_id).values_list("dismissed_id", flat=True))
