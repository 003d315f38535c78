"""The most followed public accounts: what new accounts are offered. A rank, so it may be a few minutes old; whether an
account is still there and public is asked when it is shown."""

from __future__ import annotations

import orjson

from graph.queries.suggestions import popular
from project.kernel.clock import now
from project.kernel.redis import RedisError, get_redis, key

# Nobody walks further, and a new account needs no more.
MOST = 1000
FRESH_SECONDS = 300
KEPT_SECONDS = 24 * 3600
# One process asks the graph again; the others go on with what there is.
REFRESH_SECONDS = 30
NAME = "popular-accounts"

Ranks = list[tuple[int, int]]


def popular_ranks() -> Ranks:
    """(account id, stored follows) of up to MOST public accounts, most followed first, then by id.

    Kept in Redis where there are that many; a smaller service is asked anew each time, which costs it little. Raises
    GraphUnavailable."""
    kept, fresh = _kept()
    if kept is not None and (fresh or not _may_refresh()):
        return kept
    ranks = [(row.account_id, row.degree) for row in popular(limit=MOST)]
    if len(ranks) == MOST:
        _keep(ranks)
    return ranks


def _kept() -> tuple[Ranks | None, bool]:
    try:
        raw = get_redis().get(key(NAME))
    except RedisError:
        return None, False
    if raw is None:
        return None, False
    stored = orjson.loads(raw)
    fresh = now().timestamp() < stored["until"]
    return [(id_, degree) for id_, degree in stored["ranks"]], fresh


def _may_refresh() -> bool:
    try:
        return bool(get_redis().set(key(NAME, "refresh"), b"1", nx=True, ex=REFRESH_SECONDS))
    except RedisError:
        return False


def _keep(ranks: Ranks) -> None:
    body = orjson.dumps({"until": now().timestamp() + FRESH_SECONDS, "ranks": ranks})
    try:
        get_redis().set(key(NAME), body, ex=KEPT_SECONDS)
    except RedisError:
        return
