"""The truth table: every viewer × owner × audience × GET operation (R01). How it is built is in `truth_table`."""

from __future__ import annotations

import pytest

from project.api import api
from project.tests.truth_table.registry import OPERATIONS
from project.tests.truth_table.rules import Audience, Owner, Surface, Viewer, sees
from project.tests.truth_table.table import Walk, reads_of
from project.tests.truth_table.world import World

READS = reads_of(api.get_openapi_schema())
# What these tell of others are numbers and ids, which are compared as such.
TELL_IN_NUMBERS = {"profiles_stats", "relationships_list", "likes_batch", "posts_insights"}


def test_every_get_operation_of_the_document_is_listed():
    """Whoever adds one says in `truth_table.entries` what it shows to whom, or why it shows nothing of others."""
    assert set(READS) - set(OPERATIONS) == set(), "in the document, not in the table"
    assert set(OPERATIONS) - set(READS) == set(), "in the table, not in the document"


@pytest.mark.parametrize("state", list(Owner), ids=str)
def test_r01_every_answer_shows_what_the_rules_say_and_nothing_else(
    graph, transactional_db, state, record_property
):
    outcome = Walk(World(state), READS).run()
    record_property("cells", outcome.cells)
    print(f"{state} owner: {outcome.cells} cells, {outcome.looked_for} markers looked for")
    assert not outcome.wrong, "\n".join([f"{len(outcome.wrong)} wrong", *outcome.wrong])
    if state is Owner.PRIVATE:
        # Here there is something of everything, a pending request too.
        shows_something = {name for name, entry in OPERATIONS.items() if not entry.why} - TELL_IN_NUMBERS
        assert outcome.showing >= shows_something, "operations that never showed anything"


def test_the_rules_as_restated_are_those_of_the_book():
    """A few verdicts, word for word, so that the restatement itself is held to something."""

    def who(owner: Owner, audience: Audience, surface: Surface = Surface.DIRECT) -> set[Viewer]:
        return {viewer for viewer in Viewer if sees(viewer, owner, audience, surface)}

    V = Viewer
    insiders = {V.SELF, V.STAFF}
    followers = {V.FOLLOWER, V.STORIES_BLOCKED, V.MUTER, V.CLOSE_FRIEND}
    for audience in Audience:
        assert who(Owner.DEACTIVATED, audience) == set()
    assert set(V) - who(Owner.PUBLIC, Audience.EVERYONE) == {
        V.BLOCKED,
        V.BLOCKER,
        V.POSTS_BLOCKED,
        V.DEACTIVATED,
    }
    assert who(Owner.PUBLIC, Audience.FOLLOWERS) == insiders | followers | {V.PENDING}
    assert who(Owner.PRIVATE, Audience.EVERYONE) == insiders | followers
    assert who(Owner.PUBLIC, Audience.CLOSE_FRIENDS) == insiders | {V.CLOSE_FRIEND, V.LISTED}
    assert who(Owner.PRIVATE, Audience.CLOSE_FRIENDS) == insiders | {V.CLOSE_FRIEND}
    assert who(Owner.PUBLIC, Audience.DRAFT) == insiders
    assert who(Owner.PUBLIC, Audience.DRAFT, Surface.PROFILE) == set()
    assert who(Owner.PRIVATE, Audience.EVERYONE, Surface.HOME) == (followers | {V.SELF}) - {V.MUTER}
