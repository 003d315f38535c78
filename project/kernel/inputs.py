"""Input and output types of the API. `In` refuses what it does not know; `Out` states every field.

Types are literal `Annotated[...]` so that the OpenAPI document names them plainly. Both are pydantic models, not ninja
Schemas: those look attributes up one by one in Python, and could hide a query behind each."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import EmailValidator
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    WithJsonSchema,
)

INT64 = 2**63 - 1
NO_NUL = r"^[^\u0000]*$"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\Z")


def storable_text(value: str) -> str:
    """The text as it is. Raises ValueError for what PostgreSQL or UTF-8 cannot hold."""
    if "\x00" in value:
        raise ValueError("must not contain the NUL character")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode (a lone surrogate was found)") from None
    return value


def clean_text(value: str) -> str:
    """The text in NFC. Raises ValueError for what PostgreSQL or UTF-8 cannot hold."""
    return unicodedata.normalize("NFC", storable_text(value))


def _json_integer(value: Any) -> Any:
    # JSON Schema's integer: 1 and 1.0 are, "1" and true are not.
    if isinstance(value, (bool, str)):
        raise ValueError("must be a JSON integer")
    return value


def _date_time(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not RFC3339.match(value):
        raise ValueError("must be an RFC 3339 date-time with an offset, such as 2026-01-31T09:00:00Z")
    return value


def _utc(value: datetime) -> datetime:
    # Beyond these years a conversion to another zone overflows.
    if not 1900 <= value.year < 9000:
        raise ValueError("year must be between 1900 and 9000")
    return value.astimezone(UTC)


def _sane_day(value: date) -> date:
    if not 1900 <= value.year < 9000:
        raise ValueError("year must be between 1900 and 9000")
    return value


_check_email = EmailValidator()


def _email(value: str) -> str:
    try:
        _check_email(value)
    except DjangoValidationError:
        raise ValueError("must be an e-mail address") from None
    return value


Text = Annotated[str, Field(json_schema_extra={"pattern": NO_NUL}), AfterValidator(clean_text)]
# A password is checked exactly as it was sent.
Secret = Annotated[str, Field(json_schema_extra={"pattern": NO_NUL}), AfterValidator(storable_text)]
Line = Annotated[
    str, Field(json_schema_extra={"pattern": NO_NUL}), AfterValidator(clean_text), AfterValidator(str.strip)
]
Email = Annotated[
    str,
    Field(max_length=254, json_schema_extra={"format": "email"}),
    AfterValidator(clean_text),
    AfterValidator(str.strip),
    AfterValidator(_email),
]
Id = Annotated[
    int, Field(ge=1, le=INT64, json_schema_extra={"format": "int64"}), BeforeValidator(_json_integer)
]
# In a path or query everything is a string; here only digits are an id.
PathId = Annotated[int, Field(ge=1, le=INT64, json_schema_extra={"format": "int64"})]
Int32 = Annotated[
    int,
    Field(ge=-(2**31), le=2**31 - 1, json_schema_extra={"format": "int32"}),
    BeforeValidator(_json_integer),
]
Bool = StrictBool
DateTimeIn = Annotated[
    AwareDatetime,
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": r"^(19|[2-8]\d)\d\d-"}),
    BeforeValidator(_date_time),
    AfterValidator(_utc),
]
DateIn = Annotated[
    date,
    WithJsonSchema({"type": "string", "format": "date", "pattern": r"^(19|[2-8]\d)\d\d-"}),
    AfterValidator(_sane_day),
]

# ---- outputs
IdOut = Annotated[int, Field(json_schema_extra={"format": "int64"})]
Count = Annotated[int, Field(ge=0, json_schema_extra={"format": "int64"})]
Pixels = Annotated[int, Field(ge=0, json_schema_extra={"format": "int32"})]
Seconds = Annotated[float, Field(ge=0, json_schema_extra={"format": "double"})]
Small = Annotated[int, Field(ge=0, json_schema_extra={"format": "int32"})]


class In(BaseModel):
    """A request body: unknown fields are an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


def _without_defaults(schema: dict[str, Any]) -> None:
    # Some generated clients send every default that the document names: a PATCH would then overwrite what it
    # leaves out.
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


class Patch(In):
    """A partial change: what is absent stays. Null is refused; an empty string or a DELETE clears."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    def changes(self) -> dict[str, Any]:
        """The fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Out(BaseModel):
    """An answer: every field is always there, null is said explicitly."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)
