"""What the steps draw: people, things and looks, of those that the story has by then."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st

from project.tests.model.machine.looks import PERSONAL, Look
from project.tests.model.surfaces import BY_NAME, SURFACES
from project.tests.model.world import NOBODY

FIRST, LATER = ("ada", "bob", "cyd", "dan"), ("eve", "fay")
WEIGHTS = {"ada": 4, "bob": 4, "cyd": 2}
CAPTIONS = ("sunset at sea", "harbour in fog")
AUDIENCES = ("everyone", "followers", "close_friends")
POLICIES = ("everyone", "everyone", "followers", "following", "nobody")


def _of_machine(choices: Any) -> Any:
    return st.runner().flatmap(lambda machine: st.sampled_from(choices(machine)))


# Most happens between the first ones, so that many facts meet in one pair.
people = _of_machine(lambda m: [name for name in m.w.people for _ in range(WEIGHTS.get(name, 1))])
pairs = st.tuples(st.sampled_from(FIRST), st.sampled_from(FIRST)).filter(lambda pair: pair[0] != pair[1])
posts = _of_machine(lambda m: m.some(m.w.post_ids, m.w.posts))
comments = _of_machine(lambda m: m.some(m.w.comment_ids, m.w.comments))
requests = _of_machine(lambda m: m.w.request_ids[-6:])
by_name = st.booleans()


@st.composite
def _look(draw: Any) -> Look:
    machine = draw(st.runner())
    surface = BY_NAME[draw(st.sampled_from([s.name for s in SURFACES if machine.can_read(s)]))]
    viewer = draw(st.one_of(people, st.sampled_from([*machine.w.people, NOBODY])))
    subject = draw(people if surface.about in PERSONAL else st.sampled_from(machine.subjects(surface)))
    return Look(viewer, surface.name, subject, draw(st.sampled_from([None, None, 1, 2])))


looks = st.lists(_look(), min_size=2, max_size=3)
