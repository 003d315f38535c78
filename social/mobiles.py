"""Mobile numbers in E.164."""

from __future__ import annotations

import phonenumbers


def parse_mobile(text: str) -> str | None:
    """`+4915112345678` from any international spelling; None where it is no possible number."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
