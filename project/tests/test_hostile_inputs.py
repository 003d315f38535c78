"""No input, however malformed, is a 500: every operation of the document against a list of hostile values.

The client fixture fails on any 500 and on any error that is not a problem document."""

from __future__ import annotations

import json
import re

import pytest

from project.api import api

DOCUMENT = json.loads(json.dumps(api.get_openapi_schema()))
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (op["operationId"], method.upper(), path.removeprefix("/api/v1"), op)
    for path, item in DOCUMENT["paths"].items()
    for method, op in item.items()
    if method in ("get", "put", "post", "patch", "delete")
]
# What a naive API answers with a 500, or stores to its harm.
VALUES: list[object] = [
    "a\x00b",
    "x" * 20_000,
    "'; DROP TABLE x; --",
    "﷽" * 500,
    "\u202e\ufeff",
    None,
    True,
    -1,
    0,
    2**31,
    2**63,
    10**400,
    1.5,
    1e308,
    [],
    {},
    ["a\x00"],
    [None],
    [2**70],
    "9999-12-31T23:59:59.999999+14:00",
    "0001-01-01T00:00:00Z",
    "10000-01-01",
    "2026-02-30",
    "",
    " ",
    "5",
    "١٢",
]
RAW = [
    b"",
    b"[]",
    b"null",
    b"true",
    b'"x"',
    b"5",
    b"{",
    b'{"a": NaN}',
    b'{"a": 1e400}',
    b'{"a": "\\ud800"}',
    b"\xff\xfe",
    b"[" * 5000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
]
PATHS = [
    "0",
    "-1",
    "9" * 30,
    "nobody",
    "a b",
    "%2e%2e",
    "%F0%9F%92%A9",
    "%FF",
    "x" * 3000,
    "١",
    "me",
    "1e3",
    "%00",
]


def fill(path, cast, value=None):
    return re.sub(r"{\w+}", str(value if value is not None else cast.bob.id), path)


def body_properties(op):
    content = op.get("requestBody", {}).get("content", {}).get("application/json")
    if not content:
        return None
    schema = content["schema"]
    for option in schema.get("anyOf", [schema]):
        if "$ref" in option:
            return SCHEMAS[option["$ref"].rsplit("/", 1)[1]]["properties"]
    return {}


def accepted(answer):
    assert answer.status_code in {
        200,
        201,
        202,
        204,
        304,
        400,
        401,
        403,
        404,
        405,
        409,
        410,
        412,
        413,
        415,
        422,
    }, answer.status_code


@pytest.mark.parametrize(("name", "method", "path", "op"), OPERATIONS, ids=[o[0] for o in OPERATIONS])
def test_hostile_bodies_are_answered(cast, name, method, path, op):
    properties = body_properties(op)
    if properties is None:
        pytest.skip("takes no JSON body")
    target = fill(path, cast)
    for field in properties:
        for value in VALUES:
            # What Python's json cannot say (a lone surrogate, NaN) is among RAW.
            accepted(cast.ada.api.call(method, target, {field: value}))
    for raw in RAW:
        accepted(cast.ada.api.call(method, target, raw=raw))
    for kind in (
        "text/plain",
        "application/xml",
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ):
        answer = cast.ada.api.call(method, target, raw=b'{"a": 1}', content_type=kind)
        assert answer.status_code in (400, 403, 404, 415), (kind, answer.status_code)


@pytest.mark.parametrize(("name", "method", "path", "op"), OPERATIONS, ids=[o[0] for o in OPERATIONS])
def test_hostile_queries_and_headers_are_answered(cast, name, method, path, op):
    target = fill(path, cast)
    parameters = [p["name"] for p in op.get("parameters", []) if p["in"] == "query"]
    for parameter in parameters:
        for value in VALUES:
            text = value if isinstance(value, str) else json.dumps(value)
            accepted(cast.ada.api.call(method, target, query={parameter: text[:4000]}))
        accepted(cast.ada.api.call(method, f"{target}?{parameter}=%FF%FE&{parameter}=%ED%A0%80"))
    for header, value in (
        ("If-Match", '"' + "9" * 50 + '.x"'),
        ("If-None-Match", 'W/,,"'),
        ("Idempotency-Key", "k" * 300),
        ("Accept-Language", "x" * 5000),
        ("X-Request-ID", "\u00ff"),
        ("Content-Length", "abc"),
        ("Host", "evil.example"),
    ):
        accepted(cast.ada.api.call(method, target, headers={header: value}))


@pytest.mark.parametrize(
    ("name", "method", "path", "op"),
    [o for o in OPERATIONS if "{" in o[2]],
    ids=[o[0] for o in OPERATIONS if "{" in o[2]],
)
def test_hostile_paths_are_answered(cast, name, method, path, op):
    for value in PATHS:
        accepted(cast.ada.api.call(method, fill(path, cast, value)))
