"""Who may see what: the one place that decides (R01). `relations` loads the facts, `rules` decides, without I/O."""

from social.visibility.relations import SELF, STRANGER, Relation, load_relations, relation_to, relations_of
from social.visibility.rules import (
    Audience,
    Gated,
    Kind,
    Owner,
    Surface,
    is_public,
    may_contact,
    may_know_of_close_friends,
    may_list,
    may_see,
    may_see_account,
    may_see_repost,
    may_see_trace,
)

__all__ = [
    "SELF",
    "STRANGER",
    "Audience",
    "Gated",
    "Kind",
    "Owner",
    "Relation",
    "Surface",
    "is_public",
    "load_relations",
    "may_contact",
    "may_know_of_close_friends",
    "may_list",
    "may_see",
    "may_see_account",
    "may_see_repost",
    "may_see_trace",
    "relation_to",
    "relations_of",
]
