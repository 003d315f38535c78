"""Search: accounts, posts, hashtags, all of them."""

from __future__ import annotations

from collections.abc import Iterator

from project.tests.truth_table.entries.posts import Post, seen
from project.tests.truth_table.registry import Answer, Cell, Who, operation, shown
from project.tests.truth_table.rules import Surface, public
from project.tests.truth_table.things import Eye, Person
from project.tests.truth_table.world import EVERY_CAPTION, EVERY_NAME, World


def name_of(world: World, person: Person) -> str:
    """The first word of a full name."""
    (name,) = [mark for mark in person.markers if world.labels[mark].startswith("name of")]
    return name


def caption_of(world: World, post: Post) -> str:
    """The first word of a caption."""
    (caption,) = [mark for mark in post.markers if world.labels[mark].startswith("caption of")]
    return caption


def accounts(eye: Eye, people: list[Person]) -> Answer:
    # R22: private accounts are found as well.
    return shown(eye, *eye.found(people))


def posts(eye: Eye, world: World, among: list[Post]) -> Answer:
    found = seen(eye, world, Surface.SEARCH, lambda post: post in among)
    return shown(eye, *(p for p in found if public(p.owner.state, p.audience)), may=found)


def hashtags(eye: Eye, world: World, among: list[Post]) -> Answer:
    """A hashtag is found where a post is that stands under it: each of ours stands under one."""
    found = seen(eye, world, Surface.SEARCH, lambda post: post in among)
    sure = {post.tag for post in found if public(post.owner.state, post.audience)}
    return Answer(200, frozenset(sure), frozenset(post.tag for post in found) - sure)


@operation("search_users", Who.SIGNED_IN)
def search_users(eye: Eye, world: World) -> Iterator[Cell]:
    yield Cell(accounts(eye, list(world.people.values())), query={"q": EVERY_NAME})
    for person in world.central:
        yield Cell(accounts(eye, [person]), query={"q": name_of(world, person)})
    for q in (world.owner.handle, world.owner.handle[:9]):
        yield Cell(accounts(eye, [world.owner]), query={"q": q})


@operation("search_posts", Who.SIGNED_IN)
def search_posts(eye: Eye, world: World) -> Iterator[Cell]:
    yield Cell(posts(eye, world, world.all(Post)), query={"q": EVERY_CAPTION})
    for post in world.all(Post):
        yield Cell(posts(eye, world, [post]), query={"q": caption_of(world, post)})


@operation("search_hashtags", Who.SIGNED_IN)
def search_hashtags(eye: Eye, world: World) -> Iterator[Cell]:
    yield Cell(hashtags(eye, world, world.all(Post)), query={"q": "zq"})
    for post in world.all(Post):
        yield Cell(hashtags(eye, world, [post]), query={"q": post.tag})


@operation("search_all", Who.SIGNED_IN)
def search_all(eye: Eye, world: World) -> Iterator[Cell]:
    for person in world.central:
        naming = [post for post in world.all(Post) if person in post.mentions]
        by_name, in_posts = accounts(eye, [person]), posts(eye, world, naming)
        both = Answer(200, by_name.must | in_posts.must, by_name.may | in_posts.may)
        yield Cell(both, query={"q": person.handle})
    for post in world.all(Post):
        by_tag, tags = posts(eye, world, [post]), hashtags(eye, world, [post])
        both = Answer(200, by_tag.must | tags.must, by_tag.may | tags.may)
        yield Cell(both, query={"q": post.tag})
