"""A world: an owner in one state, somebody for each thing one can be to them, and three others; then whatever the
entries make. Built over the API."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from content.tests.kit import VARIANTS, ready_media
from project.outbox.relay import drain
from project.testing.cast import make_member
from project.testing.client import ApiClient
from project.tests.truth_table import rules
from project.tests.truth_table.registry import MAKERS
from project.tests.truth_table.rules import Owner, Viewer
from project.tests.truth_table.things import Eye, Marker, Person, Thing

T = TypeVar("T", bound=Thing)
LETTERS, LENGTH = "bcdfghjklmnpqrstvwxz", 13
MARKER = re.compile(f"zq[{LETTERS}]{{{LENGTH}}}")
# In every full name and every caption: what a search for many things asks for. And a hashtag of every caption.
EVERY_NAME, EVERY_CAPTION, EVERY_TAG = "Tableaux", "sunset", "evening"
# The same seen from the other side. Whoever is not here is a stranger to the owner's eye.
SEEN_BACK = {Viewer.BLOCKED: Viewer.BLOCKER, Viewer.BLOCKER: Viewer.BLOCKED}


class World:
    """The people by role, and everything that entries have added.

    The host is public and everybody but staff follows them; they and the owner follow each other. The hermit is private
    and the owner alone follows them."""

    def __init__(self, state: Owner) -> None:
        self._random = random.Random(state)
        self._things: dict[type[Thing], list[Any]] = {}
        self.labels: dict[Marker, str] = {}
        self.people: dict[str, Person] = {}
        self.owner = self._person(Viewer.SELF)
        self.host = self._person("host")
        self.hermit = self._person("hermit")
        self.viewers: dict[Viewer, Person] = {
            kind: self.owner if kind is Viewer.SELF else self._person(kind, is_staff=kind is Viewer.STAFF)
            for kind in Viewer
            if kind is not Viewer.SIGNED_OUT
        }
        for person in self.people.values():
            self._dress(person)
        drain()
        self._befriend()
        for make in MAKERS:
            make(self)
        drain()
        # What follows counts at once, whatever the relay has yet to do.
        self._part()
        self._close(state)

    # ---- asking

    def kind(self, viewer: Person | None, other: Person) -> Viewer:
        """What `viewer` is to `other`."""
        if viewer is None:
            return Viewer.SIGNED_OUT
        if not viewer.there:
            return Viewer.DEACTIVATED
        if viewer is other:
            return Viewer.SELF
        if viewer.role == Viewer.STAFF:
            return Viewer.STAFF
        if other is self.owner and viewer.role in set(Viewer):
            return Viewer(viewer.role)
        if viewer is self.owner and other.role in SEEN_BACK:
            return SEEN_BACK[Viewer(other.role)]
        return Viewer.FOLLOWER if self.follows(viewer, other) else Viewer.STRANGER

    def follows(self, viewer: Person, other: Person) -> bool:
        """Whether one follows the other now, be they there or gone."""
        if viewer is other or viewer.role == Viewer.STAFF:
            return False
        if other is self.owner:
            if viewer.role == Viewer.DEACTIVATED:
                return True
            return viewer is self.host or (
                viewer.role in set(Viewer) and rules.follows(Viewer(viewer.role), self.owner.state)
            )
        if other is self.host:
            return viewer is not self.hermit
        return viewer is self.owner and other is self.hermit

    def followers(self, of: Person) -> list[Person]:
        """Who follows them and is there."""
        return [person for person in self.people.values() if person.there and self.follows(person, of)]

    def following(self, person: Person) -> list[Person]:
        """Whom they follow, of those who are there."""
        return [other for other in self.people.values() if other.there and self.follows(person, other)]

    def eyes(self) -> Iterator[Eye]:
        """Every viewer."""
        yield Eye(self, Viewer.SIGNED_OUT, None, ApiClient())
        for viewer, person in self.viewers.items():
            yield Eye(self, viewer, person, person.api)

    def all(self, kind: type[T]) -> list[T]:
        """Everything of a kind."""
        return list(self._things.get(kind, ()))

    @property
    def central(self) -> list[Person]:
        """Those whose profiles and lists everybody opens."""
        roles = (Viewer.FOLLOWER, Viewer.BLOCKED, Viewer.BLOCKER, Viewer.POSTS_BLOCKED, Viewer.DEACTIVATED)
        return [self.owner, self.host, self.hermit, *(self.viewers[role] for role in roles)]

    def marked(self, text: str) -> set[Marker]:
        """Every marker in a text."""
        return self.labels.keys() & set(MARKER.findall(text.lower()))

    # ---- making

    def mark(self, label: str) -> Marker:
        """A new word, far from every other, so that no typo leads from one to another."""
        word = "zq" + "".join(self._random.choices(LETTERS, k=LENGTH))
        self.labels[word] = label
        return word

    def add(self, thing: T) -> T:
        """Put a thing into the world."""
        self._things.setdefault(type(thing), []).append(thing)
        return thing

    def medium(self, owner: Person, label: str, *, alt: bool = True) -> tuple[int, frozenset[Marker]]:
        """A ready medium: its id and markers, one in its description and one in its addresses."""
        text, link = self.mark(f"alt text of {label}"), self.mark(f"address of {label}")
        # Cut as the worker cuts, so that describing a picture makes it no work.
        made = {"focal": [0.5, 0.5]}
        variants = [{**made, **v, "key": f"media/{link}-{v['name']}.webp"} for v in VARIANTS]
        return ready_media(owner.id, alt_text=text, variants=variants), frozenset({text, link})

    def _person(self, role: str, **fields: Any) -> Person:
        handle, name = self.mark(f"username of {role}"), self.mark(f"name of {role}")
        mail = self.mark(f"e-mail of {role}")
        member = make_member(handle, f"{name} {EVERY_NAME}", email=f"{mail}@example.org", **fields)
        person = Person(role, member)
        person.markers |= {name}
        person.contact = frozenset({mail})
        self.people[role] = self.add(person)
        return person

    def _dress(self, person: Person) -> None:
        bio, site, status = (self.mark(f"{text} of {person.role}") for text in ("bio", "website", "status"))
        ok(person.api.patch(f"/profiles/{person.id}/", {"bio": bio, "website": f"https://{site}.example"}))
        ok(person.api.put(f"/profiles/{person.id}/status/", {"text": status}))
        person.texts, person.inner = frozenset({bio, site}), frozenset({status})

    def _befriend(self) -> None:
        owner, host, hermit = self.owner, self.host, self.hermit
        for follower, followed in ((owner, host), (owner, hermit), (host, owner)):
            follower.member.follow(followed.member)
        hermit.member.go_private()
        hermit.state = Owner.PRIVATE
        for role, viewer in self.viewers.items():
            if role in {Viewer.SELF, Viewer.STAFF}:
                continue
            viewer.member.follow(host.member)
            if role not in {Viewer.STRANGER, Viewer.LISTED, Viewer.PENDING}:
                viewer.member.follow(owner.member)
        # The blocks will take two of them off the list again.
        for role in (*sorted(rules.ON_THE_LIST), Viewer.BLOCKED, Viewer.BLOCKER, Viewer.DEACTIVATED):
            ok(owner.api.post(f"/close-friend/{self.viewers[role].id}/"))

    def _part(self) -> None:
        """The blocks, the mute: after everything was made, so that what stands across a block is there, hidden."""
        owner, viewers = self.owner, self.viewers
        owner.member.block(viewers[Viewer.BLOCKED].member)
        viewers[Viewer.BLOCKER].member.block(owner.member)
        owner.member.block(viewers[Viewer.POSTS_BLOCKED].member, scope="posts")
        owner.member.block(viewers[Viewer.STORIES_BLOCKED].member, scope="stories")
        everything = {"posts": True, "stories": True, "notifications": True}
        ok(viewers[Viewer.MUTER].api.post(f"/mute/{owner.id}/", everything))

    def _close(self, state: Owner) -> None:
        owner = self.owner
        owner.member.go_private()
        self.viewers[Viewer.PENDING].member.follow(owner.member)
        if state is not Owner.PRIVATE:
            # Accepts who is pending (R21).
            owner.member.go_private(False)
        ok(self.viewers[Viewer.DEACTIVATED].api.post("/deactivate-account/"))
        self.viewers[Viewer.DEACTIVATED].state = Owner.DEACTIVATED
        if state is Owner.DEACTIVATED:
            ok(owner.api.post("/deactivate-account/"))
        owner.state = state


def ok(answer: Any) -> Any:
    """The answer, which must be a success."""
    assert 200 <= answer.status_code < 300, answer.content
    return answer
