"""Comments: the owner's in others' threads, others' on the owner's posts, threads below somebody hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from project.tests.truth_table.entries.posts import Post, by_id
from project.tests.truth_table.registry import HIDDEN, Answer, Cell, Who, makes, operation, shown
from project.tests.truth_table.rules import Audience, Surface, Viewer
from project.tests.truth_table.things import Eye, Marker, Person, Thing
from project.tests.truth_table.world import World, ok


class Comment(Thing):
    """A comment or, with a parent, a reply."""

    def __init__(self, post: Post, author: Person, parent: Comment | None) -> None:
        self.post, self.author, self.parent = post, author, parent
        self.mentions: list[Person] = []
        self.likers: list[Person] = []

    def shown(self, eye: Eye) -> set[Marker]:
        return {*self.markers, *eye.markers([self.author, *eye.found(self.mentions)])}


def like_it(comment: Comment, *people: Person) -> None:
    for person in people:
        ok(person.api.put(f"/comments/{comment.id}/like/"))
    comment.likers += people


def comment(
    world: World, post: Post, author: Person, parent: Comment | None = None, mention: Person | None = None
) -> Comment:
    """Comment on a post with a marked text."""
    made = world.add(Comment(post, author, parent))
    text = world.mark(f"comment of {author.role} on the {post.audience} post of {post.owner.role}")
    made.markers = frozenset({text})
    if mention is not None:
        # The name is a word of the text; see `posts.post`.
        made.mentions, made.markers = [mention], made.markers | {mention.handle}
    body = {
        "text": f"{text} @{mention.handle}" if mention else text,
        **({"reply_to": parent.id} if parent else {}),
    }
    made.id = ok(author.api.post(f"/posts/{post.id}/comments/", body)).json()["id"]
    return made


@makes
def comments(world: World) -> None:
    owner, host = world.owner, world.host
    for post in world.all(Post):
        if post.owner is owner:
            if post.audience is not Audience.DRAFT:
                comment(world, post, owner)
                friend = comment(world, post, world.viewers[Viewer.CLOSE_FRIEND])
                like_it(friend, owner)
            if post.audience is Audience.EVERYONE:
                for role in (Viewer.STRANGER, Viewer.BLOCKED, Viewer.BLOCKER, Viewer.POSTS_BLOCKED):
                    comment(world, post, world.viewers[role])
        elif post.owner is host:
            theirs = comment(world, post, owner)
            comment(world, post, host, parent=theirs)
            liking = (Viewer.FOLLOWER, Viewer.BLOCKED, Viewer.BLOCKER, Viewer.DEACTIVATED)
            like_it(theirs, owner, *(world.viewers[role] for role in liking))
            mine = comment(world, post, host, mention=owner)
            comment(world, post, owner, parent=mine)
            for role in (Viewer.BLOCKED, Viewer.BLOCKER, Viewer.DEACTIVATED, Viewer.STORIES_BLOCKED):
                comment(world, post, world.viewers[role], parent=mine)
                comment(world, post, world.viewers[role])
        else:
            comment(world, post, owner)


def readable(eye: Eye, comment: Comment) -> bool:
    """R22, R32: a comment stands where its post does, for whoever may find its writer; R52: a reply in the thread of
    its parent."""
    return (
        eye.sees(comment.post, Surface.DIRECT)
        and eye.finds(comment.author)
        and (comment.parent is None or readable(eye, comment.parent))
    )


def standing(comment: Comment) -> bool:
    """Whether a comment counts: its writer is there, and so is that of the one above."""
    return comment.author.there and (comment.parent is None or standing(comment.parent))


def below(eye: Eye, world: World, post: Post, parent: Comment | None) -> list[Comment]:
    """The comments that stand there for the viewer."""
    return [c for c in world.all(Comment) if c.post is post and c.parent is parent and readable(eye, c)]


@operation("comments_list", Who.PUBLIC)
def comments_list(eye: Eye, world: World) -> Iterator[Cell]:
    def comments_of(post: Post) -> Answer:
        return shown(eye, *below(eye, world, post, None))

    yield from by_id(eye, world, comments_of)
    yield from by_id(eye, world, comments_of, ordering="top")


@operation("comments_get", Who.PUBLIC)
def comments_get(eye: Eye, world: World) -> Iterator[Cell]:
    for found in world.all(Comment):
        # R36: likes are counted the same for all, across a block too.
        liked: dict[str, Any] = {
            "like_count": sum(1 for person in found.likers if person.there),
            "has_liked": eye.person in found.likers,
        }
        answer = shown(eye, found, id=found.id, **liked) if readable(eye, found) else HIDDEN
        yield Cell(answer, path={"comment_id": found.id})


@operation("comments_replies_list", Who.PUBLIC)
def comments_replies_list(eye: Eye, world: World) -> Iterator[Cell]:
    for found in (c for c in world.all(Comment) if c.parent is None):
        answer = shown(eye, *below(eye, world, found.post, found)) if readable(eye, found) else HIDDEN
        yield Cell(answer, path={"comment_id": found.id})
