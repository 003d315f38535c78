"""What posts, feeds, likers and comments must tell, and the same taken out of real answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from project.tests.model import rules, views
from project.tests.model.world import FINE, NOBODY, Post, World


def latest(posts: list[Post]) -> list[Post]:
    return sorted(posts, key=lambda post: post.published or 0, reverse=True)


def grid_posts(w: World, viewer: str, who: str) -> list[Post]:
    mine = [post for post in w.posts.values() if post.author == who and post.published is not None]
    return [post for post in latest(mine) if rules.may_see_post(w, viewer, post)]


def grid(w: World, viewer: str, who: str) -> tuple[int, Any]:
    status = rules.may_open(w, viewer, who)
    if status != 200:
        return status, None
    return 200, [views.post_view(w, viewer, post) for post in grid_posts(w, viewer, who)]


def told_posts(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    return [views.told_post(w, row) for row in body["results"]]


def home(w: World, viewer: str, _: str) -> tuple[int, Any]:
    shown = [post for post in w.posts.values() if rules.on_home(w, viewer, post)]
    return 200, [views.post_view(w, viewer, post) for post in latest(shown)]


def drafts(w: World, viewer: str, _: str) -> tuple[int, Any]:
    mine = [post for post in w.posts.values() if post.author == viewer and post.published is None]
    mine.sort(key=lambda post: post.number, reverse=True)
    return 200, [views.post_view(w, viewer, post) for post in mine]


def visible(w: World, viewer: str) -> list[Post]:
    """Published and visible, the newest first by creation."""
    shown = [p for p in w.posts.values() if p.published is not None and rules.may_see_post(w, viewer, p)]
    return sorted(shown, key=lambda post: post.number, reverse=True)


def all_posts(w: World, viewer: str, _: str) -> tuple[int, Any]:
    return 200, [views.post_view(w, viewer, post) for post in visible(w, viewer)]


def posts_by_likes(w: World, viewer: str, _: str) -> tuple[int, Any]:
    shown = sorted(visible(w, viewer), key=lambda post: (-views.like_count(w, post), -post.number))
    return 200, [views.post_view(w, viewer, post) for post in shown]


def posts_about_sunset(w: World, viewer: str, _: str) -> tuple[int, Any]:
    return 200, [views.post_view(w, viewer, p) for p in visible(w, viewer) if "sunset" in p.caption]


def posts_of(w: World, viewer: str, who: str) -> tuple[int, Any]:
    return 200, [views.post_view(w, viewer, post) for post in visible(w, viewer) if post.author == who]


def post_by_id(w: World, viewer: str, label: str) -> tuple[int, Any]:
    post = w.posts.get(label)
    if post is None or not rules.may_see_post(w, viewer, post):
        return 404, None
    return 200, views.post_view(w, viewer, post)


def likers(w: World, viewer: str, label: str) -> tuple[int, Any]:
    post = w.posts.get(label)
    if post is None or not rules.may_see_post(w, viewer, post):
        return 404, None
    found = sorted(((at, who) for (liked, who), at in w.likes.items() if liked == label), reverse=True)
    shown = [who for _, who in found if rules.may_find(w, viewer, who)]
    people = [(who, None if viewer in (NOBODY, who) else views.relationship(w, viewer, who)) for who in shown]
    return 200, (people, views.like_count(w, post))


def told_likers(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    people = [
        (w.name_of(row["id"]), row["relationship"] and views.told_relationship(w, row["relationship"]))
        for row in body["results"]
    ]
    return people, body["count"]


def threads(w: World, viewer: str, label: str) -> tuple[int, Any]:
    return threads_by(w, viewer, label, by_replies=False)


def top_threads(w: World, viewer: str, label: str) -> tuple[int, Any]:
    return threads_by(w, viewer, label, by_replies=True)


def threads_by(w: World, viewer: str, label: str, *, by_replies: bool) -> tuple[int, Any]:
    post = w.posts.get(label)
    if post is None or not rules.may_see_post(w, viewer, post):
        return 404, None
    top = [c for c in w.comments.values() if c.post == label and c.parent is None]
    top.sort(key=lambda c: (views.reply_count(w, c) if by_replies else 0, c.number), reverse=True)
    return 200, [views.comment_view(w, c) for c in top if rules.may_see_comment(w, viewer, c)]


def told_comments(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    return [views.told_comment(w, row) for row in body["results"]]


def comment_by_id(w: World, viewer: str, label: str) -> tuple[int, Any]:
    comment = w.comments.get(label)
    if comment is None or not rules.may_see_comment(w, viewer, comment):
        return 404, None
    return 200, views.comment_view(w, comment)


def replies(w: World, viewer: str, label: str) -> tuple[int, Any]:
    comment = w.comments.get(label)
    if comment is None or not rules.may_see_comment(w, viewer, comment):
        return 404, None
    thread = sorted((c for c in w.comments.values() if c.parent == label), key=lambda c: c.number)
    return 200, [views.comment_view(w, c) for c in thread if rules.may_see_comment(w, viewer, c)]


# ---- search: complete once the outbox is drained, and at no time more than allowed


def search_posts(w: World, viewer: str, _: str) -> tuple[int, Any]:
    if not w.settled:
        return 200, FINE
    found = [
        p for p in latest(list(w.posts.values())) if "sunset" in p.caption and rules.in_search(w, viewer, p)
    ]
    return 200, [views.post_view(w, viewer, post) for post in found]


def told_found(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    if w.settled:
        return told_posts(w, viewer, body)
    for row in body["results"]:
        post = w.posts.get(w.post_of(row["id"]))
        if post is None or not rules.may_see_post(w, viewer, post) or post.published is None:
            return f"{w.post_of(row['id'])} is found"
        if views.told_post(w, row) != views.post_view(w, viewer, post):
            return f"{post.label} is shown as {views.told_post(w, row)}"
    return FINE
