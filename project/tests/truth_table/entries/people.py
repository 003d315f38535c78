"""Accounts: profiles, their numbers, the list for staff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from project.tests.truth_table.entries.comments import Comment, standing
from project.tests.truth_table.entries.likes import Like
from project.tests.truth_table.entries.posts import Post, seen
from project.tests.truth_table.entries.stories import stories_of
from project.tests.truth_table.registry import HIDDEN, SIGN_IN, Answer, Cell, Who, operation, shown
from project.tests.truth_table.rules import Audience, Door, Standing, Surface, counts_close_friends
from project.tests.truth_table.things import Eye, Person
from project.tests.truth_table.world import EVERY_NAME, World


def numbers(eye: Eye, world: World, person: Person) -> dict[str, Any]:
    """R36: the same for every viewer; R35: but for what is for close friends. R32: nothing across a block."""
    names = ("posts", "followers", "following", "likes_received", "comments_received")
    if eye.profile(person) is Standing.EMPTIED:
        return dict.fromkeys(names, 0)
    counted = [
        post
        for post in world.all(Post)
        if post.owner is person
        and post.audience is not Audience.DRAFT
        and (
            post.audience is not Audience.CLOSE_FRIENDS
            or counts_close_friends(eye.kind(person), person.state)
        )
    ]
    received = [
        sum(1 for like in world.all(Like) if like.post in counted and like.account.there),
        sum(1 for comment in world.all(Comment) if comment.post in counted and standing(comment)),
    ]
    edges = [len(world.followers(person)), len(world.following(person))]
    return dict(zip(names, [len(counted), *edges, *received], strict=True))


def detail(eye: Eye, world: World, person: Person, *more: Any, **values: Any) -> Answer:
    """The answer that holds a whole profile."""
    match eye.profile(person):
        case Standing.HIDDEN:
            return HIDDEN
        case Standing.EMPTIED:
            empty: dict[str, Any] = {
                "full_name": "",
                "bio": "",
                "avatar_url": None,
                "status": None,
                "posts_count": 0,
                "has_story": False,
            }
            return shown(eye, markers={person.handle}, relationship__blocking__all=True, **empty, **values)
    counts = numbers(eye, world, person)
    return shown(
        eye,
        *more,
        markers=person.detail(eye),
        posts_count=counts["posts"],
        followers_count=counts["followers"],
        following_count=counts["following"],
        # R33, R35, R56: a ring only where one of the stories would be shown.
        has_story=bool(stories_of(eye, world, person)),
        **values,
    )


@operation("profiles_get", Who.PUBLIC)
def profiles_get(eye: Eye, world: World) -> Iterator[Cell]:
    for person in world.central:
        answer = SIGN_IN if eye.profile(person) is Standing.SIGN_IN else detail(eye, world, person)
        # By id and by name it is the same account.
        yield Cell(answer, path={"user": person.id})
        if person is world.owner:
            yield Cell(answer, path={"user": person.handle})


@operation("profiles_stats", Who.SIGNED_IN)
def profiles_stats(eye: Eye, world: World) -> Iterator[Cell]:
    for person in world.central:
        hidden = eye.profile(person) is Standing.HIDDEN
        yield Cell(HIDDEN if hidden else shown(eye, **numbers(eye, world, person)), path={"user": person.id})


@operation("users_me", Who.SIGNED_IN)
def users_me(eye: Eye, world: World) -> Iterator[Cell]:
    if eye.person is not None:
        yield Cell(detail(eye, world, eye.person))
    else:
        yield Cell(SIGN_IN)


@operation("users_get", Who.SIGNED_IN)
def users_get(eye: Eye, world: World) -> Iterator[Cell]:
    for person in world.central:
        stats = {f"stats__{name}": number for name, number in numbers(eye, world, person).items()}
        if person is world.owner:
            yield Cell(detail(eye, world, person, **stats), path={"user": person.id})
        inside: list[Any] = []
        if eye.lists(person) is Door.OPEN:
            inside += seen(eye, world, Surface.PROFILE, lambda post, of=person: post.owner is of)  # type: ignore[misc]
            inside += [
                like
                for like in world.all(Like)
                if like.account is person and eye.sees(like.post, Surface.LIST)
            ]
        answer = detail(eye, world, person, *inside, **stats)
        yield Cell(answer, path={"user": person.id}, query={"include": "posts,likes"})


@operation("users_list", Who.STAFF)
def users_list(eye: Eye, world: World) -> Iterator[Cell]:
    def rows(people: list[Person]) -> Answer:
        return shown(eye, *people, markers={mark for person in people for mark in person.contact})

    everybody = list(world.people.values())
    active = [person for person in everybody if person.there]
    yield Cell(rows(active))
    yield Cell(rows(active), query={"search": EVERY_NAME, "ordering": "-likes_received"})
    # Those who are gone are for staff who ask for them.
    yield Cell(rows(everybody), query={"state": "all"})
    yield Cell(rows([p for p in everybody if not p.there]), query={"state": "deactivated"})
