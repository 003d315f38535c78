"""The truth table where the owner is private or gone (R17, R20, R22). See `test_truth_table`."""

from __future__ import annotations

import pytest

from project.api import api
from project.tests.truth_table.rules import Owner
from project.tests.truth_table.table import check, reads_of


@pytest.mark.parametrize("state", [Owner.PRIVATE, Owner.DEACTIVATED], ids=str)
def test_r01_every_answer_about_a_closed_owner_shows_what_the_rules_say_and_nothing_else(
    graph, transactional_db, state, record_property
):
    record_property("cells", check(state, reads_of(api.get_openapi_schema())).cells)
