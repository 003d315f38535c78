"""Hashtags and mentions (R57): what counts, in every script, and what only looks like it."""

from __future__ import annotations

import pytest

from content.text import MAX_HASHTAGS, fold_hashtag, parse


@pytest.mark.parametrize(
    ("text", "hashtags"),
    [
        ("#sun", ("sun",)),
        ("one #Sun, two #SUN; three (#sea_side)!", ("sun", "sea_side")),
        ("#STRASSE and #Straße are one", ("strasse",)),
        ("#日本 #école #москва", ("日本", "école", "москва")),
        ("#हिन्दी keeps its vowel signs", ("हिन्दी",)),
        ("#می\u200cخواهم", ("می\u200cخواهم",)),
        ("#2026 is a number, #2026x is not", ("2026x",)),
        ("＃fullwidth", ("fullwidth",)),
        ("##double", ("double",)),
        ("#one#two", ("one",)),
        ("a#b /#c &#39; # alone", ()),
        ("#\ufe0f\u20e3 is a keycap", ()),
        ("#" + "x" * 100, ("x" * 100,)),
        ("#" + "x" * 101, ()),
        ("#e\u0301cole in two code points", ("école",)),
        ("#Ｓｕｎ #ｻﾝﾄﾞ #ﬁn in compatible forms", ("sun", "サンド", "fin")),
        ("#love❤️ and #❤️ and #👩\u200d🚀", ("love",)),
        ("#sun\ufe0f #s\u200dun #s\u200cun\u200d look the same", ("sun",)),
        ("#ශ්\u200dරී keeps its joiner", ("ශ්\u200dරී",)),
        ("#\u3164 #\u3164\u3164 #\u115f are blank", ()),
        ("#__ #_1 #1_", ("__", "_1", "1_")),
        ("#１２３ #١٢٣ are numbers too", ()),
        ("#ﷺ is a sentence", ()),
    ],
)
def test_hashtags_are_words_of_any_script_case_folded(text, hashtags):
    assert parse(text).hashtags == hashtags


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("hi @Bob", ("bob",)),
        ("@bob. @bob, (@ada.l)", ("bob", "ada.l")),
        ("@ada..b stops at two dots", ("ada",)),
        ("mail ada@example.org or @ada@example.org", ()),
        ("https://example.org/@ada", ()),
        ("@ab is too short, @123 is a number, @me is reserved", ()),
        ("@" + "x" * 31, ()),
        ("@ada你好", ("ada",)),
    ],
)
def test_mentions_are_usernames_and_nothing_longer(text, mentions):
    assert parse(text).mentions == mentions


def test_a_text_of_nothing_but_hashtags_makes_a_bounded_number():
    text = " ".join(f"#t{number}" for number in range(200))
    assert len(parse(text).hashtags) == MAX_HASHTAGS


def test_folding_refuses_what_no_text_could_make():
    assert fold_hashtag("Sun") == "sun"
    for name in ("", "1", "a b", "a#b", "x" * 101, "\u0301x"):
        assert fold_hashtag(name) == ""


def test_parsing_a_long_hostile_text_takes_no_time():
    for text in ("#" * 2200, "@" * 2200, "@a." * 733, "#" + "\u0301" * 2199, "@" + "a." * 1000 + "@"):
        parse(text)
