"""The truth table: every viewer × owner × audience × GET operation (R01), where the owner is public. How it is built is
in `truth_table`; private and deactivated owners are in `test_truth_table_closed`, for two
workers to share the walks."""

from __future__ import annotations

from project.api import api
from project.tests.truth_table.registry import OPERATIONS
from project.tests.truth_table.rules import Audience, Item, Owner, Surface, Viewer, sees
from project.tests.truth_table.table import check, reads_of

READS = reads_of(api.get_openapi_schema())


def test_every_get_operation_of_the_document_is_listed():
    """Whoever adds one says in `truth_table.entries` what it shows to whom, or why it shows nothing of others."""
    assert set(READS) - set(OPERATIONS) == set(), "in the document, not in the table"
    assert set(OPERATIONS) - set(READS) == set(), "in the table, not in the document"


def test_r01_every_answer_about_a_public_owner_shows_what_the_rules_say_and_nothing_else(
    graph, transactional_db, record_property
):
    record_property("cells", check(Owner.PUBLIC, READS).cells)


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

    def hears(owner: Owner, audience: Audience, surface: Surface = Surface.DIRECT) -> set[Viewer]:
        return {viewer for viewer in Viewer if sees(viewer, owner, audience, surface, what=Item.STORY)}

    listeners = {V.FOLLOWER, V.POSTS_BLOCKED, V.MUTER, V.CLOSE_FRIEND}
    assert set(V) - hears(Owner.PUBLIC, Audience.EVERYONE) == {
        V.SIGNED_OUT,
        V.BLOCKED,
        V.BLOCKER,
        V.STORIES_BLOCKED,
        V.DEACTIVATED,
    }
    # Whom posts are hidden from is on the list, and hears what is for it.
    assert hears(Owner.PRIVATE, Audience.CLOSE_FRIENDS) == insiders | {V.CLOSE_FRIEND, V.POSTS_BLOCKED}
    assert hears(Owner.PRIVATE, Audience.EVERYONE, Surface.TRAY) == (listeners | {V.SELF}) - {V.MUTER}
    assert hears(Owner.PRIVATE, Audience.EVERYONE, Surface.WHOLE_TRAY) == listeners | {V.SELF}
    assert who(Owner.PUBLIC, Audience.EVERYONE, Surface.TRENDS) == {
        V.SIGNED_OUT,
        V.SELF,
        V.STRANGER,
        V.FOLLOWER,
        V.PENDING,
        V.STORIES_BLOCKED,
        V.CLOSE_FRIEND,
        V.LISTED,
        V.STAFF,
    }
