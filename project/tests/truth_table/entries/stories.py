"""Stories: the owner's for everyone, for close friends and one that is over; the host's and the hermit's; and who has
seen them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from content.models import Story as StoredStory
from project.kernel.clock import now
from project.tests.truth_table.entries.media import Medium
from project.tests.truth_table.registry import FORBIDDEN, HIDDEN, Cell, Who, behind, makes, operation, shown
from project.tests.truth_table.rules import Audience, Item, Surface, Viewer
from project.tests.truth_table.things import Eye, Gated, Marker, Person
from project.tests.truth_table.world import World, ok

SENT_AS = {Audience.EVERYONE: "everyone", Audience.CLOSE_FRIENDS: "close_friends"}
# Who looks at them, while all are on good terms; two of them will be off the list of close friends by the block.
SEEN_BY = {
    Audience.EVERYONE: (
        Viewer.FOLLOWER,
        Viewer.STRANGER,
        Viewer.BLOCKED,
        Viewer.BLOCKER,
        Viewer.STORIES_BLOCKED,
        Viewer.MUTER,
        Viewer.DEACTIVATED,
    ),
    Audience.CLOSE_FRIENDS: (
        Viewer.CLOSE_FRIEND,
        Viewer.LISTED,
        Viewer.BLOCKED,
        Viewer.BLOCKER,
        Viewer.DEACTIVATED,
    ),
}


class Story(Gated):
    """A story, with who has seen it. Its markers are those of its picture."""

    what = Item.STORY
    picture: Medium

    def __init__(self, owner: Person, audience: Audience) -> None:
        self.owner, self.audience = owner, audience
        self.seen_by: list[Person] = []

    def shown(self, eye: Eye) -> set[Marker]:
        return {*self.picture.shown(eye), *eye.markers([self.owner])}


def tell(world: World, owner: Person, audience: Audience, tagged: list[Person]) -> Story:
    """Tell a story with a marked picture, on which some are tagged."""
    made = world.add(Story(owner, audience))
    media_id, made.markers = world.medium(owner, f"{audience} story of {owner.role}")
    body = {"media": media_id, "audience": SENT_AS[audience]}
    made.id = ok(owner.api.post("/stories/", body)).json()["id"]
    made.picture = world.add(Medium(owner, media_id, made.markers, of=made))
    made.picture.tag(tagged)
    return made


def view(story: Story, *people: Person) -> None:
    for person in people:
        ok(person.api.put(f"/stories/{story.id}/view/"))
    story.seen_by += people


@makes
def stories(world: World) -> None:
    owner, host = world.owner, world.host
    for audience, roles in SEEN_BY.items():
        mine = tell(world, owner, audience, [host, world.viewers[Viewer.BLOCKER]])
        view(mine, *(world.viewers[role] for role in roles))
    old = tell(world, owner, Audience.EVERYONE, [host])
    view(old, host)
    # R56: by the clock alone, whatever job has run.
    end = now() - timedelta(seconds=1)
    StoredStory.objects.filter(pk=old.id).update(created_at=end - timedelta(days=1), expires_at=end)
    old.over = True
    theirs = tell(world, host, Audience.EVERYONE, [owner, world.hermit, world.viewers[Viewer.DEACTIVATED]])
    view(theirs, owner, world.viewers[Viewer.BLOCKED])
    view(tell(world, world.hermit, Audience.EVERYONE, []), owner)


def on(eye: Eye, world: World, surface: Surface) -> list[Story]:
    """The stories that stand on a surface for the viewer."""
    return [story for story in world.all(Story) if eye.sees(story, surface)]


def stories_of(eye: Eye, world: World, person: Person) -> list[Story]:
    """Those of an account that stand on its profile."""
    return [story for story in on(eye, world, Surface.PROFILE) if story.owner is person]


@operation("stories_tray", Who.SIGNED_IN)
def stories_tray(eye: Eye, world: World) -> Iterator[Cell]:
    # R34: what is muted leaves the tray, but for who asks for it. R56: the order of times.
    for surface, query in ((Surface.TRAY, {}), (Surface.WHOLE_TRAY, {"include_muted": "true"})):
        these = on(eye, world, surface)
        tellers = frozenset(story.owner.id for story in these)
        yield Cell(shown(eye, *these, results__account__id=tellers), query=query)


@operation("users_stories_list", Who.SIGNED_IN)
def users_stories_list(eye: Eye, world: World) -> Iterator[Cell]:
    for person in world.central:
        these = stories_of(eye, world, person)
        answer = behind(
            eye.lists(person),
            lambda these=these: shown(eye, *these, results__id=[s.id for s in these]),  # type: ignore[misc]
        )
        yield Cell(answer, path={"user": person.id})


@operation("stories_get", Who.SIGNED_IN)
def stories_get(eye: Eye, world: World) -> Iterator[Cell]:
    for story in world.all(Story):
        mine = story.owner is eye.person
        facts: dict[str, Any] = {
            "viewed": mine or eye.person in story.seen_by,
            # R56: who has seen it is the owner's to know, how many too. R36: those who are there.
            "viewer_count": sum(1 for person in story.seen_by if person.there) if mine else None,
        }
        answer = shown(eye, story, id=story.id, **facts) if eye.sees(story, Surface.DIRECT) else HIDDEN
        yield Cell(answer, path={"story_id": story.id})


@operation("stories_viewers_list", Who.SIGNED_IN)
def stories_viewers_list(eye: Eye, world: World) -> Iterator[Cell]:
    for story in world.all(Story):
        answer = HIDDEN
        if eye.sees(story, Surface.DIRECT):
            # R32: not those across a block.
            answer = shown(eye, *eye.found(story.seen_by)) if story.owner is eye.person else FORBIDDEN
        yield Cell(answer, path={"story_id": story.id})
