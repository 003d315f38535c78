"""What one has saved, and a post's insights, which count it with all that was done to the post."""

from __future__ import annotations

from collections.abc import Iterator

from project.tests.truth_table.entries.comments import Comment, standing
from project.tests.truth_table.entries.likes import Like
from project.tests.truth_table.entries.posts import Post, by_id
from project.tests.truth_table.entries.reposts import Repost
from project.tests.truth_table.registry import FORBIDDEN, Answer, Cell, Who, makes, operation, shown
from project.tests.truth_table.rules import Audience, Surface, Viewer
from project.tests.truth_table.things import Eye, Marker, Person, Thing
from project.tests.truth_table.world import World, ok

# Of which of the owner's posts; all of them save the host's.
SAVED = {
    Viewer.STRANGER: [Audience.EVERYONE],
    Viewer.FOLLOWER: [Audience.EVERYONE, Audience.FOLLOWERS],
    Viewer.PENDING: [Audience.EVERYONE],
    Viewer.BLOCKED: [Audience.EVERYONE, Audience.FOLLOWERS, Audience.CLOSE_FRIENDS],
    Viewer.BLOCKER: [Audience.EVERYONE, Audience.FOLLOWERS, Audience.CLOSE_FRIENDS],
    Viewer.POSTS_BLOCKED: [Audience.EVERYONE, Audience.FOLLOWERS, Audience.CLOSE_FRIENDS],
    Viewer.MUTER: [Audience.EVERYONE, Audience.FOLLOWERS],
    Viewer.CLOSE_FRIEND: [Audience.EVERYONE, Audience.CLOSE_FRIENDS],
    Viewer.LISTED: [Audience.EVERYONE, Audience.CLOSE_FRIENDS],
    Viewer.STAFF: [Audience.EVERYONE, Audience.FOLLOWERS, Audience.CLOSE_FRIENDS],
    Viewer.DEACTIVATED: [Audience.EVERYONE],
    Viewer.SELF: [Audience.EVERYONE],
}


class Save(Thing):
    """That somebody has saved a post. Nobody else is told."""

    def __init__(self, post: Post, account: Person) -> None:
        self.post, self.account = post, account

    def shown(self, eye: Eye) -> set[Marker]:
        return self.post.shown(eye)


def save(world: World, post: Post, account: Person) -> None:
    ok(account.api.put(f"/posts/{post.id}/save/"))
    world.add(Save(post, account))


@makes
def saves(world: World) -> None:
    for post in world.all(Post):
        for role, audiences in SAVED.items():
            if post.owner is world.host or (post.owner is world.owner and post.audience in audiences):
                save(world, post, world.viewers[role])
        if post.owner is world.hermit:
            save(world, post, world.owner)


@operation("saved_list", Who.SIGNED_IN)
def saved_list(eye: Eye, world: World) -> Iterator[Cell]:
    # R34: what is muted stays. What is hidden by now is left out for as long.
    mine = [
        save for save in world.all(Save) if save.account is eye.person and eye.sees(save.post, Surface.LIST)
    ]
    yield Cell(shown(eye, *mine, results__id=frozenset(save.post.id for save in mine)))


@operation("posts_insights", Who.SIGNED_IN)
def posts_insights(eye: Eye, world: World) -> Iterator[Cell]:
    def numbers(post: Post) -> Answer:
        if post.owner is not eye.person:
            return FORBIDDEN
        reposts = sum(1 for repost in world.all(Repost) if repost.post is post and repost.account.there)
        return shown(
            eye,
            likes=sum(1 for like in world.all(Like) if like.post is post and like.account.there),
            comments=sum(1 for comment in world.all(Comment) if comment.post is post and standing(comment)),
            saves=sum(1 for save in world.all(Save) if save.post is post and save.account.there),
            reposts=reposts,
            shares=reposts,
        )

    return by_id(eye, world, numbers)
