"""The API against a plain-Python model of the rules (`project.tests.model`), over random stories of up to six people.

After each step random viewers, signed out or with a dead token too, read random surfaces; status and answer must be the
model's. A failing story is shrunk by hypothesis and told in full by the error, with how to reproduce it. Its length is
set in the environment: STATE_MACHINE=full is 500 runs of 50 steps, from STATE_MACHINE_SEED or a seed that is printed;
without it a short run plays the same stories every time. STATE_MACHINE_RUNS and STATE_MACHINE_STEPS set the numbers."""

from __future__ import annotations

import os
import random
import time

import hypothesis
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from project.tests.model.machine.account_steps import AccountSteps
from project.tests.model.machine.content_steps import ContentSteps
from project.tests.model.machine.drawing import AUDIENCES, CAPTIONS, FIRST, pairs, people
from project.tests.model.machine.looks import Look
from project.tests.model.machine.relationship_steps import RelationshipSteps
from project.tests.model.machine.story import done
from project.tests.model.surfaces import SURFACES
from project.tests.model.world import NOBODY

FULL = os.environ.get("STATE_MACHINE") == "full"
RUNS = int(os.environ.get("STATE_MACHINE_RUNS", 500 if FULL else 25))
STEPS = int(os.environ.get("STATE_MACHINE_STEPS", 50 if FULL else 30))
SEED = int(os.environ.get("STATE_MACHINE_SEED", random.SystemRandom().randrange(2**32) if FULL else 0))


class Network(AccountSteps, RelationshipSteps, ContentSteps):
    """A small network of people who follow, block, publish, leave and come back."""

    @initialize(
        private=st.sets(st.sampled_from(FIRST)),
        follows=st.lists(pairs, unique=True, max_size=6),
        friends=st.lists(pairs, unique=True, max_size=4),
        shown=st.lists(st.tuples(st.sampled_from(FIRST), st.sampled_from(AUDIENCES)), min_size=1, max_size=3),
        said=st.lists(st.tuples(st.sampled_from(FIRST), st.booleans()), max_size=3),
    )
    def begin(
        self,
        private: set[str],
        follows: list[tuple[str, str]],
        friends: list[tuple[str, str]],
        shown: list[tuple[str, str]],
        said: list[tuple[str, bool]],
    ) -> None:
        for name in FIRST:
            self._register(name)
        for one, other in follows:
            self._follow(one, other)
        for name in sorted(private):
            self._set_private(name, True)
        for one, other in friends:
            self._add_close_friend(one, other)
        for name, audience in shown:
            self._create_post(name, CAPTIONS[0], audience, "everyone", False)
        for name, answering in said:
            above = list(self.w.comments)[-1:] if answering else []
            self._comment(name, "p1", "lovely", above[0] if above else None)

    @rule(viewer=st.one_of(people, st.just(NOBODY)))
    def look_around(self, viewer: str) -> None:
        """One viewer reads every surface about everything."""
        for surface in SURFACES:
            for subject in self.subjects(surface):
                self.read(Look(viewer, surface.name, subject, None))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_api_agrees_with_a_plain_model_of_the_rules_after_every_step(graph: None) -> None:
    print(f"\nstate machine: {RUNS} runs of {STEPS} steps, seed {SEED}")
    started = time.perf_counter()
    run_state_machine_as_test(
        hypothesis.seed(SEED)(Network),
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    figures = ", ".join(f"{number} {name}" for name, number in done.items())
    print(f"state machine: {figures}, {time.perf_counter() - started:.0f} s")
