"""Every operation of the document can be switched off and on again, under all its names (R70)."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import TestCase

from project.api import api
from project.kernel.aliases import ALIASES, BASE, resolve_alias
from project.kernel.operations import catalogue
from social.models import PagePermission
from social.permissions import NOT_SWITCHABLE, touch

METHODS = {"get", "put", "post", "patch", "delete"}
DOCUMENT = [
    (op["operationId"], method.upper(), path)
    for path, item in api.get_openapi_schema()["paths"].items()
    for method, op in item.items()
    if method in METHODS
]
SWITCHABLE = [operation for operation in DOCUMENT if operation[0] not in NOT_SWITCHABLE]
ACTING_GETS = {"account_delete_confirm", "auth_email_verify_link"}
# Nobody's id: an operation that is on finds nothing to change.
NOBODY = "987654321987"
OFF = "feature-disabled"


def published():
    """Runs what the transaction around a test would never run: the publication of the change."""
    return TestCase.captureOnCommitCallbacks(execute=True)


@contextmanager
def switched_off(*operations):
    """These operations off for everyone, by the rows alone."""
    with published():
        touch()
        rows = PagePermission.objects.bulk_create(
            PagePermission(operation_id=name, method=method, enabled=False) for name, method, _ in operations
        )
    yield
    with published():
        touch()
        PagePermission.objects.filter(pk__in=[row.pk for row in rows]).delete()


def target(path):
    return re.sub(r"{\w+}", NOBODY, path)


def code_of(client, method, path):
    """The problem code of an answer, None where there is none. What the request did is undone."""
    with transaction.atomic():
        answer = client.call(method, path)
        transaction.set_rollback(True)
    if method == "HEAD":
        return answer.status_code
    return answer.json()["code"] if answer.status_code >= 400 else None


def other_names(method, path):
    """The aliases of an operation as (method, path)."""
    for alias_method, pattern, _, _ in ALIASES:
        named = BASE + pattern.replace("([^/]+)", NOBODY)
        choice = re.search(r"\((\w+(?:\|\w+)+)\)", named)
        words = choice[1].split("|") if choice else [""]
        for at in [named.replace(choice[0], word) if choice else named for word in words]:
            if resolve_alias(alias_method, at) == (method, path):
                yield alias_method, at


def test_the_catalogue_is_the_document():
    assert {(f.operation_id, f.method, "/api/v1" + f.path) for f in catalogue().values()} == set(DOCUMENT)


def test_r70_only_ways_in_and_out_and_deletion_by_link_cannot_be_switched():
    assert {name for name in NOT_SWITCHABLE if name in catalogue()} <= NOT_SWITCHABLE
    assert {"auth_login", "auth_logout", "auth_token_refresh"} <= set(catalogue())


def test_r70_every_operation_is_switched_off_and_on_under_all_its_names(cast):
    client, aliases = cast.ada.api, 0
    for name, method, path in SWITCHABLE:
        where = target(path)
        names = [(method, where), *other_names(method, where)]
        aliases += len(names) - 1
        with switched_off((name, method, path)):
            for how, at in names:
                assert code_of(client, how, at) == OFF, (name, how, at)
            if method == "GET":
                assert code_of(client, "HEAD", where) == 403, name
        assert code_of(client, method, where) != OFF, name
        if method == "GET":
            expected = {405} if name in ACTING_GETS else {200, 304, 400, 403, 404, 422, 503}
            assert code_of(client, "HEAD", where) in expected, name
    assert aliases >= 7


def test_r70_everything_off_at_once_leaves_only_what_cannot_be_switched(cast, anonymous):
    with switched_off(*SWITCHABLE):
        for name, method, path in DOCUMENT:
            for client in (cast.ada.api, anonymous):
                refused = code_of(client, method, target(path))
                assert (refused == OFF) == (name not in NOT_SWITCHABLE) or refused == "unauthenticated", name
                if refused == "unauthenticated":
                    assert client is anonymous, name


def test_r70_rows_about_what_cannot_be_switched_are_not_obeyed(cast, anonymous):
    with switched_off(*[operation for operation in DOCUMENT if operation[0] in NOT_SWITCHABLE]):
        for name, method, path in DOCUMENT:
            if name in NOT_SWITCHABLE:
                assert code_of(anonymous, method, target(path)) != OFF, name


@pytest.mark.parametrize(
    "path", ["/api/v1/users/me/", "/api/users/me", "/api/profile/me", "/api/v1/profile/me/"]
)
def test_r70_a_switch_holds_for_every_spelling_of_an_address(cast, path):
    found = next(op for op in DOCUMENT if op[0] == "users_me")
    with switched_off(found):
        assert cast.ada.api.get(path).json()["code"] == OFF
    assert cast.ada.api.get(path).status_code == 200
