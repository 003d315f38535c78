"""The OpenAPI document made good for every generator: named schemas, shared problem responses, explicit security.

Rules learned from running the generators are kept here and nowhere else; operations stay plain."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from project.kernel.schemas import Problem

PROBLEM = "application/problem+json"
METHODS = ("get", "put", "post", "patch", "delete")
SHARED = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Gone",
    412: "PreconditionFailed",
    413: "ContentTooLarge",
    415: "UnsupportedMediaType",
    422: "UnprocessableContent",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
}
DESCRIPTIONS = {
    400: "Malformed request: broken JSON, a NUL character, a cursor of another list.",
    401: "Not signed in, or the access token has ended.",
    403: "Known to the viewer, but not allowed.",
    404: "Missing or hidden: the answer is the same.",
    409: "Does not fit the present state.",
    410: "The link has expired.",
    412: "Changed since it was read.",
    413: "The body is too large.",
    415: "The content type is not accepted.",
    422: "Well-formed, but a value is not valid; `errors` says which.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "A store that is needed cannot answer; `Retry-After` says when to come back.",
}
REF = re.compile(r"#/components/(schemas|responses)/([\w.-]+)")


def _header(kind: str, description: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": kind}
    if kind == "integer":
        schema["format"] = "int32"
    return {"description": description, "schema": schema}


def _shared_response(status: int) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": DESCRIPTIONS[status],
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in (429, 503):
        response["headers"] = {"Retry-After": _header("integer", "seconds")}
    if status == 401:
        response["headers"] = {"WWW-Authenticate": _header("string", "the scheme to use")}
    return response


def _strip_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter cannot be null; it is absent."""
    if "anyOf" not in schema:
        return schema
    rest = [s for s in schema["anyOf"] if s.get("type") != "null"]
    if len(rest) == len(schema["anyOf"]):
        return schema
    other = {k: v for k, v in schema.items() if k not in ("anyOf", "default")}
    return {**rest[0], **other} if len(rest) == 1 else {**other, "anyOf": rest}


def _drop_titles(node: Any, *, in_properties: bool = False) -> None:
    """pydantic titles every field; generators would make a type of each."""
    if isinstance(node, dict):
        if not in_properties and isinstance(node.get("title"), str):
            node.pop("title")
        inner = node.get("allOf")
        if isinstance(inner, list) and len(inner) == 1 and "$ref" in inner[0]:
            node["$ref"] = node.pop("allOf")[0]["$ref"]
        for name, value in node.items():
            _drop_titles(value, in_properties=name == "properties")
    elif isinstance(node, list):
        for value in node:
            _drop_titles(value)


def _security(api: Any) -> dict[str, list[dict[str, list[str]]]]:
    """operationId → security, said explicitly on every operation."""
    found: dict[str, list[dict[str, list[str]]]] = {}
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for op in view.operations:
                name = op.operation_id or api.get_openapi_operation_id(op)
                auths = op.auth_callbacks
                if not auths:
                    found[name] = []
                elif any(getattr(auth, "optional", False) for auth in auths):
                    found[name] = [{"BearerAuth": []}, {}]
                else:
                    found[name] = [{"BearerAuth": []}]
    return found


def _parameters(op: dict[str, Any]) -> None:
    for parameter in op.get("parameters", []):
        parameter["schema"] = _strip_null(parameter["schema"])
        for copied in ("description", "examples", "example", "deprecated"):
            parameter["schema"].pop(copied, None)
        examples = parameter.pop("examples", None)
        if isinstance(examples, list) and examples:
            parameter["example"] = examples[0]
        if parameter["schema"].get("type") == "array":
            parameter.setdefault("style", "form")
            parameter.setdefault("explode", True)
    if not op.get("parameters"):
        op.pop("parameters", None)


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a retry harmless for 24 hours: the same key and body act once and answer alike.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that was read; 412 where the thing has changed since.",
    "schema": {"type": "string", "maxLength": 200},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that the client holds; 304 where nothing has changed.",
    "schema": {"type": "string", "maxLength": 2000},
}


def _conditional(method: str, op: dict[str, Any]) -> None:
    """Headers that the kit handles, and no operation declares."""
    wanted = []
    if method == "post" and op["security"] and op["tags"] != ["auth"]:
        wanted.append(IDEMPOTENCY_KEY)
    if "412" in op["responses"]:
        wanted.append(IF_MATCH)
    if "304" in op["responses"]:
        wanted.append(IF_NONE_MATCH)
    if wanted:
        op["parameters"] = [*op.get("parameters", []), *copy.deepcopy(wanted)]
    if "412" in op["responses"] or "304" in op["responses"]:
        etag = {"ETag": _header("string", "identifies this version")}
        for status, response in op["responses"].items():
            if status in ("200", "304"):
                response["headers"] = copy.deepcopy(etag)


def _responses(path: str, op: dict[str, Any], security: list[dict[str, list[str]]]) -> None:
    responses = {str(status): dict(response) for status, response in op["responses"].items()}
    wanted = {400, 429} | {int(s) for s in responses if int(s) >= 400}
    if security:
        wanted |= {401}
    if security and {} not in security:
        wanted |= {403}
    if op.get("parameters") or op.get("requestBody"):
        wanted |= {422}
    if "{" in path:
        wanted |= {404}
    if op.get("requestBody"):
        wanted |= {413, 415}
    kept = {s: r for s, r in responses.items() if int(s) < 400}
    kept |= {str(s): {"$ref": f"#/components/responses/{SHARED[s]}"} for s in wanted}
    op["responses"] = dict(sorted(kept.items()))


def _moved(path: str, method: str, op: dict[str, Any]) -> None:
    """Reading below a name that an account had before leads to the one it has."""
    if method == "get" and "{user}" in path:
        location = _header("string", "the same below its present name")
        found = {"description": "The account has another username.", "headers": {"Location": location}}
        op["responses"] = dict(sorted({**op["responses"], "301": found}.items()))


def _bodies(op: dict[str, Any], schemas: dict[str, Any]) -> None:
    for kind, media in op.get("requestBody", {}).get("content", {}).items():
        schema = media["schema"]
        if kind.startswith("multipart") and "properties" in schema:
            name = "".join(part.title() for part in op["operationId"].split("_")) + "Form"
            schema["properties"] = {k: _strip_null(v) for k, v in schema["properties"].items()}
            schemas[name] = schema
            media["schema"] = {"$ref": f"#/components/schemas/{name}"}


def _prune(document: dict[str, Any]) -> None:
    components = document["components"]
    live: set[tuple[str, str]] = set()
    todo = set(REF.findall(json.dumps(document["paths"], default=str)))
    while todo:
        item = todo.pop()
        live.add(item)
        found = REF.findall(json.dumps(components[item[0]].get(item[1], {}), default=str))
        todo |= set(found) - live
    for kind in ("schemas", "responses"):
        components[kind] = {k: v for k, v in sorted(components[kind].items()) if (kind, k) in live}


def normalise(api: Any, document: Any) -> Any:
    """The document as it is published and committed."""
    components = document["components"]
    schemas = components["schemas"]
    problem = Problem.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    components["responses"] = {name: _shared_response(status) for status, name in SHARED.items()}
    security = _security(api)
    for path, item in document["paths"].items():
        for method in [m for m in item if m in METHODS]:
            op = item[method] = copy.deepcopy(item[method])
            op["security"] = security[op["operationId"]]
            _parameters(op)
            _responses(path, op, op["security"])
            _moved(path, method, op)
            _bodies(op, schemas)
            _conditional(method, op)
    _drop_titles(document["paths"])
    _drop_titles(schemas)
    _prune(document)
    document["paths"] = dict(sorted(document["paths"].items()))
    return document
