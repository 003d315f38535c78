"""Which hashtags trend (R57): the formula, and the ranking that is kept for a while.

Every author who used a hashtag publicly within the window weighs 1 at that moment and half as much with every half-life
since; an author counts once for a hashtag, by the latest use, however often they write it. The score is the sum over
the authors. What counts is what `services.hashtag_counts` counts: posts for everyone by active, public accounts, and no
banned hashtag has a score.

As all weights fade alike, the order of two hashtags does not depend on the moment of looking: scores are kept as their
logarithm, which moves only when somebody uses the hashtag or a use leaves the window. So pages of trends do not shift
while one turns them (R58).

Here is only the order. Who reads trends asks of each hashtag, at that moment, whether there is a use left that counts
for them (`feed.hashtags`): an account that leaves or turns private takes its hashtags out of the trends at once,
whatever ranking is kept."""

from __future__ import annotations

import logging
from datetime import datetime
from time import monotonic
from typing import Any

import orjson
from django.conf import settings

from project.kernel.clock import now
from project.kernel.redis import RedisError, get_redis, key
from project.kernel.sql import fetch_all

log = logging.getLogger(__name__)
MOST = 200
# A ranking is kept for so many times the time that it took to make: on a small installation trends are practically
# live, on a large one making them costs next to nothing. Beat (`tasks.refresh_trends`) makes it anew each minute, so
# that where it takes long no reader makes it.
KEPT_FACTOR = 50
# Seconds. A ranking that old was made before everything stood still.
LOST_AFTER, LOCKED_FOR = 3600, 30
# Scores are integers for the sake of cursors: a half-life is a milliard.
UNIT = 1_000_000_000

RANK = """
SELECT w.hashtag_id, round(%(unit)s * (max(w.newest) + log(sum(power(2::float8, w.age - w.newest))::numeric)
    / log(2::numeric))::numeric)::bigint AS score
FROM (
    SELECT latest.hashtag_id, latest.age, max(latest.age) OVER (PARTITION BY latest.hashtag_id) AS newest
    FROM (
        SELECT used.hashtag_id, p.author_id,
            max(extract(epoch FROM used.published_at))::float8 / %(half_life)s::float8 AS age
        FROM content_posthashtag used JOIN content_post p ON p.id = used.post_id
        WHERE used.counted AND used.published_at > %(since)s::timestamptz
        GROUP BY used.hashtag_id, p.author_id
    ) latest
) w
JOIN content_hashtag h ON h.id = w.hashtag_id
WHERE NOT h.banned
GROUP BY w.hashtag_id
ORDER BY score DESC, w.hashtag_id LIMIT %(most)s
"""

HashtagId = int
Score = int
Ranking = list[tuple[Score, HashtagId]]


def window_start() -> datetime:
    """Uses before this moment do not count for trends."""
    start: datetime = now() - settings.TRENDS_WINDOW
    return start


def rank_hashtags() -> Ranking:
    """The hashtags of the window, best first, at most `MOST`. One query; costs as much as the window has uses."""
    params: dict[str, Any] = {
        "since": window_start(),
        "half_life": settings.TRENDS_HALF_LIFE.total_seconds(),
        "unit": UNIT,
        "most": MOST,
    }
    return [(score, hashtag_id) for hashtag_id, score in fetch_all(RANK, params)]


def refresh_trends() -> Ranking:
    """Make the ranking anew and keep it. With Redis away it is not kept, and the next reader makes their own."""
    began = monotonic()
    ranking = rank_hashtags()
    kept = {"made_at": now().timestamp(), "took": monotonic() - began, "ranking": ranking}
    try:
        get_redis().set(key("trends"), orjson.dumps(kept), ex=LOST_AFTER)
    except RedisError:
        log.warning("the trends could not be kept: Redis is away")
    return ranking


def load_ranking() -> Ranking:
    """The ranking as it is kept, or made anew where it is older than it may be. Of many readers at once one makes it;
    the others get the older one."""
    try:
        held = get_redis().get(key("trends"))
        kept = orjson.loads(held) if held else None
        if kept is not None:
            age = now().timestamp() - kept["made_at"]
            fresh = 0 <= age < kept["took"] * KEPT_FACTOR
            if fresh or not get_redis().set(key("trends", "lock"), b"1", nx=True, ex=LOCKED_FOR):
                return [(score, hashtag_id) for score, hashtag_id in kept["ranking"]]
    except RedisError:
        return rank_hashtags()
    try:
        return refresh_trends()
    finally:
        _unlock()


def _unlock() -> None:
    try:
        get_redis().delete(key("trends", "lock"))
    except RedisError:
        log.warning("the lock of the trends could not be given back: Redis is away")
