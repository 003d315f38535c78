"""What the lists, profiles and suggestions must tell, and the same taken out of real answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from project.tests.model import rules, views
from project.tests.model.content_surfaces import grid_posts
from project.tests.model.world import FINE, NOBODY, World

Predicted = tuple[int, Any]


def profile(w: World, viewer: str, who: str) -> tuple[int, Any]:
    if not rules.may_know_of(w, viewer, who):
        return 404, None
    # Who is signed out is asked to sign in before a private account is shown.
    if viewer == NOBODY and w.private(who):
        return 401, None
    return 200, views.profile(w, viewer, who)


def account(w: World, viewer: str, who: str) -> tuple[int, Any]:
    if not rules.may_know_of(w, viewer, who):
        return 404, None
    shown = {**views.profile(w, viewer, who), "stats": views.stats(w, viewer, who), "posts": [], "likes": []}
    if rules.may_open(w, viewer, who) == 200:
        liked = sorted(((at, label) for (label, liker), at in w.likes.items() if liker == who), reverse=True)
        posts = [w.posts[label] for _, label in liked if w.posts[label].published is not None]
        shown["posts"] = [views.post_view(w, viewer, post) for post in grid_posts(w, viewer, who)]
        shown["likes"] = [views.post_view(w, viewer, p) for p in posts if rules.may_see_post(w, viewer, p)]
    return 200, shown


def told_account(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    return {
        **views.told_profile(w, body),
        "stats": body["stats"],
        "posts": [views.told_post(w, post) for post in body["posts"]],
        "likes": [views.told_post(w, like["post"]) for like in body["likes"]],
    }


def people(
    found: Callable[[World, str, str], list[str]], *, counted: bool = True
) -> Callable[[World, str, str], Predicted]:
    """A list of another's edges: refused where their lists do not open, without those hidden from the viewer."""

    def predict(w: World, viewer: str, who: str) -> tuple[int, Any]:
        status = rules.may_open(w, viewer, who)
        if status != 200:
            return status, None
        names = found(w, viewer, who)
        shown = [name for name in names if rules.may_find(w, viewer, name)]
        return 200, (shown, len(names) if counted else None)

    return predict


def told_people(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    return views.told_names(w, body["results"]), body.get("count")


def known(w: World, viewer: str, who: str) -> list[str]:
    return [name for name in views.followers(w, who) if rules.follows(w, viewer, name)]


def newest(w: World, found: list[tuple[int, str]]) -> list[str]:
    return [name for _, _, name in sorted(((at, w.id_of(name), name) for at, name in found), reverse=True)]


def incoming(w: World, viewer: str, _: str) -> tuple[int, Any]:
    found = [(e.since, asker) for (asker, whom), e in w.requests.items() if whom == viewer]
    shown = [name for name in newest(w, found) if rules.may_find(w, viewer, name)]
    return 200, [(name, w.requests[name, viewer].request_id, "incoming") for name in shown]


def outgoing(w: World, viewer: str, _: str) -> tuple[int, Any]:
    found = [(e.since, whom) for (asker, whom), e in w.requests.items() if asker == viewer]
    shown = [name for name in newest(w, found) if rules.may_find(w, viewer, name)]
    return 200, [(name, w.requests[viewer, name].request_id, "outgoing") for name in shown]


def told_requests(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    return [(w.name_of(row["account"]["id"]), row["id"], row["direction"]) for row in body["results"]]


def blocks(w: World, viewer: str, _: str) -> tuple[int, Any]:
    names = newest(w, [(block.since, whom) for (who, whom), block in w.blocks.items() if who == viewer])
    return 200, [(name, sorted(w.blocks[viewer, name].scopes)) for name in names if w.active(name)]


def told_blocks(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    return [
        (w.name_of(row["account"]["id"]), sorted(s for s, on in row["blocking"].items() if on))
        for row in body["results"]
    ]


def mutes(w: World, viewer: str, _: str) -> tuple[int, Any]:
    muted = [whom for who, whom in w.mutes if who == viewer and rules.live_mute(w, who, whom)]
    names = newest(w, [(w.mutes[viewer, name].since, name) for name in muted])
    return 200, [
        (name, views.relationship(w, viewer, name)["muting"])
        for name in names
        if rules.may_find(w, viewer, name)
    ]


def told_mutes(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    return [(w.name_of(row["account"]["id"]), views.told_muting(row["muting"])) for row in body["results"]]


def close_friends(w: World, viewer: str, _: str) -> tuple[int, Any]:
    names = newest(w, [(at, whom) for (who, whom), at in w.close_friends.items() if who == viewer])
    shown = [name for name in names if rules.may_find(w, viewer, name)]
    return 200, (shown, len(shown))


def relationships(w: World, viewer: str, _: str) -> tuple[int, Any]:
    return 200, [views.relationship(w, viewer, n) for n in w.people if rules.may_know_of(w, viewer, n)]


def told_relationships(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    return [views.told_relationship(w, row) for row in body["results"]]


def suggestions(w: World, viewer: str, _: str) -> tuple[int, Any]:
    return 200, FINE


def told_suggestions(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    """Who is suggested is a matter of taste; who must not be is not."""
    counts = [row["mutual_count"] for row in body["results"]]
    if counts != sorted(counts, reverse=True):
        return f"not by mutual acquaintances: {counts}"
    names = [w.name_of(row["account"]["id"]) for row in body["results"]]
    if len(set(names)) < len(names):
        return f"somebody is suggested twice: {names}"
    for name, row in zip(names, body["results"], strict=True):
        if wrong := unwanted(w, viewer, name):
            return f"{name} is suggested though {wrong}"
        mutuals = {other for other in known(w, viewer, name) if w.active(other)}
        told = set(views.told_names(w, row["mutuals"]))
        if row["mutual_count"] != len(mutuals) or not told <= mutuals or len(told) != min(3, len(mutuals)):
            return f"{name} has the mutuals {sorted(mutuals)}, told {row['mutual_count']}: {sorted(told)}"
    return FINE


def unwanted(w: World, viewer: str, name: str) -> str | None:
    if name == viewer:
        return "it is the viewer"
    if not rules.may_find(w, viewer, name):
        return "it is hidden"
    if (viewer, name) in w.follows or (viewer, name) in w.requests:
        return "it is followed or asked"
    if rules.live_mute(w, viewer, name):
        return "it is muted"
    return "it was dismissed" if (viewer, name) in w.dismissed else None


# ---- search: complete once the outbox is drained, and at no time more than allowed


def search_users(w: World, viewer: str, _: str) -> tuple[int, Any]:
    return 200, sorted(n for n in w.people if rules.may_find(w, viewer, n)) if w.settled else FINE


def told_users(w: World, viewer: str, body: Mapping[str, Any]) -> Any:
    found = views.told_names(w, body["results"])
    if w.settled:
        return sorted(found)
    wrong = [name for name in found if name not in w.people or not rules.may_find(w, viewer, name)]
    return f"{wrong} are found" if wrong else FINE
