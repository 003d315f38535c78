"""What our indexes are like: names, settings, and the shape of a document. One place, versioned: whoever
changes something here changes `VERSION` with it, `manage.py doctor` then says that an index is of another one,
and `manage.py rebuild search` makes it anew."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from search.terms import Terms
from search.text import ONE_TYPO_FROM, TWO_TYPOS_FROM

# Raise it where a document's words or names come to mean something else: settings do not tell.
SHAPE = 1
PRIMARY_KEY = "id"
# Meilisearch ends a list here; pages go on behind it by key.
MAX_HITS = 1000

SETTINGS: dict[str, Any] = {
    "displayedAttributes": ["id", "score", "words"],
    "searchableAttributes": ["words"],
    "filterableAttributes": [
        {
            "attributePatterns": ["names", "words"],
            "features": {"facetSearch": False, "filter": {"equality": True, "comparison": False}},
        },
        {
            "attributePatterns": ["id", "score"],
            "features": {"facetSearch": False, "filter": {"equality": True, "comparison": True}},
        },
    ],
    "sortableAttributes": ["id", "score"],
    # The order inside a tier is ours alone; which tier a hit is of, the query says.
    "rankingRules": ["sort"],
    "stopWords": [],
    "synonyms": {},
    "distinctAttribute": None,
    "typoTolerance": {
        "enabled": True,
        "minWordSizeForTypos": {"oneTypo": ONE_TYPO_FROM, "twoTypos": TWO_TYPOS_FROM},
        "disableOnWords": [],
        "disableOnAttributes": [],
        "disableOnNumbers": True,
    },
    # Beginnings are filters (`STARTS WITH`), for any word of a query and without typos in them.
    "prefixSearch": "disabled",
    "facetSearch": False,
    # Words stand sorted and once, so that how near they are to each other means nothing.
    "proximityPrecision": "byAttribute",
    "pagination": {"maxTotalHits": MAX_HITS},
}
_UNORDERED = ("displayedAttributes", "sortableAttributes")

VERSION = f"{SHAPE}-{hashlib.sha256(orjson.dumps(SETTINGS, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]}"


def document_of(terms: Terms) -> dict[str, Any]:
    """A document as Meilisearch holds it."""
    return {
        PRIMARY_KEY: terms.id,
        "score": terms.score,
        "names": [digest(name) for name in terms.names],
        "words": terms.words,
    }


def digest(name: str) -> str:
    """What stands for a whole name: equal where it is. Names themselves would have to be quoted, are folded
    once more by Meilisearch, and end at 468 bytes."""
    return hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def differences(held: dict[str, Any]) -> list[str]:
    """The names of settings that an index has otherwise than declared."""
    return [name for name, value in SETTINGS.items() if _plain(name, held.get(name)) != _plain(name, value)]


def _plain(name: str, value: Any) -> Any:
    return sorted(value) if name in _UNORDERED and isinstance(value, list) else value
