"""The read operations, each with the answer that the rules demand of it for any viewer, and how to take the same out of
a real answer. `about` says what a surface is read for: a person, a post, a comment, or nothing in particular."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from project.tests.model import account_surfaces as accounts
from project.tests.model import content_surfaces as content
from project.tests.model import views
from project.tests.model.world import NOBODY, World

Predict = Callable[[World, str, str], tuple[int, Any]]
Told = Callable[[World, str, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Surface:
    """One way to read. `path` has a place for the subject's id; lists are read to their end, a page at a time.

    `predict` tells the status and, for a 200, the answer; `told` makes that same answer of a body whose `results`
    are complete. `open` surfaces answer who is signed out, too."""

    name: str
    path: str
    about: str
    predict: Predict
    told: Told
    query: Mapping[str, Any] = field(default_factory=dict)
    open: bool = False
    listed: bool = True


def expected(surface: Surface, w: World, viewer: str, subject: str) -> tuple[int, Any]:
    """Status and answer. A signed-out viewer is `NOBODY`; who has left holds a dead token, which is worth less than
    none: 401 everywhere (R12)."""
    if viewer != NOBODY and not w.active(viewer):
        return 401, None
    if viewer == NOBODY and not surface.open:
        return 401, None
    return surface.predict(w, viewer, subject)


def _one(told: Callable[[World, Mapping[str, Any]], Any]) -> Told:
    return lambda w, viewer, body: told(w, body)


P, SUNSET = "person", "sunset"
WITH_ALL = {"include": "posts,likes"}
SURFACES = [
    Surface(
        "profile", "/profiles/{}/", P, accounts.profile, _one(views.told_profile), open=True, listed=False
    ),
    Surface("account", "/users/{}/", P, accounts.account, accounts.told_account, WITH_ALL, listed=False),
    Surface(
        "followers",
        "/followers/{}/",
        P,
        accounts.people(lambda w, v, who: views.followers(w, who)),
        accounts.told_people,
    ),
    Surface(
        "following",
        "/following/{}/",
        P,
        accounts.people(lambda w, v, who: views.following(w, who)),
        accounts.told_people,
    ),
    Surface(
        "known followers",
        "/followers/{}/known/",
        P,
        accounts.people(accounts.known, counted=False),
        accounts.told_people,
    ),
    Surface("incoming requests", "/follow-requests/", "", accounts.incoming, accounts.told_requests),
    Surface(
        "outgoing requests",
        "/follow-requests/",
        "",
        accounts.outgoing,
        accounts.told_requests,
        {"direction": "outgoing"},
    ),
    Surface("blocks", "/block/", "", accounts.blocks, accounts.told_blocks),
    Surface("mutes", "/mute/", "", accounts.mutes, accounts.told_mutes),
    Surface("close friends", "/close-friend/", "", accounts.close_friends, accounts.told_people),
    Surface(
        "relationships",
        "/relationships/",
        "everybody",
        accounts.relationships,
        accounts.told_relationships,
        listed=False,
    ),
    Surface("suggestions", "/explore/users/", "", accounts.suggestions, accounts.told_suggestions),
    Surface("grid", "/users/{}/posts/", P, content.grid, content.told_posts),
    Surface("home", "/feed/", "", content.home, content.told_posts),
    Surface("drafts", "/posts/drafts/", "", content.drafts, content.told_posts),
    Surface("posts", "/posts/", "", content.all_posts, content.told_posts, open=True),
    Surface(
        "posts by likes",
        "/posts/",
        "",
        content.posts_by_likes,
        content.told_posts,
        {"ordering": "-likes"},
        open=True,
    ),
    Surface(
        "posts by text",
        "/posts/",
        "",
        content.posts_about_sunset,
        content.told_posts,
        {"search": SUNSET},
        open=True,
    ),
    Surface("posts of", "/posts/", "author", content.posts_of, content.told_posts, open=True),
    Surface("posts of home", "/posts/", "", content.home, content.told_posts, {"feed": "home"}),
    Surface("post", "/posts/{}/", "post", content.post_by_id, _one(views.told_post), open=True, listed=False),
    Surface("likers", "/posts/{}/likes/", "post", content.likers, content.told_likers, open=True),
    Surface("threads", "/posts/{}/comments/", "post", content.threads, content.told_comments, open=True),
    Surface(
        "top threads",
        "/posts/{}/comments/",
        "post",
        content.top_threads,
        content.told_comments,
        {"ordering": "top"},
        open=True,
    ),
    Surface(
        "comment",
        "/comments/{}/",
        "comment",
        content.comment_by_id,
        _one(views.told_comment),
        open=True,
        listed=False,
    ),
    Surface("replies", "/comments/{}/replies/", "comment", content.replies, content.told_comments, open=True),
    Surface(
        "found people", "/search/users/", "", accounts.search_users, accounts.told_users, {"q": "modelperson"}
    ),
    Surface("found posts", "/search/posts/", "", content.search_posts, content.told_found, {"q": SUNSET}),
]
BY_NAME = {surface.name: surface for surface in SURFACES}
