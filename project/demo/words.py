"""Names and sentences that demo people use."""

from __future__ import annotations

_FIRST = """
Amara Bruno Chloé Dmitri Elif Farid Greta Hiro Ines Jonas Kofi Lena Mateo Nadia Oskar Priya Quentin
Rosa Samir Tove Uma Viktor Wanda Ximena Yusuf Zoë Anouk Bilal Carmen Dario
"""
FIRST = _FIRST.split()
_LAST = """
Andersen Baptiste Costa Diallo Eriksson Ferrari García Haddad Ivanova Jensen Kowalski Lopez Müller
Nakamura Okafor Petrov Rossi Silva Tanaka Ueda Virtanen Weber Yamamoto Zhang
"""
LAST = _LAST.split()
BIOS = (
    "Light, mostly.",
    "Weekends outside, weekdays in spreadsheets.",
    "Film at heart, digital by wallet.",
    "Two cats, one tripod.",
    "Notes from a slow bicycle.",
    "Architecture and its shadows.",
    "I follow the weather.",
    "Bread, mountains, bread.",
)
CAPTIONS = (
    "First light over the ridge. #sunrise #mountains",
    "The sea was louder than this looks. #waves #coast",
    "Found this on the way home. #street #nofilter",
    "Colours that should not work together. #abstract #colour",
    "Sunday, slowly. #weekend",
    "Trying the new lens. #gear #macro",
    "Same place, other season. #seasons #landscape",
    "Nobody else was up yet. #morning #quiet",
    "Geometry lesson. #minimal #abstract",
    "With {friend}, who carried everything. #hike #mountains",
    "{friend} said it would not rain. #weather",
    "Worth the climb. #landscape #hike",
)
COMMENTS = (
    "Wow, those colours!",
    "Where is this?",
    "This one belongs on a wall.",
    "I can almost hear it.",
    "Take me with you next time.",
    "The light! 😍",
    "Love the composition.",
    "Was this handheld?",
)
REPLIES = ("Thank you!", "You would love it there.", "Handheld, and lucky.", "Next time, promise.")
PLACES = (
    "",
    "",
    "Tromsø, Norway",
    "Porto, Portugal",
    "Kyoto, Japan",
    "Cape Town, South Africa",
    "Lima, Peru",
)
