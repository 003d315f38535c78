"""Likes: the owner's of others' posts, others' of the owner's."""

from __future__ import annotations

from collections.abc import Iterator

from project.tests.truth_table.entries.posts import Post, by_id
from project.tests.truth_table.registry import Cell, Who, makes, operation, shown
from project.tests.truth_table.rules import Audience, Viewer
from project.tests.truth_table.things import Eye, Marker, Person, Thing
from project.tests.truth_table.world import World, ok


class Like(Thing):
    """A like. Shown by itself it holds the post and the account."""

    def __init__(self, post: Post, account: Person) -> None:
        self.post, self.account = post, account

    def shown(self, eye: Eye) -> set[Marker]:
        return eye.markers([self.post, self.account])


def like(world: World, post: Post, account: Person) -> None:
    made = world.add(Like(post, account))
    made.id = ok(account.api.put(f"/posts/{post.id}/like/")).json()["id"]


@makes
def likes(world: World) -> None:
    everywhere = (Viewer.FOLLOWER, Viewer.BLOCKED, Viewer.BLOCKER, Viewer.POSTS_BLOCKED, Viewer.DEACTIVATED)
    for post in world.all(Post):
        if post.audience is Audience.DRAFT:
            continue
        like(world, post, world.owner)
        if post.owner is world.hermit:
            continue
        like(world, post, world.viewers[Viewer.CLOSE_FRIEND])
        if post.audience is Audience.EVERYONE:
            for role in everywhere:
                like(world, post, world.viewers[role])


@operation("posts_likes_list", Who.PUBLIC)
def posts_likes_list(eye: Eye, world: World) -> Iterator[Cell]:
    def likers(post: Post) -> list[Person]:
        return [like.account for like in world.all(Like) if like.post is post and like.account.there]

    # R36: a list may show fewer, its count is the same for all.
    return by_id(eye, world, lambda post: shown(eye, *eye.found(likers(post)), count=len(likers(post))))
