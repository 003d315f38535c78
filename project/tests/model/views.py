"""How things look: what an answer must hold for a viewer, and the same taken out of a real answer. Only what the rules
speak of is compared; times and pictures are not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from project.tests.model import rules
from project.tests.model.world import NOBODY, Comment, Post, World

Body = Mapping[str, Any]


# ---- as the model has it


def relationship(w: World, viewer: str, who: str) -> dict[str, Any]:
    """`Relationship` of the viewer to another. Never tells whether they block the viewer (R32)."""
    block, mute = w.blocks.get((viewer, who)), rules.live_mute(w, viewer, who)
    return {
        "account": who,
        "following": (viewer, who) in w.follows,
        "followed_by": (who, viewer) in w.follows,
        "requested": (viewer, who) in w.requests,
        "requested_by": (who, viewer) in w.requests,
        "blocking": sorted(block.scopes) if block else None,
        "muting": (mute.posts, mute.stories, mute.notifications, mute.until) if mute else None,
        "close_friend": (viewer, who) in w.close_friends,
    }


def profile(w: World, viewer: str, who: str) -> dict[str, Any]:
    """`AccountDetail`; emptied for who blocks them (R22, R32, R36)."""
    person = w.people[who]
    emptied = rules.blocks_fully(w, viewer, who)
    posts = [p for p in w.posts.values() if p.author == who and rules.leaves_trace(w, viewer, p)]
    return {
        "account": who,
        "full_name": "" if emptied else person.full_name,
        "private": person.private,
        "posts": 0 if emptied else len(posts),
        "followers": 0 if emptied else len(followers(w, who)),
        "following": 0 if emptied else len(following(w, who)),
        "relationship": None if viewer in (NOBODY, who) else relationship(w, viewer, who),
        "tells_email": viewer == who,
    }


def stats(w: World, viewer: str, who: str) -> dict[str, int]:
    """The numbers beside an account, by the same rules as its profile's."""
    shown = profile(w, viewer, who)
    emptied = rules.blocks_fully(w, viewer, who)
    posts = [p for p in w.posts.values() if p.author == who and rules.leaves_trace(w, viewer, p)]
    return {
        "posts": shown["posts"],
        "followers": shown["followers"],
        "following": shown["following"],
        "likes_received": 0 if emptied else sum(like_count(w, p) for p in posts),
        "comments_received": 0 if emptied else sum(comment_count(w, p) for p in posts),
    }


def followers(w: World, who: str) -> list[str]:
    """Active followers, the newest first; the length of this list is the count for everybody (R36)."""
    found = [(edge.since, w.id_of(a), a) for (a, b), edge in w.follows.items() if b == who and w.active(a)]
    return [name for *_, name in sorted(found, reverse=True)]


def following(w: World, who: str) -> list[str]:
    """Active accounts that `who` follows, the newest first."""
    found = [(edge.since, w.id_of(b), b) for (a, b), edge in w.follows.items() if a == who and w.active(b)]
    return [name for *_, name in sorted(found, reverse=True)]


def like_count(w: World, post: Post) -> int:
    return sum(1 for (label, who) in w.likes if label == post.label and w.active(who))


def comment_count(w: World, post: Post) -> int:
    """Replies included."""
    return sum(1 for c in w.comments.values() if c.post == post.label and rules.counts(w, c))


def reply_count(w: World, comment: Comment) -> int:
    return sum(1 for c in w.comments.values() if c.parent == comment.label and rules.counts(w, c))


def post_view(w: World, viewer: str, post: Post) -> dict[str, Any]:
    """`PostOut`; the counts are the same for every viewer (R36)."""
    return {
        "post": post.label,
        "author": post.author,
        "caption": post.caption,
        "audience": post.audience,
        "published": post.published is not None,
        "policy": post.policy,
        "likes": like_count(w, post),
        "comments": comment_count(w, post),
        "has_liked": (post.label, viewer) in w.likes,
    }


def comment_view(w: World, comment: Comment) -> dict[str, Any]:
    """`CommentOut`."""
    return {
        "comment": comment.label,
        "post": comment.post,
        "author": comment.author,
        "text": comment.text,
        "reply_to": comment.parent,
        "replies": reply_count(w, comment),
    }


# ---- as the API tells it


def told_relationship(w: World, body: Body) -> dict[str, Any]:
    blocking, muting = body["blocking"], body["muting"]
    names = ("following", "followed_by", "requested", "requested_by", "close_friend")
    return {
        "account": w.name_of(body["account_id"]),
        **{name: body[name] for name in names},
        "blocking": None if blocking is None else sorted(scope for scope in blocking if blocking[scope]),
        "muting": None if muting is None else told_muting(muting),
    }


def told_muting(body: Body) -> tuple[bool, bool, bool, datetime | None]:
    until = body["expires_at"]
    moment = None if until is None else datetime.fromisoformat(until)
    return body["posts"], body["stories"], body["notifications"], moment


def told_profile(w: World, body: Body) -> dict[str, Any]:
    relation = body["relationship"]
    assert w.name_of(body["id"]) == body["username"]
    return {
        "account": body["username"],
        "full_name": body["full_name"],
        "private": body["is_private"],
        "posts": body["posts_count"],
        "followers": body["followers_count"],
        "following": body["following_count"],
        "relationship": None if relation is None else told_relationship(w, relation),
        "tells_email": "email" in body,
    }


def told_names(w: World, briefs: Iterable[Body]) -> list[str]:
    return [w.name_of(brief["id"]) for brief in briefs]


def told_post(w: World, body: Body) -> dict[str, Any]:
    return {
        "post": w.post_of(body["id"]),
        "author": w.name_of(body["author"]["id"]),
        "caption": body["caption"],
        "audience": body["audience"],
        "published": body["state"] == "published" and body["published_at"] is not None,
        "policy": body["comment_policy"],
        "likes": body["like_count"],
        "comments": body["comment_count"],
        "has_liked": body["has_liked"],
    }


def told_comment(w: World, body: Body) -> dict[str, Any]:
    parent = body["reply_to"]
    return {
        "comment": w.comment_of(body["id"]),
        "post": w.post_of(body["post_id"]),
        "author": w.name_of(body["author"]["id"]),
        "text": body["text"],
        "reply_to": None if parent is None else w.comment_of(parent),
        "replies": body["reply_count"],
    }
