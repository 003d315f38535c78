"""Who shares a viewer's interests, by the hashtags of public posts. Proposes ids; rules decide when they are shown."""

from __future__ import annotations

from project.kernel.sql import fetch_all

# Every step is bounded, so the cost is, however much a viewer or a hashtag has.
MY_LATEST = 50  # posts of the viewer, and likes
HASHTAGS = 20
POSTS_OF_EACH = 100

# A hashtag of the viewer's own posts counts as one of posts they liked. Of each, the newest posts are looked at, in the
# order of the index behind its page.
SHARED: str = """
WITH mine AS (
    (SELECT id AS post_id FROM content_post
     WHERE author_id = %(viewer)s AND state = 'published' ORDER BY published_at DESC, id DESC LIMIT %(latest)s)
    UNION
    (SELECT post_id FROM content_like WHERE account_id = %(viewer)s ORDER BY id DESC LIMIT %(latest)s)
), tags AS (
    SELECT uses.hashtag_id FROM mine JOIN content_posthashtag uses ON uses.post_id = mine.post_id
    GROUP BY uses.hashtag_id ORDER BY count(*) DESC, uses.hashtag_id LIMIT %(hashtags)s
), newest AS (
    SELECT tags.hashtag_id, uses.post_id FROM tags CROSS JOIN LATERAL (
        SELECT post_id FROM content_posthashtag
        WHERE hashtag_id = tags.hashtag_id AND published_at IS NOT NULL
        ORDER BY published_at DESC, post_id DESC LIMIT %(posts)s
    ) uses
)
SELECT post.author_id, count(DISTINCT newest.hashtag_id) AS shared
FROM newest
JOIN content_post post ON post.id = newest.post_id
JOIN social_account author ON author.id = post.author_id
WHERE post.state = 'published' AND post.audience = 'everyone'
  AND author.state = 'active' AND NOT author.is_private AND author.id <> %(viewer)s
GROUP BY post.author_id ORDER BY shared DESC, post.author_id LIMIT %(limit)s
"""


def accounts_by_interest(viewer_id: int, limit: int) -> list[tuple[int, int]]:
    """(account id, number of shared hashtags) of active public accounts whose latest public posts carry hashtags of the
    viewer's latest posts or likes; most shared first, then by id. One bounded query."""
    params = {
        "viewer": viewer_id,
        "latest": MY_LATEST,
        "hashtags": HASHTAGS,
        "posts": POSTS_OF_EACH,
        "limit": limit,
    }
    return [(account_id, shared) for account_id, shared in fetch_all(SHARED, params)]
