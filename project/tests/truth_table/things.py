"""What stands in a world, and the eye that looks at it: each thing knows its markers and what is shown beside it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from project.tests.truth_table import rules
from project.tests.truth_table.rules import Audience, Door, Item, Owner, Standing, Surface, Viewer

if TYPE_CHECKING:
    from project.testing.cast import Member
    from project.testing.client import ApiClient
    from project.tests.truth_table.world import World

# A word that stands in one text only.
Marker = str


class Thing(ABC):
    """Something that an operation may show. `markers` are the words in its own texts."""

    id: int
    markers: frozenset[Marker] = frozenset()

    @abstractmethod
    def shown(self, eye: Eye) -> set[Marker]:
        """Every marker in an answer that holds the thing, for a viewer who may see it: its own, and those of what
        stands beside it as far as this viewer may see that too."""


class Person(Thing):
    """An account. `markers` is what a brief of it shows; the rest stands on its profile."""

    def __init__(self, role: str, member: Member, state: Owner = Owner.PUBLIC) -> None:
        self.role = role
        self.member = member
        self.id = member.id
        self.state = state
        self.handle = member.username
        self.markers = frozenset({self.handle})
        # Texts of the profile; what followers alone see; what only the owner and staff do.
        self.texts: frozenset[Marker] = frozenset()
        self.inner: frozenset[Marker] = frozenset()
        self.contact: frozenset[Marker] = frozenset()

    @property
    def api(self) -> ApiClient:
        return self.member.api

    @property
    def there(self) -> bool:
        return self.state is not Owner.DEACTIVATED

    def shown(self, eye: Eye) -> set[Marker]:
        return set(self.markers)

    def detail(self, eye: Eye) -> set[Marker]:
        """Every marker on its profile, for a viewer who sees all of it."""
        found = {*self.markers, *self.texts}
        if eye.lists(self) is Door.OPEN:
            found |= self.inner
        if eye.kind(self) in {Viewer.SELF, Viewer.STAFF}:
            found |= self.contact
        return found


class Gated(Thing):
    """Something with an owner and an audience."""

    what: ClassVar[Item]
    owner: Person
    audience: Audience
    # R56: its time has passed.
    over = False


class Eye:
    """The world as one viewer may see it. It only says who is what to whom; the verdicts are of `rules`."""

    def __init__(self, world: World, viewer: Viewer, person: Person | None, api: ApiClient) -> None:
        self.world = world
        self.viewer = viewer
        self.person = person
        self.api = api

    @property
    def signed_in(self) -> bool:
        return self.person is not None

    @property
    def gone(self) -> bool:
        """Whether the viewer's account is no more, and its tokens with it."""
        return self.person is not None and not self.person.there

    def kind(self, other: Person) -> Viewer:
        """What this viewer is to another."""
        return self.world.kind(self.person, other)

    def sees(self, thing: Gated, surface: Surface) -> bool:
        return not thing.over and rules.sees(
            self.kind(thing.owner), thing.owner.state, thing.audience, surface, what=type(thing).what
        )

    def sees_posts_of(self, person: Person, surface: Surface) -> bool:
        """Whether a post for everyone by them would stand there: a repost does where that would (R53)."""
        return rules.sees(self.kind(person), person.state, Audience.EVERYONE, surface)

    def finds(self, person: Person) -> bool:
        return rules.finds(self.kind(person), person.state)

    def profile(self, person: Person) -> Standing:
        return rules.profile(self.kind(person), person.state)

    def lists(self, person: Person) -> Door:
        return rules.lists(self.kind(person), person.state)

    def follows(self, person: Person) -> bool:
        return self.person is not None and self.world.follows(self.person, person)

    def markers(self, things: Iterable[Thing]) -> set[Marker]:
        """Every marker in an answer that holds these things."""
        return {marker for thing in things for marker in thing.shown(self)}

    def found(self, people: Iterable[Person]) -> list[Person]:
        """Those of the people whom this viewer may find."""
        return [person for person in people if self.finds(person)]
