"""When an account was last active: noted on every signed-in request, written at most once a minute an account.

What was written is remembered in the process for that minute, so that a busy account costs nothing; then one Redis call
tells whether another process has written. Without Redis the database alone decides."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Case, F, Q, When

from project.kernel.clock import now
from project.kernel.redis import RedisError, get_redis, key
from social.models import Account, AccountState

EVERY = timedelta(minutes=1)
# Accounts remembered by a process. When there are more, all are forgotten: that costs each one Redis call.
REMEMBERED = 20_000
_noted: dict[int, datetime] = {}


def note_activity(account_id: int) -> None:
    """Note that the account is active now."""
    moment = now()
    noted = _noted.get(account_id)
    if noted is not None and timedelta(0) <= moment - noted < EVERY:
        return
    remember(account_id, moment)
    try:
        first = get_redis().set(key("activity", account_id), b"1", ex=EVERY, nx=True)
    except RedisError:
        first = True
    if first:
        # The condition holds also where Redis was emptied or is away.
        old = Q(last_activity_at=None) | Q(last_activity_at__lte=moment - EVERY)
        Account.objects.filter(old, pk=account_id, state=AccountState.ACTIVE).update(last_activity_at=moment)


def remember(account_id: int, moment: datetime) -> None:
    """Note that the row says `moment` already."""
    if len(_noted) >= REMEMBERED:
        _noted.clear()
    _noted[account_id] = moment


def activity(moment: datetime) -> Case:
    """The value of `last_activity_at` for an update that writes the row anyway: `moment`, once a minute."""
    return Case(
        When(last_activity_at__gt=moment - EVERY, then=F("last_activity_at")),
        default=moment,
    )
