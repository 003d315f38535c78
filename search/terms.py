"""Documents and queries as terms: what is compared with what, the same in every engine.

What lives here: which words and whole names a document holds, which of them a query asks for. What does not:
how an engine stores or compares them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from search.documents import AnyDocument, HashtagDocument, PostDocument, UserDocument
from search.engine import Index, Tier
from search.text import Word, fold, joined, near, query_words, words

# Folding can make a name longer; engines bound what they index.
MAX_NAME = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Terms:
    """A document as an engine holds it: its words, the whole names that an exact query equals, and what it is
    ranked by. Words and names are distinct and sorted."""

    id: int
    words: tuple[str, ...]
    names: tuple[str, ...]
    score: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as terms. `names` are the whole names it may equal (none among posts); `phrases` are
    alternatives of each other, and all words of one must be found."""

    names: tuple[str, ...]
    phrases: tuple[tuple[Word, ...], ...]


def terms_of(document: AnyDocument) -> Terms:
    """What a document is found by."""
    match document:
        case UserDocument():
            return _user_terms(document)
        case PostDocument():
            return _post_terms(document)
        case HashtagDocument():
            return _hashtag_terms(document)


def _user_terms(document: UserDocument) -> Terms:
    username, full_name = words(document.username), words(document.full_name)
    # `johnsmith` must find john.smith and John Smith, as `john smith` must.
    found = {*username, *full_name, joined(username), joined(full_name)}
    whole = {_name(document.username), " ".join(username), " ".join(full_name)}
    return Terms(document.id, _sorted(found), _sorted(whole), document.followers_count)


def _post_terms(document: PostDocument) -> Terms:
    found = {*words(document.title), *words(document.caption)}
    for name in document.hashtags:
        parts = words(name)
        found |= {*parts, joined(parts)}
    return Terms(
        document.id, _sorted(found), (), (document.published_at - EPOCH) // timedelta(microseconds=1)
    )


def _hashtag_terms(document: HashtagDocument) -> Terms:
    parts = words(document.name)
    # `new_york` is what somebody means who types newyork or new york.
    whole = {_name(document.name), joined(parts)}
    return Terms(document.id, _sorted({*parts, joined(parts)}), _sorted(whole), document.post_count)


def terms_asked(index: Index, query: str) -> Asked | None:
    """What a query asks of an index. None where it holds nothing that could be found."""
    parts = words(query)
    typed = query_words(parts, every_prefix=index is not Index.POSTS)
    if index is Index.POSTS:
        return Asked((), (typed,)) if typed else None
    whole = {_name(query.strip().lstrip("@#")), " ".join(parts)[:MAX_NAME]}
    if index is Index.HASHTAGS:
        whole.add(joined(parts))
    names = _sorted(whole)
    if not names:
        return None
    phrases: tuple[tuple[Word, ...], ...] = (typed,) if typed else ()
    if len(typed) > 1:
        phrases += (query_words([joined(parts)], every_prefix=True),)
    return Asked(names, phrases)


def holds(found: Collection[str], asked: Asked, tier: Tier) -> bool:
    """Whether a document with these words fits a query as `tier` says, or better. Whole names are not looked
    at."""
    return any(all(_holds(found, word, tier) for word in phrase) for phrase in asked.phrases)


def _holds(found: Collection[str], word: Word, tier: Tier) -> bool:
    if word.text in found:
        return True
    if tier >= Tier.PREFIX and word.prefix and any(other.startswith(word.text) for other in found):
        return True
    return tier >= Tier.TYPO and word.typos > 0 and any(near(word.text, other, word.typos) for other in found)


def _name(text: str) -> str:
    """A whole name as it is typed."""
    return fold(text.strip())[:MAX_NAME]


def _sorted(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(found) - {""}))
