"""Keyset pages: opaque signed cursors that walk both ways, and the reader that refills what the rules removed.

A *skeleton* is a function `(position, n) -> entries`: up to `n` (key, value) pairs walking away from `position`
(None: from the start), in list order when walking forwards and in reverse order when walking backwards. Fewer than
`n` entries mean that the list ends there. Keys are tuples of ints and datetimes; they are unique in a list, so
that a page has neither gap nor repeat while others write (R58)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import orjson
from django.core import signing
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, Field

from project.kernel.errors import InvalidCursor

T = TypeVar("T")
V = TypeVar("V")
Key = tuple[Any, ...]
Entry = tuple[Key, V]

MAX_LIMIT = 100
# A page that hides much is refilled in growing batches; a scan longer than this ends the page early with a cursor.
MAX_SCAN = 3000
MAX_BATCH = 500
SALT = "photogram.cursor"


class PageQuery(BaseModel):
    """`?cursor=&limit=`."""

    cursor: str | None = Field(
        None,
        max_length=600,
        pattern=r"^[A-Za-z0-9_:.=-]+$",
        description="`next` or `previous` of another page of this list",
        json_schema_extra={"format": "cursor"},
    )
    limit: int = Field(20, ge=1, le=MAX_LIMIT, json_schema_extra={"format": "int32"})


@dataclass(frozen=True, slots=True)
class Position:
    """Beside which entry a page starts, and which way it walks."""

    key: Key
    backwards: bool = False


Skeleton = Callable[[Position | None, int], Sequence[Entry[V]]]


@dataclass(frozen=True, slots=True)
class PageOf(Generic[T]):
    """A page in list order. Cursors are tokens, ready for the client."""

    results: list[T]
    next: str | None
    previous: str | None

    def as_dict(self, **more: Any) -> dict[str, Any]:
        return {"results": self.results, "next": self.next, "previous": self.previous, **more}


def scope_of(operation: str, filters: Iterable[Any] = ()) -> str:
    """What ties a cursor to its list: the operation and every filter that shapes it."""
    digest = hashlib.sha256(orjson.dumps([operation, [str(f) for f in filters]])).digest()
    return digest[:9].hex()


def _plain(value: Any) -> Any:
    # Microseconds count: a printed time that is cut shorter would skip or repeat entries.
    return {"t": value.astimezone(UTC).isoformat()} if isinstance(value, datetime) else value


def _rich(value: Any) -> Any:
    return datetime.fromisoformat(value["t"]) if isinstance(value, dict) else value


def encode_cursor(scope: str, position: Position) -> str:
    """The opaque token of a position in the list `scope`."""
    payload = [scope, 1 if position.backwards else 0, [_plain(part) for part in position.key]]
    return signing.dumps(payload, salt=SALT, compress=False)


def decode_cursor(scope: str, token: str | None) -> Position | None:
    """The position of a token; None without one. Raises InvalidCursor for a forged one or one of another list."""
    if token is None:
        return None
    try:
        of, backwards, parts = signing.loads(token, salt=SALT)
        if of != scope:
            raise InvalidCursor
        return Position(tuple(_rich(part) for part in parts), bool(backwards))
    except (signing.BadSignature, ValueError, TypeError, KeyError):
        raise InvalidCursor from None


def read_page(
    skeleton: Skeleton[V],
    keep: Callable[[Sequence[V]], Sequence[T | None]],
    *,
    scope: str,
    cursor: str | None,
    limit: int,
) -> PageOf[T]:
    """A page of at most `limit` items.

    `keep` turns each batch of skeleton values into as many items, None for those the rules hide; the page is
    refilled until it is full or the list ends. Raises InvalidCursor."""
    start = decode_cursor(scope, cursor)
    backwards = start is not None and start.backwards
    kept: list[tuple[Key, T]] = []
    position, last, scanned, more = start, None, 0, True
    want = limit + 1
    while len(kept) <= limit and more and scanned < MAX_SCAN:
        batch = skeleton(position, want)
        more = len(batch) >= want
        scanned += len(batch)
        for (at, _value), item in zip(batch, keep([value for _, value in batch]), strict=True):
            last = at
            if item is not None:
                kept.append((at, item))
        if batch:
            position = Position(batch[-1][0], backwards)
        want = min(want * 2, MAX_BATCH)
    page = kept[:limit]
    # Where the scan was cut short, the walk goes on behind the last entry looked at.
    beyond: Key | None = None
    if len(kept) > limit:
        beyond = page[-1][0]
    elif more and last is not None:
        beyond = last
    if backwards:
        page.reverse()
        assert start is not None
        return PageOf(
            [item for _, item in page],
            encode_cursor(scope, Position(page[-1][0] if page else start.key)),
            encode_cursor(scope, Position(beyond, backwards=True)) if beyond is not None else None,
        )
    return PageOf(
        [item for _, item in page],
        encode_cursor(scope, Position(beyond)) if beyond is not None else None,
        encode_cursor(scope, Position(page[0][0], backwards=True)) if start is not None and page else None,
    )


def add_links(request: HttpRequest, response: HttpResponse, page: PageOf[Any]) -> None:
    """The `Link` header with the full addresses of the neighbouring pages."""
    links = []
    for rel, token in (("next", page.next), ("prev", page.previous)):
        if token is not None:
            query = [(k, v) for k, vs in request.GET.lists() for v in vs if k != "cursor"] + [
                ("cursor", token)
            ]
            links.append(f'<{request.build_absolute_uri(request.path)}?{urlencode(query)}>; rel="{rel}"')
    if links:
        response["Link"] = ", ".join(links)
