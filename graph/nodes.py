"""The schema of the graph, declared once as neomodel classes: labels, properties, constraints, indexes, edge
types.

What lives here: declarations and `install_schema`. What does not: reading and writing. neomodel's `connect()`
merges an edge on all of its properties, so that a time stamp makes a second edge; edges are written by the
Cypher in `graph.writes`, under locks."""

from __future__ import annotations

import io
from typing import Final

from neomodel import (
    BooleanProperty,
    DateTimeProperty,
    IntegerProperty,
    RelationshipTo,
    StringProperty,
    StructuredNode,
    StructuredRel,
    db,
)

from graph import driver


class Follows(StructuredRel):
    """`request_id` is the request this follow came from, if any: accepting it again finds the follow."""

    since = DateTimeProperty(required=True)
    request_id = IntegerProperty(index=True)


class Requested(StructuredRel):
    """A pending follow request. `request_id` comes from a sequence in Postgres (R39)."""

    since = DateTimeProperty(required=True)
    request_id = IntegerProperty(index=True, required=True)


class Blocks(StructuredRel):
    """A full block (`all`, alone) or a scoped one (`posts`, `stories` or both)."""

    since = DateTimeProperty(required=True)
    all = BooleanProperty(required=True)
    posts = BooleanProperty(required=True)
    stories = BooleanProperty(required=True)


class Mutes(StructuredRel):
    """A mute; without `expires_at` it lasts until it is taken back."""

    since = DateTimeProperty(required=True)
    posts = BooleanProperty(required=True)
    stories = BooleanProperty(required=True)
    notifications = BooleanProperty(required=True)
    expires_at = DateTimeProperty()


class CloseFriend(StructuredRel):
    """The start put the end on their close friends list."""

    since = DateTimeProperty(required=True)


class AccountNode(StructuredNode):
    """An account. The unique constraint is what makes `MERGE` of a node safe under concurrency."""

    __label__ = "Account"

    account_id = IntegerProperty(unique_index=True, required=True)
    username = StringProperty(index=True)
    full_name = StringProperty()
    private = BooleanProperty()
    active = BooleanProperty()

    follows = RelationshipTo("AccountNode", "FOLLOWS", model=Follows)
    requested = RelationshipTo("AccountNode", "REQUESTED", model=Requested)
    blocks = RelationshipTo("AccountNode", "BLOCKS", model=Blocks)
    mutes = RelationshipTo("AccountNode", "MUTES", model=Mutes)
    close_friends = RelationshipTo("AccountNode", "CLOSE_FRIEND", model=CloseFriend)


RELATIONSHIP_TYPES: Final = ("FOLLOWS", "REQUESTED", "BLOCKS", "MUTES", "CLOSE_FRIEND")
INDEX_SECONDS: Final = 60

# The server warns of each use of a type that it has never heard of, until it has been told or the first edge
# is made.
CREATE_TYPE: Final = "CALL db.createRelationshipType($name)"
AWAIT_INDEXES: Final = "CALL db.awaitIndexes($wait)"
INDEXES: Final = """
SHOW INDEXES YIELD labelsOrTypes, properties, state, owningConstraint
WHERE labelsOrTypes IS NOT NULL AND state = 'ONLINE'
RETURN labelsOrTypes[0], properties[0], owningConstraint IS NOT NULL
"""


def install_schema() -> None:
    """Create constraints, indexes and relationship types that are missing, and wait until the indexes answer.

    Can be run again at any time. Raises GraphUnavailable."""
    try:
        db.set_connection(driver=driver.get_driver())
        # neomodel prints a line for everything that is already there.
        db.install_labels(AccountNode, stdout=io.StringIO())
    except Exception as error:
        raise driver.translate(error) from error
    for name in RELATIONSHIP_TYPES:
        driver.write(CREATE_TYPE, name=name)
    driver.write(AWAIT_INDEXES, seconds=INDEX_SECONDS, wait=INDEX_SECONDS)


def missing_schema() -> list[str]:
    """What `install_schema` would have to create, like `Account.username`: constraints and indexes that are
    not there or do not answer yet. Raises GraphUnavailable."""
    online = {f"{owner}.{name}": unique for owner, name, unique in driver.read(INDEXES)}
    wanted = _declared_indexes()
    return sorted(
        name for name, unique in wanted.items() if name not in online or (unique and not online[name])
    )


def _declared_indexes() -> dict[str, bool]:
    """`Label.property` or `TYPE.property` → whether it is a unique constraint, of all declarations above."""
    declared = {
        f"{AccountNode.__label__}.{name}": bool(prop.unique_index)
        for name, prop in AccountNode.defined_properties(aliases=False, rels=False).items()
        if prop.index or prop.unique_index
    }
    for relation in AccountNode.defined_properties(aliases=False, properties=False).values():
        edge = relation.definition
        for name, prop in edge["model"].defined_properties(aliases=False, rels=False).items():
            if prop.index:
                declared[f"{edge['relation_type']}.{name}"] = False
    return declared
