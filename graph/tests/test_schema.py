"""The declarations in `graph.nodes` are in the database, and statements use only what is declared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import graph as app
from graph import driver
from graph.nodes import INDEXES, RELATIONSHIP_TYPES, AccountNode, install_schema, missing_schema

pytestmark = pytest.mark.usefixtures("graph")

SOURCES = [path for path in Path(app.__file__).parent.rglob("*.py") if "tests" not in path.parts]


def indexes() -> dict[tuple[str, str], bool]:
    """(label or type, property) → whether it is unique."""
    return {(owner, name): unique for owner, name, unique in driver.read(INDEXES)}


def test_constraint_and_indexes_are_there_and_answer():
    """R39: edge ids are indexed."""
    assert indexes() == {
        ("Account", "account_id"): True,
        ("Account", "username"): False,
        ("FOLLOWS", "request_id"): False,
        ("REQUESTED", "request_id"): False,
    }
    assert missing_schema() == []


def test_what_is_missing_is_named_and_installed_again():
    driver.write("DROP INDEX index_FOLLOWS_request_id")
    driver.write("DROP CONSTRAINT constraint_unique_Account_account_id")
    try:
        assert missing_schema() == ["Account.account_id", "FOLLOWS.request_id"]
    finally:
        install_schema()
    assert missing_schema() == []


def test_every_relationship_type_is_known_before_its_first_edge():
    """Else the server would warn of every statement that names it."""
    with driver.get_driver().session(notifications_disabled_classifications=[]) as session:
        for name in RELATIONSHIP_TYPES:
            summary = session.run(f"EXPLAIN MATCH ()-[edge:{name}]->() RETURN count(edge)").consume()
            assert {status.gql_status for status in summary.gql_status_objects} <= {"00000", "00001"}


def test_installing_again_changes_nothing(capsys):
    before = indexes()
    install_schema()
    call_command("graph_schema")
    assert indexes() == before
    assert capsys.readouterr().out == "graph schema is in place\n"


def test_the_command_says_what_to_look_at_when_there_is_no_graph(settings):
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    with pytest.raises(CommandError, match="NEO4J_URL"):
        call_command("graph_schema")
    driver.close()


def test_statements_name_only_declared_edges_and_declarations_are_used():
    named = {
        name
        for path in SOURCES
        for edge in re.findall(r"\[\w*:([A-Z_|]+)[^\]]*\][-<]", path.read_text())
        for name in edge.split("|")
    }
    assert named == set(RELATIONSHIP_TYPES)
    declared = AccountNode.defined_properties(aliases=False, properties=False)
    assert {relation.definition["relation_type"] for relation in declared.values()} == set(RELATIONSHIP_TYPES)
