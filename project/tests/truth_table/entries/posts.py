"""Posts: the owner's of every audience, one by the host that names the owner, one by the hermit, and one by a stranger
that comes to homes only by what is reposted and followed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from project.tests.truth_table.entries.media import Medium
from project.tests.truth_table.registry import HIDDEN, Answer, Cell, Who, makes, operation, shown
from project.tests.truth_table.rules import Audience, Item, Surface, Viewer
from project.tests.truth_table.things import Eye, Gated, Marker, Person
from project.tests.truth_table.world import EVERY_CAPTION, EVERY_TAG, World, ok

SENT_AS = {
    Audience.EVERYONE: {"audience": "everyone"},
    Audience.FOLLOWERS: {"audience": "followers"},
    Audience.CLOSE_FRIENDS: {"audience": "close_friends"},
    # A draft's audience is the one that would let most see it.
    Audience.DRAFT: {"audience": "everyone", "state": "draft"},
}


class Post(Gated):
    """A post, with the people it names. Its own markers hold those of its picture."""

    what = Item.POST
    picture: Medium

    def __init__(self, owner: Person, audience: Audience, tag: Marker) -> None:
        self.owner, self.audience, self.tag = owner, audience, tag
        self.mentions: list[Person] = []
        self.tagged: list[Person] = []

    def shown(self, eye: Eye) -> set[Marker]:
        people = [self.owner, *eye.found([*self.mentions, *self.tagged, *self.picture.tagged])]
        return {*self.markers, *eye.markers(people)}


def post(
    world: World,
    owner: Person,
    audience: Audience,
    *,
    mentions: list[Person] | None = None,
    tagged: list[Person] | None = None,
) -> Post:
    """Publish a post whose every text is marked. A name that the caption mentions is a word of the caption: whoever may
    read the post reads it, though the link to the account is not for all."""
    label = f"{audience} post of {owner.role}"
    title, caption, place, tag = (
        world.mark(f"{text} of {label}") for text in ("title", "caption", "location", "tag")
    )
    made = world.add(Post(owner, audience, tag))
    made.mentions, made.tagged = mentions or [], tagged or []
    names = " ".join(f"@{person.handle}" for person in made.mentions)
    media_id, media_markers = world.medium(owner, label)
    body: dict[str, Any] = {
        "title": title,
        "caption": f"{caption} {EVERY_CAPTION} #{EVERY_TAG} #{tag} {names}",
        "location": place,
        "media": [media_id],
        "tagged": [person.id for person in made.tagged],
        **SENT_AS[audience],
    }
    made.id = ok(owner.api.post("/posts/", body)).json()["id"]
    made.markers = frozenset(
        {title, caption, place, tag, *media_markers, *(person.handle for person in made.mentions)}
    )
    made.picture = world.add(Medium(owner, media_id, media_markers, of=made))
    return made


@makes
def posts(world: World) -> None:
    for audience in Audience:
        mine = post(world, world.owner, audience, tagged=[world.host])
        mine.picture.tag([world.viewers[Viewer.STRANGER], world.viewers[Viewer.BLOCKER]])
    named = [world.owner, world.hermit, world.viewers[Viewer.DEACTIVATED], world.viewers[Viewer.BLOCKER]]
    theirs = post(world, world.host, Audience.EVERYONE, mentions=[world.owner], tagged=named)
    theirs.picture.tag([world.viewers[Viewer.BLOCKED], world.viewers[Viewer.DEACTIVATED]])
    post(world, world.hermit, Audience.EVERYONE)
    post(world, world.viewers[Viewer.STRANGER], Audience.EVERYONE)


def seen(
    eye: Eye, world: World, surface: Surface, among: Callable[[Post], bool] = lambda post: True
) -> list[Post]:
    """The posts that stand on a surface for the viewer."""
    return [post for post in world.all(Post) if among(post) and eye.sees(post, surface)]


def by_id(eye: Eye, world: World, answer: Callable[[Post], Answer], **query: Any) -> Iterator[Cell]:
    """A cell for every post: what hangs on it, or that there is no such post."""
    for found in world.all(Post):
        yield Cell(
            answer(found) if eye.sees(found, Surface.DIRECT) else HIDDEN,
            path={"post_id": found.id},
            query=query,
        )


@operation("posts_get", Who.PUBLIC)
def posts_get(eye: Eye, world: World) -> Iterator[Cell]:
    return by_id(eye, world, lambda post: shown(eye, post, id=post.id))


@operation("posts_drafts_list", Who.SIGNED_IN)
def posts_drafts_list(eye: Eye, world: World) -> Iterator[Cell]:
    yield Cell(shown(eye, *seen(eye, world, Surface.DRAFTS)))
