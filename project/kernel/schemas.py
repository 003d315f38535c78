"""Schemas of the conventions themselves: the problem document, pages."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import Field

from project.kernel.inputs import Out

T = TypeVar("T")


class FieldError(Out):
    """What is wrong with one field."""

    pointer: str = Field(
        description="JSON Pointer into the body, or `query/NAME`, `path/NAME`", examples=["/caption"]
    )
    code: str = Field(examples=["string_too_long"])
    message: str


class Problem(Out):
    """RFC 9457 problem details. `code` is stable; `title` and `detail` are for people."""

    type: str = Field(examples=["urn:photogram:problem:validation-failed"])
    title: str
    status: int = Field(json_schema_extra={"format": "int32"})
    code: str = Field(examples=["validation-failed"])
    detail: str
    hint: str | None
    request_id: str
    errors: list[FieldError]


class Page(Out, Generic[T]):
    """One page of a list. `next` and `previous` are cursors for `?cursor=`; null at the ends."""

    results: list[T]
    next: str | None
    previous: str | None


class CountedPage(Page[T], Generic[T]):
    """A page of a list that has a count, the same for every viewer."""

    count: int = Field(ge=0, json_schema_extra={"format": "int64"})
