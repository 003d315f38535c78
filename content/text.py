"""What a text says to the service: its hashtags and whom it mentions. Parsed here and nowhere else, pure.

Hashtags: `#` and letters, digits, underscores of any script, not all digits, at most 100 characters;
combining marks belong to their letters (without them most words of Devanagari or Thai would break), joiners to
the scripts that need them. Emoji end a hashtag and make none. Names are compared in NFKC and case-folded, so
that full-width letters and other forms of the same word are one hashtag. Mentions: `@` and a username
(`social.usernames`). Both count where they first appear; what is longer or malformed is plain text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from content.models.hashtag import NAME_LENGTH
from social.usernames import MAX_LENGTH, problem_with

# More than this in one text is a way to spam, not to be found.
MAX_HASHTAGS = 30
MAX_MENTIONS = 20

HASH_SIGNS = frozenset("#＃")
# ZWNJ and ZWJ shape letters within one word in Persian, Sinhala and other scripts; elsewhere nobody sees them.
JOINERS = frozenset("\u200c\u200d")
# Which form of the character before them is meant: emoji keyboards put one behind a letter too.
VARIATION_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
# Letters and marks by their category that show as nothing, so that a name of them would be an empty one.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
MENTION = re.compile(
    # Possessive: `@ada@example.org` is an address, and no shorter part of it is a mention.
    r"(?<![A-Za-z0-9_.@/])@(?P<name>[A-Za-z0-9_](?:[A-Za-z0-9_]|\.(?=[A-Za-z0-9_]))*+)(?!@)"
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Hashtags (case-folded) and usernames (lower case) of a text, each once, in the order of the text."""

    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """The hashtags and mentions of a text."""
    return Parsed(
        tuple(_first(fold_hashtag(name) for name in _hashtags(text)))[:MAX_HASHTAGS],
        tuple(_first(_mentions(text)))[:MAX_MENTIONS],
    )


def fold_hashtag(name: str) -> str:
    """A hashtag's name as it is stored and compared. The empty string for what cannot be one."""
    folded = _normal(_visible(name).casefold())
    # Some letters fold into a form that is normalized again.
    folded = _visible(_normal(folded.casefold()))
    return folded if _is_hashtag(folded) else ""


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _visible(name: str) -> str:
    """The name in NFKC without what nobody sees: two names that look the same are one."""
    text = _normal("".join(char for char in name if char not in VARIATION_SELECTORS))
    return "".join(
        char
        for at, char in enumerate(text)
        if char not in JOINERS or (0 < at < len(text) - 1 and _takes_joiner(text[at - 1]))
    )


def _takes_joiner(char: str) -> bool:
    # After a virama, or in a script whose letters join.
    return unicodedata.category(char)[0] == "M" or unicodedata.bidirectional(char) == "AL"


def _first(names: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(name for name in names if name)


def _in_word(char: str) -> bool:
    if char in BLANK:
        return False
    return char == "_" or unicodedata.category(char)[0] in "LM" or unicodedata.category(char) == "Nd"


def _is_hashtag(name: str) -> bool:
    if not 0 < len(name) <= NAME_LENGTH or unicodedata.category(name[0])[0] == "M":
        return False
    word = all(_in_word(char) or char in JOINERS for char in name)
    # All digits is a number; digits with marks alone is a keycap emoji.
    return word and any(char == "_" or unicodedata.category(char)[0] == "L" for char in name)


def _hashtags(text: str) -> Iterable[str]:
    at, end = 0, len(text)
    while at < end:
        # `a#b`, `/#b` and `&#39;` are parts of words, addresses and entities.
        if text[at] in HASH_SIGNS and (at == 0 or not (_in_word(text[at - 1]) or text[at - 1] in "&/")):
            stop = at + 1
            while stop < end and (_in_word(text[stop]) or text[stop] in JOINERS):
                stop += 1
            yield text[at + 1 : stop]
            at = stop
        else:
            at += 1


def _mentions(text: str) -> Iterable[str]:
    for found in MENTION.finditer(text):
        name = found["name"]
        if len(name) <= MAX_LENGTH and problem_with(name) is None:
            yield name.lower()
