"""Keeping the viewer counts of stories equal to the rows. How and why is as in `counters`: each view carries
`counted`, its contribution, and a view and its count happen wholly before or wholly after a change of the
account's state.

Order of locks: account rows, one story, its views, counters by story id, media. A transaction that locks the
views of a whole story does so for one story only, and a change of an account's state for one account only, so
that no two wait for each other."""

from __future__ import annotations

from django.db import transaction

from project.kernel.sql import execute, fetch_all
from social.models import Account, AccountState

FLAG_VIEWS_OF = """
UPDATE content_storyview SET counted = %(active)s WHERE account_id = %(account)s AND counted <> %(active)s
RETURNING story_id
"""
LOCK_COUNTERS = """
SELECT story_id FROM content_storycounters WHERE story_id = ANY(%(ids)s::bigint[]) ORDER BY story_id FOR UPDATE
"""
# An account has seen a story once at most, so each of these counts changes by one.
ADD_VIEWERS = """
UPDATE content_storycounters SET viewer_count = viewer_count + %(n)s WHERE story_id = ANY(%(ids)s::bigint[])
"""


def recount_views_of(account_id: int) -> None:
    """Take what the account has seen out of the viewer counts, or back into them, by its state.

    Call it in the transaction that changes the state, after the change. Running it again changes nothing."""
    with transaction.atomic():
        active = Account.objects.filter(pk=account_id, state=AccountState.ACTIVE).exists()
        ids = [row[0] for row in fetch_all(FLAG_VIEWS_OF, {"account": account_id, "active": active})]
        if ids:
            fetch_all(LOCK_COUNTERS, {"ids": ids})
            execute(ADD_VIEWERS, {"ids": ids, "n": 1 if active else -1})
