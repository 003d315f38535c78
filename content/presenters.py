"""Posts and comments as clients see them. Pure: no I/O; everything was hydrated and judged before, except for
the people named on an item, who are left out here where the viewer may not find them (R32)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from content.hydration import CommentHydration, PostHydration
from content.hydration_hashtags import HashtagRow
from content.hydration_media import present_media
from social.hydration import AccountHydration
from social.presenters import present_brief


def present_post(post_id: int, state: PostHydration, *, reposted_by: int | None = None) -> dict[str, Any]:
    """`PostOut` of a post that the viewer may see, by the repost of `reposted_by` where one brought it."""
    row = state.posts[post_id]
    return {
        "id": row.id,
        "author": present_brief(row.author_id, state.accounts),
        "title": row.title,
        "caption": row.caption,
        "audience": row.audience,
        "state": row.state,
        "publish_at": row.publish_at,
        "media": [
            present_media(state.media[id_], state.accounts) for id_ in row.media_ids if id_ in state.media
        ],
        "hashtags": list(row.hashtags),
        "mentions": _people(row.mention_ids, state.accounts),
        "tagged": _people(row.tagged_ids, state.accounts),
        "location": row.location,
        "comment_policy": row.comment_policy,
        "like_count": row.like_count,
        "comment_count": row.comment_count,
        "share_count": row.share_count,
        "has_liked": row.has_liked,
        "has_saved": row.has_saved,
        "reposted_by": present_brief(reposted_by, state.accounts) if reposted_by is not None else None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "published_at": row.published_at,
        "edited_at": row.edited_at,
    }


def present_comment(comment_id: int, state: CommentHydration) -> dict[str, Any]:
    """`CommentOut` of a comment that the viewer may see."""
    row = state.comments[comment_id]
    return {
        "id": row.id,
        "post_id": row.post_id,
        "author": present_brief(row.author_id, state.accounts),
        "text": row.text,
        "reply_to": row.reply_to,
        "reply_count": row.reply_count,
        "like_count": row.like_count,
        "has_liked": row.has_liked,
        "mentions": _people(row.mention_ids, state.accounts),
        "created_at": row.created_at,
        "edited_at": row.edited_at,
    }


def present_hashtag(row: HashtagRow) -> dict[str, Any]:
    """`HashtagOut`."""
    return {"name": row.name, "post_count": row.post_count, "following": row.following}


def _people(ids: Iterable[int], accounts: AccountHydration) -> list[dict[str, Any]]:
    return [present_brief(id_, accounts) for id_ in ids if accounts.may_show(id_)]
