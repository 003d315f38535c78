"""No body can set what its schema does not name: every column of every model, sent to every operation."""

from __future__ import annotations

import json

import pytest
from django.apps import apps

from project.api import api
from project.tests.test_hostile_inputs import body_properties, fill

DOCUMENT = json.loads(json.dumps(api.get_openapi_schema()))
OURS = {"social", "content", "search", "kernel", "outbox"}
COLUMNS = sorted(
    {
        name
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.concrete_fields
        for name in (field.name, field.attname)
    }
)
WITH_BODY = [
    (op["operationId"], method.upper(), path.removeprefix("/api/v1"), body_properties(op))
    for path, item in DOCUMENT["paths"].items()
    for method, op in item.items()
    if method in ("put", "post", "patch", "delete") and body_properties(op) is not None
]


def test_the_columns_that_matter_are_among_them():
    assert {
        "is_staff",
        "is_superuser",
        "state",
        "owner_id",
        "author_id",
        "token_version",
        "like_count",
    } <= set(COLUMNS)


@pytest.mark.parametrize(("name", "method", "path", "properties"), WITH_BODY, ids=[o[0] for o in WITH_BODY])
def test_no_column_can_be_set_that_the_schema_does_not_name(cast, name, method, path, properties):
    target = fill(path, cast, cast.ada.id)
    for column in COLUMNS:
        if column in properties or column in ("username", "email", "mobile"):
            continue  # named; or another spelling of the log-in identifier
        answer = cast.ada.api.call(method, target, {column: 1})
        assert answer.status_code >= 400, (name, column)
        if answer.status_code == 422 and answer.json()["code"] == "validation-failed":
            refused = {(e["pointer"], e["code"]) for e in answer.json()["errors"]}
            assert (f"/{column}", "extra_forbidden") in refused, (name, column)
