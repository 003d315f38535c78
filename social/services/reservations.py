"""Names that are kept for the account that left them (R15)."""

from __future__ import annotations

from django.conf import settings

from project.kernel.clock import now
from social.errors import UsernameTaken
from social.models import FormerUsername


def claim_name(username: str, account_id: int) -> None:
    """Make sure that `username`, which this account has just been given in the same transaction, is kept for nobody
    else, and end its former life. Raises UsernameTaken.

    After writing the name, not before: the unique index has waited for whoever was leaving the name, and what they
    have reserved is visible only then."""
    kept_since = now() - settings.USERNAME_RESERVATION
    former = FormerUsername.objects.filter(name=username.lower())
    if former.filter(left_at__gt=kept_since).exclude(account_id=account_id).exists():
        raise UsernameTaken
    former.delete()
