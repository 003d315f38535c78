"""How text becomes searchable words: the same for documents and queries, and the same for every engine that
is ours.

What lives here: folding of case, accents and compatibility forms, splitting into words, how many typos a word
may have. What does not: anything that knows a table or an engine."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Longer runs are cut: nobody types them, and levenshtein in PostgreSQL ends at 255 characters.
MAX_WORD = 60
# Words of a query beyond these are ignored, as Meilisearch does.
MAX_QUERY_WORDS = 10
ONE_TYPO_FROM = 4
TWO_TYPOS_FROM = 9

_UNSPACED = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x323AF))
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_ACCENTS = dict.fromkeys(range(768, 880))
# Letters that Unicode does not take apart into a base letter and an accent.
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query: the edits it may be away from what is meant, and whether it may be a mere
    beginning."""

    text: str
    typos: int
    prefix: bool


def fold(text: str) -> str:
    """`text` without case, accents and compatibility forms: `Müller` → `muller`, `ＡＢＣ` → `abc`, `Straße` →
    `strasse`.

    Marks of scripts in which they are vowels (Devanagari, Thai …) stay."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", apart.translate(_ACCENTS).translate(_STROKES))


def words(text: str) -> list[str]:
    """The folded words of `text` in order: runs of letters and digits. Chinese and Japanese write no spaces,
    so each of their characters is a word."""
    folded = fold(text)
    if folded.isascii():
        return [word[:MAX_WORD] for word in _ASCII_WORD.findall(folded)]
    spaced = "".join(_spaced(character) for character in folded)
    # What is left of an emoji may be a mark without a letter.
    return [word[:MAX_WORD] for word in spaced.split() if any(map(str.isalnum, word))]


def _spaced(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else " "
    category, code = unicodedata.category(character), ord(character)
    if category in ("Cf", "Me") or 0xFE00 <= code <= 0xFE0F or code >= 0xE0000:
        # Joiners, soft hyphens and variation selectors stand inside words and mean nothing here.
        return ""
    if category in ("Mn", "Mc"):
        return character
    if not character.isalnum():
        return " "
    return f" {character} " if _is_unspaced(code) else character


def _is_unspaced(code: int) -> bool:
    """Kana and Han."""
    return any(low <= code <= high for low, high in _UNSPACED)


def joined(parts: list[str]) -> str:
    """Words written as one, the way usernames and hashtags are."""
    return "".join(parts)[:MAX_WORD]


def typos_allowed(word: str) -> int:
    """One typo from four letters on, two from nine; none in a number, where every digit counts."""
    if len(word) < ONE_TYPO_FROM or word.isdigit():
        return 0
    return 1 if len(word) < TWO_TYPOS_FROM else 2


def swapped(word: str, times: int) -> list[str]:
    """The spellings of `word` with exactly `times` pairs of neighbours swapped, no letter twice, the first
    never."""
    found = {word: 1}
    for _ in range(times):
        found = {
            spelling[:at] + spelling[at + 1] + spelling[at] + spelling[at + 2 :]: at + 2
            for spelling, start in found.items()
            for at in range(start, len(word) - 1)
        }
    return sorted(set(found) - {word})


def near(word: str, other: str, most: int) -> bool:
    """Whether `other` is `most` edits or fewer (insert, delete, replace, swap of neighbours) from `word`, and
    begins with the same letter. A number is near to nothing but itself."""
    if word == other:
        return True
    if other.isdigit():
        return False
    if most < 1 or not word or not other or word[0] != other[0] or abs(len(word) - len(other)) > most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        current = [i]
        for j, target in enumerate(other, 1):
            edits = min(row[j] + 1, current[j - 1] + 1, row[j - 1] + (letter != target))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == target:
                edits = min(edits, before[j - 2] + 1)
            current.append(edits)
        if min(current) > most:
            return False
        before, row = row, current
    return row[-1] <= most


def query_words(parts: list[str], *, every_prefix: bool) -> tuple[Word, ...]:
    """The words of a query. The last one may still be being typed; with `every_prefix` all may be
    beginnings."""
    kept = list(dict.fromkeys(parts))[:MAX_QUERY_WORDS]
    last = len(kept) - 1
    return tuple(Word(text, typos_allowed(text), every_prefix or at == last) for at, text in enumerate(kept))
