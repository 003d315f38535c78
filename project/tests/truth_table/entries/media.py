"""Media: avatars, what hangs on posts, what hangs on nothing yet."""

from __future__ import annotations

from collections.abc import Iterator

from project.tests.truth_table.registry import HIDDEN, Cell, Who, makes, operation, shown
from project.tests.truth_table.rules import Surface, Viewer
from project.tests.truth_table.things import Eye, Gated, Marker, Person, Thing
from project.tests.truth_table.world import World, ok


class Medium(Thing):
    """A picture, with the people on it. `of` is the post or story that it hangs on; an avatar's address is also one of
    its owner's markers."""

    def __init__(self, owner: Person, id_: int, markers: frozenset[Marker], of: Gated | None = None) -> None:
        self.owner, self.id, self.markers, self.of = owner, id_, markers, of
        self.avatar = False
        self.tagged: list[Person] = []

    def shown(self, eye: Eye) -> set[Marker]:
        return {*self.markers, *eye.markers(eye.found(self.tagged))}

    def tag(self, people: list[Person]) -> None:
        """Name the people on the picture."""
        self.tagged = people
        tagged = [{"account": person.id, "x": 0.5, "y": 0.5} for person in people]
        ok(self.owner.api.patch(f"/media/{self.id}/", {"tagged": tagged}))


@makes
def avatars_and_loose_media(world: World) -> None:
    for owner in (world.owner, world.hermit):
        id_, markers = world.medium(owner, f"avatar of {owner.role}")
        ok(owner.api.put(f"/profiles/{owner.id}/avatar/", {"media": id_}))
        avatar = world.add(Medium(owner, id_, markers))
        avatar.avatar = True
        owner.markers |= {marker for marker in markers if world.labels[marker].startswith("address")}
        world.add(Medium(owner, *world.medium(owner, f"loose picture of {owner.role}")))


def may_open(eye: Eye, medium: Medium) -> bool:
    """One's own, any for staff; an avatar goes with the name (R22), what hangs on an item with the item."""
    kind = eye.kind(medium.owner)
    if not eye.finds(medium.owner):
        return False
    if kind in {Viewer.SELF, Viewer.STAFF} or medium.avatar:
        return True
    return medium.of is not None and eye.sees(medium.of, Surface.DIRECT)


@operation("media_get", Who.PUBLIC)
def media_get(eye: Eye, world: World) -> Iterator[Cell]:
    for medium in world.all(Medium):
        yield Cell(
            shown(eye, medium) if may_open(eye, medium) else HIDDEN,
            path={"media_id": medium.id},
        )
