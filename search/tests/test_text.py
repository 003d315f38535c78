"""Folding and splitting of text."""

from __future__ import annotations

import pytest

from search.text import MAX_QUERY_WORDS, MAX_WORD, fold, query_words, swapped, typos_allowed, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller", "muller"),
        ("Straße", "strasse"),
        ("ŁÓDŹ", "lodz"),
        ("Ærøskøbing", "aeroskobing"),
        ("İstanbul", "istanbul"),
        ("ＡＢＣ", "abc"),
        ("ﬁn", "fin"),
        ("Ёлка", "елка"),
        ("हिन्दी", "हिन्दी"),
        ("が", "が"),
        ("한국", "한국"),
    ],
)
def test_folding_takes_case_accents_and_compatibility_forms(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("john.smith_99", ["john", "smith", "99"]),
        ("Don't stop", ["don", "t", "stop"]),
        ("soft\u00adhyphen", ["softhyphen"]),
        ("می\u200cخواهم", ["میخواهم"]),
        ("東京タワー2", ["東", "京", "タ", "ワ", "ー", "2"]),
        ("❤️ 1️⃣", ["1"]),
        ("--- !!", []),
        ("x" * 200, ["x" * MAX_WORD]),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_typos_grow_with_the_word_and_spare_numbers() -> None:
    assert [typos_allowed(word) for word in ("abc", "abcd", "abcdefgh", "abcdefghi", "20260101", "a1b2")] == [
        0,
        1,
        1,
        2,
        0,
        1,
    ]


def test_only_the_last_word_of_a_query_may_be_unfinished_unless_all_may() -> None:
    assert [word.prefix for word in query_words(["a", "b", "c"], every_prefix=False)] == [False, False, True]
    assert all(word.prefix for word in query_words(["a", "b"], every_prefix=True))


def test_a_query_counts_its_first_words_each_once() -> None:
    parts = [f"w{n // 2}" for n in range(60)]
    assert [word.text for word in query_words(parts, every_prefix=True)] == [
        f"w{n}" for n in range(MAX_QUERY_WORDS)
    ]


def test_swapped_spellings_keep_the_first_letter_and_move_none_twice() -> None:
    assert swapped("abcd", 1) == ["abdc", "acbd"]
    assert swapped("abcde", 2) == ["acbed"]
    assert swapped("abbb", 1) == []
    assert swapped("abc", 0) == []
