"""Reading comments: threads of a post, replies of a thread, one comment. The post was judged before
(`access`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from content.access import access_comment
from content.hydration import hydrate_comments
from content.presenters import present_comment
from project.kernel.errors import NotFound
from project.kernel.paging import Entry, PageOf, Position, Skeleton, read_page
from project.kernel.sql import fetch_all
from project.kernel.viewer import Viewer

CommentId = int

# The partial indexes of top-level comments serve both orders, backwards too.
THREADS = {
    "new": (
        "SELECT c.id FROM content_comment c WHERE c.post_id = %(of)s AND c.reply_to_id IS NULL AND c.counted"
    ),
    "top": (
        "SELECT c.like_count, c.reply_count, c.id FROM content_comment c "
        "WHERE c.post_id = %(of)s AND c.reply_to_id IS NULL AND c.counted"
    ),
}
KEYS = {"new": ("c.id",), "top": ("c.like_count", "c.reply_count", "c.id")}
REPLIES = "SELECT c.id FROM content_comment c WHERE c.reply_to_id = %(of)s AND c.counted"


def threads_skeleton(post_id: int, ordering: str) -> Skeleton[CommentId]:
    """Top-level comments of a post: `new` is newest first, `top` most likes first, then most replies, then
    newest."""
    return _skeleton(THREADS[ordering], KEYS[ordering], post_id, descending=True)


def replies_skeleton(comment_id: int) -> Skeleton[CommentId]:
    """Replies of a thread, as they were written."""
    return _skeleton(REPLIES, ("c.id",), comment_id, descending=False)


def read_comments(
    skeleton: Skeleton[CommentId], viewer: Viewer, *, scope: str, cursor: str | None, limit: int
) -> PageOf[dict[str, Any]]:
    """A page of `CommentOut`. Three SQL queries and one graph query besides the skeleton's, and as many more
    for every refill. Raises InvalidCursor, GraphUnavailable."""

    def keep(ids: Sequence[CommentId]) -> Sequence[dict[str, Any] | None]:
        if not ids:
            return []
        state = hydrate_comments(ids, viewer)
        return [present_comment(id_, state) if state.may_show(id_) else None for id_ in ids]

    return read_page(skeleton, keep, scope=scope, cursor=cursor, limit=limit)


def read_comment(comment_id: CommentId, viewer: Viewer) -> dict[str, Any]:
    """`CommentOut` of one comment. Raises NotFound, GraphUnavailable."""
    access_comment(viewer, comment_id)
    state = hydrate_comments([comment_id], viewer)
    if not state.may_show(comment_id):
        raise NotFound
    return present_comment(comment_id, state)


def _skeleton(select: str, columns: tuple[str, ...], of: int, *, descending: bool) -> Skeleton[CommentId]:
    def fetch(position: Position | None, n: int) -> Sequence[Entry[CommentId]]:
        falling = descending != (position is not None and position.backwards)
        params: dict[str, Any] = {"of": of, "n": n}
        beyond = ""
        if position is not None:
            marks = ", ".join(f"%(key{at})s" for at in range(len(columns)))
            beyond = f" AND ({', '.join(columns)}) {'<' if falling else '>'} ({marks})"
            params |= {f"key{at}": part for at, part in enumerate(position.key)}
        order = ", ".join(f"{column} {'DESC' if falling else 'ASC'}" for column in columns)
        rows = fetch_all(f"{select}{beyond} ORDER BY {order} LIMIT %(n)s", params)
        return [(row, row[-1]) for row in rows]

    return fetch
