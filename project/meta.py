"""The entry point's shapes: every operation by category, from the same document that SDKs are generated from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from project.kernel.inputs import Out

METHODS = ("get", "put", "post", "patch", "delete")


class OperationLink(Out):
    """One operation: a method and an address, `{…}` standing for what the caller puts in."""

    operation_id: str
    method: str
    href: str
    summary: str


class LinkGroup(Out):
    """The operations of one group of the document."""

    name: str
    description: str
    links: list[OperationLink]


class RootOut(Out):
    """Where everything is."""

    name: str
    version: str
    documentation: str
    openapi: str
    groups: list[LinkGroup]


def describe(document: Mapping[str, Any], base: str) -> dict[str, Any]:
    """`RootOut` of an OpenAPI document whose own address is below `base`."""
    groups: dict[str, dict[str, Any]] = {
        tag["name"]: {"name": tag["name"], "description": tag["description"], "links": []}
        for tag in document["tags"]
    }
    for path, item in document["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                groups[operation["tags"][0]]["links"].append(
                    {
                        "operation_id": operation["operationId"],
                        "method": method.upper(),
                        "href": path,
                        "summary": operation["summary"],
                    }
                )
    return {
        "name": document["info"]["title"],
        "version": document["info"]["version"],
        "documentation": f"{base}docs/",
        "openapi": f"{base}openapi.json",
        "groups": [group for group in groups.values() if group["links"]],
    }
