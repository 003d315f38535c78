"""Likes: the owner's of others' posts, others' of the owner's."""

from __future__ import annotations

from collections.abc import Iterator

from project.tests.truth_table.entries.posts import Post, by_id
from project.tests.truth_table.registry import HIDDEN, Answer, Cell, Who, behind, makes, operation, shown
from project.tests.truth_table.rules import Audience, Standing, Surface, Viewer, public
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


def readable(eye: Eye, like: Like, surface: Surface) -> bool:
    """A like stands where its post does, for whoever may find the one who gave it (R22, R32)."""
    return eye.sees(like.post, surface) and eye.finds(like.account)


@operation("likes_list", Who.PUBLIC)
def likes_list(eye: Eye, world: World) -> Iterator[Cell]:
    def rows(surface: Surface, *, post: Post | None = None, account: Person | None = None) -> list[Like]:
        return [
            like
            for like in world.all(Like)
            if post in {like.post, None} and account in {like.account, None} and readable(eye, like, surface)
        ]

    # R35, R36: of all that is public, the same for every viewer.
    total = sum(
        1
        for like in world.all(Like)
        if public(like.post.owner.state, like.post.audience) and like.account.there
    )
    yield Cell(shown(eye, total_likes=total, results=[]))
    for person in world.central:
        theirs = rows(Surface.LIST, account=person)
        answer = behind(
            eye.lists(person),
            lambda these=theirs: shown(eye, *these, total_likes=None, results__id=ids(these)),  # type: ignore[misc]
        )
        yield Cell(answer, query={"user": person.handle})
    for post in world.all(Post):
        seen = eye.sees(post, Surface.DIRECT)
        those = rows(Surface.DIRECT, post=post)
        yield Cell(shown(eye, *those, results__id=ids(those)) if seen else HIDDEN, query={"post": post.id})
        if post.audience is not Audience.EVERYONE:
            continue
        for person in (world.owner, world.viewers[Viewer.BLOCKER]):
            one = rows(Surface.DIRECT, post=post, account=person)
            known = seen and eye.profile(person) in {Standing.FULL, Standing.SIGN_IN}
            # R22: that a private account likes what one sees is no secret, all that it likes is.
            both = shown(eye, *one, liked=bool(one), results__id=ids(one)) if known else HIDDEN
            yield Cell(both, query={"post": post.id, "user": person.id})


def ids(likes: list[Like]) -> frozenset[int]:
    return frozenset(like.id for like in likes)


@operation("likes_get", Who.PUBLIC)
def likes_get(eye: Eye, world: World) -> Iterator[Cell]:
    for like in world.all(Like):
        answer = shown(eye, like, id=like.id) if readable(eye, like, Surface.DIRECT) else HIDDEN
        yield Cell(answer, path={"like_id": like.id})


@operation("likes_batch", Who.PUBLIC)
def likes_batch(eye: Eye, world: World) -> Iterator[Cell]:
    def state(post: Post) -> dict[str, int | bool]:
        givers = [like.account for like in world.all(Like) if like.post is post]
        return {"count": sum(1 for giver in givers if giver.there), "liked": eye.person in givers}

    posts = world.all(Post)
    # What is hidden is left out, as what never was: the whole answer is compared.
    visible = {str(post.id): state(post) for post in posts if eye.sees(post, Surface.DIRECT)}
    yield Cell(Answer(200, values={"": visible}), query={"ids": ",".join(str(post.id) for post in posts)})
