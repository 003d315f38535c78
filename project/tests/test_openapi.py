"""The committed document is what the code says, and is good for generators."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from project.api import TAGS, api

COMMITTED = Path(__file__).resolve().parents[1] / "openapi.json"
METHODS = {"get", "put", "post", "patch", "delete"}
# Meant to be open to everyone, whatever PUBLIC_READ says.
OPEN = {
    "meta_root",
    "health_live",
    "health_ready",
    "auth_register",
    "auth_login",
    "auth_cookie_login",
    "auth_token_refresh",
    "auth_email_verify_link",
    "auth_email_verify",
    "auth_token_verify",
    "auth_token_recovery",
    "auth_password_reset",
    "account_delete_confirm",
    "account_restore",
}


@pytest.fixture(scope="module")
def document():
    return json.loads(json.dumps(api.get_openapi_schema()))


@pytest.fixture(scope="module")
def operations(document):
    return {
        op["operationId"]: (method, path, op)
        for path, item in document["paths"].items()
        for method, op in item.items()
        if method in METHODS
    }


def test_the_committed_document_is_up_to_date(document):
    """Run `manage.py openapi` after a change of the API, and read the difference."""
    assert json.loads(COMMITTED.read_text()) == document


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_operation_ids_are_explicit_unique_and_in_their_form(document, operations):
    count = sum(method in METHODS for item in document["paths"].values() for method in item)
    assert len(operations) == count
    for name in operations:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", name), name


def test_every_operation_has_one_known_tag_a_summary_and_a_description(operations):
    for name, (_, _, op) in operations.items():
        assert len(op["tags"]) == 1, name
        assert op["tags"][0] in TAGS, name
        assert op["summary"], name
        assert op.get("description"), name


def test_security_is_said_on_every_operation(operations):
    for name, (_, _, op) in operations.items():
        assert (op["security"] == []) == (name in OPEN), name


def test_every_error_is_a_shared_problem_response(document, operations):
    for name, (_, _, op) in operations.items():
        for status, response in op["responses"].items():
            if int(status) >= 400 and name != "health_ready":
                assert set(response) == {"$ref"}, (name, status)
        assert {"400", "429"} <= op["responses"].keys(), name
    problem = document["components"]["schemas"]["Problem"]
    assert set(problem["required"]) == set(problem["properties"])


def test_paths_end_with_a_slash_and_are_below_the_version(document):
    for path in document["paths"]:
        assert path.startswith("/api/v1/"), path
        assert path.endswith("/"), path


def _schemas(node, name=""):
    if isinstance(node, dict):
        yield name, node
        for key, value in node.items():
            yield from _schemas(value, f"{name}/{key}")
    elif isinstance(node, list):
        for n, value in enumerate(node):
            yield from _schemas(value, f"{name}/{n}")


def test_every_number_has_a_format_and_no_schema_is_a_choice(document):
    for where, schema in _schemas(document["components"]["schemas"]):
        if schema.get("type") in ("integer", "number"):
            assert "format" in schema, where
        assert "oneOf" not in schema, where
        if "anyOf" in schema:
            assert len(schema["anyOf"]) == 2, where
            assert {"type": "null"} in schema["anyOf"], where


def test_bodies_refuse_unknown_fields(document, operations):
    for name, (_, _, op) in operations.items():
        content = op.get("requestBody", {}).get("content", {}).get("application/json")
        if content:
            schema = content["schema"]
            for option in schema.get("anyOf", [schema]):
                if "$ref" in option:
                    body = document["components"]["schemas"][option["$ref"].rsplit("/", 1)[1]]
                    assert body["additionalProperties"] is False, name


def test_answers_state_every_field(document):
    """An absent field and a null one are different things; only documented ones may be absent."""
    may_be_absent = {"AccountDetail", "RegisteredAccount", "Tokens", "UserOut"}
    for name, schema in document["components"]["schemas"].items():
        answer = name.endswith("Out") or name.startswith(("Page_", "CountedPage_"))
        if answer and schema.get("type") == "object" and name not in may_be_absent:
            assert set(schema["required"]) == set(schema["properties"]), name


def test_the_page_shape_is_the_same_everywhere(document, operations):
    for name, (_method, _, op) in operations.items():
        if not name.endswith("_list"):
            continue
        schema = op["responses"]["200"]["content"]["application/json"]["schema"]
        page = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        assert {"results", "next", "previous"} <= page["properties"].keys(), name


def test_the_document_and_the_docs_are_served(anonymous):
    assert anonymous.get("/openapi.json").json()["info"]["title"] == "Photogram API"
    page = anonymous.client.get("/api/v1/docs/")
    assert page.status_code == 200
    assert "//" not in re.sub(
        r"https?://testserver", "", "".join(re.findall(r'(?:src|href)="([^"]*)"', page.content.decode()))
    )


def test_the_root_links_to_every_operation(anonymous, operations):
    body = anonymous.get("/").json()
    linked = {link["operation_id"] for group in body["groups"] for link in group["links"]}
    assert linked == set(operations)
