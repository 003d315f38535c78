"""Reposts: the stranger's post by the owner, who is followed, by the hermit, and across blocks; the owner's by the
host, whom all follow."""

from __future__ import annotations

from collections.abc import Iterator

from project.tests.truth_table.entries.posts import Post, by_id
from project.tests.truth_table.registry import Answer, Cell, Who, makes, operation, shown
from project.tests.truth_table.rules import Audience, Surface, Viewer, public
from project.tests.truth_table.things import Eye, Marker, Person, Thing
from project.tests.truth_table.world import World, ok


class Repost(Thing):
    """A repost. Where it stands it is the post, and who brought it."""

    def __init__(self, post: Post, account: Person) -> None:
        self.post, self.account = post, account

    def shown(self, eye: Eye) -> set[Marker]:
        return eye.markers([self.post, self.account])


def repost(world: World, post: Post, account: Person) -> None:
    ok(account.api.put(f"/posts/{post.id}/repost/"))
    world.add(Repost(post, account))


@makes
def reposts(world: World) -> None:
    across = (Viewer.BLOCKED, Viewer.BLOCKER, Viewer.POSTS_BLOCKED, Viewer.DEACTIVATED)
    for post in world.all(Post):
        if post.owner is world.viewers[Viewer.STRANGER]:
            repost(world, post, world.owner)
            repost(world, post, world.hermit)
            for role in across:
                repost(world, post, world.viewers[role])
        if post.owner is world.owner and post.audience is Audience.EVERYONE:
            repost(world, post, world.host)
            for role in across:
                repost(world, post, world.viewers[role])


def reposted(eye: Eye, repost: Repost, by: Surface, post: Surface) -> bool:
    """R53: a repost shows while the post is public, to who sees the post and would see one by who reposted it: `by` is
    where that one would stand, `post` where the other would."""
    return (
        public(repost.post.owner.state, repost.post.audience)
        and eye.sees(repost.post, post)
        and eye.sees_posts_of(repost.account, by)
    )


@operation("posts_reposts_list", Who.PUBLIC)
def posts_reposts_list(eye: Eye, world: World) -> Iterator[Cell]:
    def reposters(post: Post) -> Answer:
        these = [
            repost.account
            for repost in world.all(Repost)
            if repost.post is post and reposted(eye, repost, Surface.LIST, Surface.LIST)
        ]
        return shown(eye, *these, results__id=frozenset(person.id for person in these))

    return by_id(eye, world, reposters)
