"""Hashtags: one of each post, one of all posts, and who follows which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from project.tests.truth_table.entries.posts import Post, seen
from project.tests.truth_table.registry import HIDDEN, Cell, Who, makes, operation, shown
from project.tests.truth_table.rules import Audience, Surface, Viewer, public
from project.tests.truth_table.things import Eye, Marker, Person, Thing
from project.tests.truth_table.world import EVERY_TAG, World, ok

# Of which of the owner's posts they follow the hashtag, while they may see the posts.
FOLLOWED = {
    Viewer.STRANGER: [Audience.EVERYONE],
    Viewer.PENDING: [Audience.EVERYONE],
    Viewer.BLOCKED: [Audience.EVERYONE, Audience.CLOSE_FRIENDS],
    Viewer.BLOCKER: [Audience.EVERYONE],
    Viewer.POSTS_BLOCKED: [Audience.EVERYONE, Audience.FOLLOWERS],
    Viewer.MUTER: [Audience.EVERYONE, Audience.FOLLOWERS],
    Viewer.LISTED: [Audience.CLOSE_FRIENDS],
    Viewer.STAFF: [Audience.EVERYONE, Audience.FOLLOWERS],
}


class TagFollow(Thing):
    """That somebody follows the hashtag of a post. Nobody else is told."""

    def __init__(self, account: Person, tag: Marker) -> None:
        self.account, self.tag = account, tag

    def shown(self, eye: Eye) -> set[Marker]:
        return {self.tag}


def follow(world: World, account: Person, post: Post) -> None:
    ok(account.api.put(f"/hashtags/{post.tag}/follow/"))
    world.add(TagFollow(account, post.tag))


@makes
def followed_hashtags(world: World) -> None:
    for post in world.all(Post):
        for role, audiences in FOLLOWED.items():
            if post.owner is world.owner and post.audience in audiences:
                follow(world, world.viewers[role], post)
        if post.owner is world.viewers[Viewer.STRANGER]:
            follow(world, world.viewers[Viewer.FOLLOWER], post)


def follows(eye: Eye, world: World, tag: str) -> bool:
    return any(follow.account is eye.person and follow.tag == tag for follow in world.all(TagFollow))


def under(eye: Eye, world: World, tag: str) -> tuple[bool, list[Post]]:
    """Whether there is such a hashtag for the viewer, and the posts under it. A hashtag is there where one post is that
    they see; for staff, as everything by its name; and one that they follow stays, a name of their own list."""
    posts = seen(eye, world, Surface.HASHTAG, lambda post: tag in {post.tag, EVERY_TAG})
    return bool(posts) or eye.viewer is Viewer.STAFF or follows(eye, world, tag), posts


def counted(world: World, tag: str) -> int:
    """R36, R57: the public posts, the same number for every viewer."""
    return sum(
        1
        for post in world.all(Post)
        if tag in {post.tag, EVERY_TAG} and public(post.owner.state, post.audience)
    )


def all_tags(world: World) -> list[str]:
    return [EVERY_TAG, *(post.tag for post in world.all(Post))]


@operation("hashtags_get", Who.PUBLIC)
def hashtags_get(eye: Eye, world: World) -> Iterator[Cell]:
    for tag in all_tags(world):
        facts: dict[str, Any] = {
            "name": tag,
            "post_count": counted(world, tag),
            "following": follows(eye, world, tag),
        }
        there, _posts = under(eye, world, tag)
        answer = shown(eye, markers={tag} & world.labels.keys(), **facts) if there else HIDDEN
        yield Cell(answer, path={"name": tag})


@operation("hashtags_posts_list", Who.PUBLIC)
def hashtags_posts_list(eye: Eye, world: World) -> Iterator[Cell]:
    for tag in all_tags(world):
        there, posts = under(eye, world, tag)
        answer = shown(eye, *posts, results__id=frozenset(post.id for post in posts)) if there else HIDDEN
        yield Cell(answer, path={"name": tag})
        if len(posts) > 1:
            yield Cell(answer, path={"name": tag}, query={"ordering": "top"})


@operation("hashtags_trending", Who.PUBLIC)
def hashtags_trending(eye: Eye, world: World) -> Iterator[Cell]:
    # R34: not by those whom one mutes; R57: what is public.
    trending = [
        post.tag for post in seen(eye, world, Surface.TRENDS) if public(post.owner.state, post.audience)
    ]
    yield Cell(shown(eye, markers=trending, results__name=frozenset([EVERY_TAG, *trending])))


@operation("hashtags_followed_list", Who.SIGNED_IN)
def hashtags_followed_list(eye: Eye, world: World) -> Iterator[Cell]:
    mine = [follow for follow in world.all(TagFollow) if follow.account is eye.person]
    yield Cell(shown(eye, *mine, results__name=frozenset(follow.tag for follow in mine)))
