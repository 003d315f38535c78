"""Home, with what reposts and hashtags bring there, the general list, what is popular, and the grids of profiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from project.tests.truth_table.entries.hashtags import TagFollow
from project.tests.truth_table.entries.posts import Post, seen
from project.tests.truth_table.entries.reposts import Repost, reposted
from project.tests.truth_table.registry import SIGN_IN, Answer, Cell, Who, behind, operation, shown
from project.tests.truth_table.rules import Surface, Viewer, public
from project.tests.truth_table.things import Eye, Person
from project.tests.truth_table.world import EVERY_CAPTION, EVERY_TAG, World


def home(eye: Eye, world: World, *, brought: bool = True) -> Answer:
    """R59: one's own and those of whom one follows, what these reposted, and the public posts of followed hashtags;
    each once, and by the first repost where nothing else brings it. `brought`: whether it is said who reposted."""
    posts = seen(eye, world, Surface.HOME)
    tags = {follow.tag for follow in world.all(TagFollow) if follow.account is eye.person}

    def tagged(post: Post) -> bool:
        return post.tag in tags and public(post.owner.state, post.audience)

    posts += [post for post in seen(eye, world, Surface.BROUGHT_HOME, tagged) if post not in posts]
    by: list[Person] = []
    # One's own bring nothing.
    for repost in (repost for repost in world.all(Repost) if eye.follows(repost.account)):
        if repost.post not in posts and reposted(eye, repost, Surface.HOME, Surface.BROUGHT_HOME):
            posts.append(repost.post)
            by.append(repost.account)
    ids = frozenset(post.id for post in posts)
    if not brought:
        return shown(eye, *posts, results__id=ids)
    # Each is there once, so that the numbers agree.
    reposters = frozenset([*(person.id for person in by), *([None] if len(by) < len(posts) else [])])
    return shown(eye, *posts, *by, results__id=ids, results__reposted_by__id=reposters)


@operation("feed_home", Who.SIGNED_IN)
def feed_home(eye: Eye, world: World) -> Iterator[Cell]:
    yield Cell(home(eye, world))


@operation("posts_list", Who.PUBLIC)
def posts_list(eye: Eye, world: World) -> Iterator[Cell]:
    for query in ({}, {"ordering": "-likes"}, {"search": EVERY_CAPTION}, {"hashtag": EVERY_TAG}):
        yield Cell(shown(eye, *seen(eye, world, Surface.LIST)), query=query)
    for person in world.central:
        theirs = seen(eye, world, Surface.LIST, lambda post, of=person: post.owner is of)  # type: ignore[misc]
        yield Cell(shown(eye, *theirs), query={"author": person.handle})
    for post in world.all(Post):
        these = seen(eye, world, Surface.LIST, lambda other, this=post: other is this)  # type: ignore[misc]
        yield Cell(shown(eye, *these), query={"hashtag": post.tag})
    yield Cell(home(eye, world) if eye.signed_in else SIGN_IN, query={"feed": "home"})
    # In another order it is not said who reposted.
    plain = home(eye, world, brought=False) if eye.signed_in else SIGN_IN
    yield Cell(plain, query={"feed": "home", "ordering": "-likes"})


@operation("posts_popular_list", Who.PUBLIC)
def posts_popular_list(eye: Eye, world: World) -> Iterator[Cell]:
    for query in ({}, {"window": "day"}):
        yield Cell(shown(eye, *seen(eye, world, Surface.POPULAR)), query=query)


def grid(eye: Eye, world: World, person: Person, tab: str) -> Answer:
    """One tab of a profile. What a post hides is not told by the profile of who is on it either."""
    if tab == "reposts":
        these = [
            repost
            for repost in world.all(Repost)
            if repost.account is person and reposted(eye, repost, Surface.PROFILE, Surface.PROFILE)
        ]
        return shown(eye, *these, results__id=frozenset(repost.post.id for repost in these))
    on_it: Callable[[Post], bool] = (
        (lambda post: post.owner is person)
        if tab == "posts"
        else (lambda post: person in (*post.tagged, *post.picture.tagged))
    )
    posts = seen(eye, world, Surface.PROFILE, on_it)
    return shown(eye, *posts, results__id=frozenset(post.id for post in posts))


@operation("users_posts_list", Who.SIGNED_IN)
def users_posts_list(eye: Eye, world: World) -> Iterator[Cell]:
    tabs = [(person, "posts") for person in world.central]
    tabs += [
        (person, tab) for tab in ("reposts", "tagged") for person in (world.owner, world.host, world.hermit)
    ]
    tabs.append((world.viewers[Viewer.POSTS_BLOCKED], "reposts"))
    tabs += [(world.viewers[role], "tagged") for role in (Viewer.STRANGER, Viewer.BLOCKED, Viewer.BLOCKER)]
    for person, tab in tabs:
        yield Cell(
            behind(eye.lists(person), lambda of=person, tab=tab: grid(eye, world, of, tab)),  # type: ignore[misc]
            path={"user": person.id},
            query={} if tab == "posts" else {"tab": tab},
        )
