"""What the steps draw: people, things and looks, of those that the story has by then."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st

from project.tests.model.machine.looks import INVOLVED, PERSONAL, Look
from project.tests.model.surfaces import BY_NAME, SURFACES
from project.tests.model.world import NOBODY

FIRST, LATER = ("ada", "bob", "cyd", "dan"), ("eve", "fay")
WEIGHTS = {"ada": 4, "bob": 4, "cyd": 2}
CAPTIONS = ("sunset at sea", "harbour in fog")
AUDIENCES = ("everyone", "followers", "close_friends")
# Surfaces that tell much at once are read more often.
TELLING = ("relationships", "posts", "home", "account", "profile")
POLICIES = ("everyone", "everyone", "followers", "following", "nobody")


def _of_machine(choices: Any) -> Any:
    return st.runner().flatmap(lambda machine: st.sampled_from(choices(machine)))


def _weight(machine: Any, name: str) -> int:
    # Most happens between the first ones, so that many facts meet in one pair; who is gone can do little.
    return WEIGHTS.get(name, 1) * (3 if machine.w.active(name) else 1)


def _couples(machine: Any) -> list[tuple[str, str]]:
    """Who acts and on whom; rarely oneself."""
    everybody = list(machine.w.people)
    weights = {
        (one, other): _weight(machine, one) * WEIGHTS.get(other, 1) if one != other else 2
        for one in everybody
        for other in everybody
    }
    return [pair for pair, weight in weights.items() for _ in range(weight)]


people = _of_machine(lambda m: [name for name in m.w.people for _ in range(_weight(m, name))])
couples = _of_machine(_couples)
# For the beginning, when everybody is there and public.
FIRST_PAIRS = [(one, other) for one in ("ada", *FIRST) for other in ("bob", *FIRST) if one != other]
pairs = st.sampled_from(FIRST_PAIRS)
posts = _of_machine(lambda m: m.some(m.w.post_ids, m.w.posts))
comments = _of_machine(lambda m: m.some(m.w.comment_ids, m.w.comments))
requests = _of_machine(lambda m: m.w.request_ids[-6:])
# Those who are gone, if anybody is.
leavers = _of_machine(lambda m: [n for n in m.w.people if not m.w.active(n)] or list(m.w.people))
by_name = st.booleans()


def ends(*kinds: str) -> Any:
    """A pair for taking back one of these edges of the world: of those that there are, or any."""

    def drawn(machine: Any) -> Any:
        edges = [pair for kind in kinds for pair in getattr(machine.w, kind)]
        return st.one_of(st.sampled_from(edges), st.sampled_from(edges), couples) if edges else couples

    return st.runner().flatmap(drawn)


@st.composite
def _look(draw: Any) -> Look:
    machine = draw(st.runner())
    readable = [surface.name for surface in SURFACES if machine.subjects(surface)]
    surface = BY_NAME[draw(st.sampled_from([*readable, *TELLING, *TELLING]))]
    viewer = draw(st.one_of(st.sampled_from(INVOLVED), people, st.sampled_from([*machine.w.people, NOBODY])))
    subject = draw(
        st.one_of(st.sampled_from(INVOLVED), people)
        if surface.about in PERSONAL
        else st.sampled_from(machine.subjects(surface))
    )
    return Look(viewer, surface.name, subject, draw(st.sampled_from([None, None, 1, 2])))


looks = st.lists(_look(), min_size=2, max_size=3)
