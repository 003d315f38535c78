"""Who follows whom, who asks, and everybody's own lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from project.tests.truth_table.registry import SIGN_IN, Cell, Who, behind, operation, shown
from project.tests.truth_table.rules import ON_THE_LIST, Owner, Standing, Viewer
from project.tests.truth_table.things import Eye, Person
from project.tests.truth_table.world import EVERY_NAME, World

Related = Callable[[Person], list[Person]]


def list_of(eye: Eye, world: World, related: Related) -> Iterator[Cell]:
    """A list of each account, and the host's searched."""
    for person in world.central:
        people = related(person)
        searches: list[tuple[str | None, list[Person]]] = [(None, people)]
        if person is world.host:
            searches.append((EVERY_NAME, people))
            searches.append((world.owner.handle, [other for other in people if other is world.owner]))
        for search, found in searches:
            # R36: the count is of all, whoever of them is hidden.
            answer = behind(
                eye.lists(person),
                lambda these=found, all_=people: shown(eye, *eye.found(these), count=len(all_)),  # type: ignore[misc]
            )
            yield Cell(answer, path={"user": person.id}, query={"search": search} if search else {})


@operation("followers_list", Who.SIGNED_IN)
def followers_list(eye: Eye, world: World) -> Iterator[Cell]:
    return list_of(eye, world, world.followers)


@operation("following_list", Who.SIGNED_IN)
def following_list(eye: Eye, world: World) -> Iterator[Cell]:
    return list_of(eye, world, world.following)


@operation("followers_known_list", Who.SIGNED_IN)
def followers_known_list(eye: Eye, world: World) -> Iterator[Cell]:
    for person in world.central:
        known = [other for other in world.followers(person) if eye.follows(other)]
        answer = behind(
            eye.lists(person),
            lambda these=known: shown(eye, *eye.found(these)),  # type: ignore[misc]
        )
        yield Cell(answer, path={"user": person.id})


def own(eye: Eye, world: World, of_owner: set[Viewer], of_others: set[Viewer]) -> list[Person]:
    """The viewer's own list of an edge that the owner has to `of_owner`, and `of_others` have to the owner."""
    if eye.person is world.owner:
        return [world.viewers[role] for role in of_owner if world.viewers[role].there]
    return [world.owner] if eye.viewer in of_others and world.owner.there else []


@operation("follow_requests_list", Who.SIGNED_IN)
def follow_requests_list(eye: Eye, world: World) -> Iterator[Cell]:
    pending = {Viewer.PENDING} if world.owner.state is Owner.PRIVATE else set()
    incoming = own(eye, world, pending, set())
    yield Cell(shown(eye, *incoming))
    yield Cell(shown(eye, *incoming), query={"direction": "incoming"})
    yield Cell(shown(eye, *own(eye, world, set(), pending)), query={"direction": "outgoing"})


@operation("blocks_list", Who.SIGNED_IN)
def blocks_list(eye: Eye, world: World) -> Iterator[Cell]:
    mine = {Viewer.BLOCKED, Viewer.POSTS_BLOCKED, Viewer.STORIES_BLOCKED}
    yield Cell(shown(eye, *own(eye, world, mine, {Viewer.BLOCKER})))


@operation("mutes_list", Who.SIGNED_IN)
def mutes_list(eye: Eye, world: World) -> Iterator[Cell]:
    yield Cell(shown(eye, *own(eye, world, set(), {Viewer.MUTER})))


@operation("close_friends_list", Who.SIGNED_IN)
def close_friends_list(eye: Eye, world: World) -> Iterator[Cell]:
    # R35: the list is the owner's alone; nobody is told to be on it.
    friends = own(eye, world, ON_THE_LIST, set())
    yield Cell(shown(eye, *friends))
    yield Cell(shown(eye, *friends), query={"search": EVERY_NAME})


@operation("relationships_list", Who.SIGNED_IN)
def relationships_list(eye: Eye, world: World) -> Iterator[Cell]:
    if not eye.signed_in:
        yield Cell(SIGN_IN, query={"users": world.owner.id})
        return
    everybody = list(world.people.values())
    known = [person.id for person in everybody if eye.profile(person) is not Standing.HIDDEN]
    yield Cell(shown(eye, results__account_id=known), query={"users": ",".join(str(p.id) for p in everybody)})


@operation("explore_users", Who.SIGNED_IN)
def explore_users(eye: Eye, world: World) -> Iterator[Cell]:
    def mutuals(person: Person) -> list[Person]:
        return [other for other in world.followers(person) if eye.follows(other)]

    def suggested(person: Person) -> bool:
        unwanted = {Viewer.SELF, Viewer.PENDING, Viewer.MUTER}
        return (
            eye.finds(person)
            and not eye.follows(person)
            and eye.kind(person) not in unwanted
            and (bool(mutuals(person)) or person.state is Owner.PUBLIC)
        )

    found = [person for person in world.people.values() if suggested(person)]
    # Up to three mutual acquaintances stand beside each.
    beside = [other for person in found for other in mutuals(person)]
    yield Cell(shown(eye, *found, may=beside))
