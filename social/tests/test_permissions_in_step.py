"""A change of permissions counts from the next request of every process on, whatever is away (R70)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import OperationalError, connection, transaction
from django.test import TestCase

from project.kernel.operations import catalogue
from project.kernel.redis import get_redis
from project.testing.cast import make_member
from social import permissions
from social.models import Assignment, PagePermission
from social.permissions import NOT_SWITCHABLE, current_rules, touch

ME = {"operation_id": "users_me", "method": "GET"}
KEY = ("users_me", "GET")
# Another process of the service: answers each line with the status of a request.
WORKER = """
import sys, django
django.setup()
from django.test import Client
client = Client()
print("ready", flush=True)
for line in sys.stdin:
    print(client.get("/api/v1/users/me/", headers={"Authorization": line.strip()}).status_code, flush=True)
"""


def set_switch(enabled):
    touch()
    PagePermission.objects.update_or_create(
        operation_id="users_me", method="GET", role=None, defaults={"enabled": enabled}
    )


def on():
    return current_rules().everyone.get(KEY, True)


def close_after(call):
    try:
        return call()
    finally:
        connection.close()


@pytest.fixture
def root(threaded_cast):
    return make_member("rita", "Rita Root", is_staff=True, is_superuser=True)


@pytest.fixture
def redis_away(settings):
    """Redis at an address where nobody listens; call it to bring Redis back."""
    url = settings.REDIS_URL

    def move(to):
        settings.REDIS_URL = to
        get_redis.cache_clear()

    move("redis://127.0.0.1:1/0")
    yield lambda: move(url)
    move(url)


def test_r70_two_processes_and_eight_threads_see_every_change_at_their_next_request(threaded_cast, root):
    url = urlsplit(os.environ["DATABASE_URL"])
    here = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))
    worker = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": here, "DJANGO_SETTINGS_MODULE": "project.settings.test"},
    )
    api, send, receive = threaded_cast.ada.api, worker.stdin, worker.stdout
    assert send is not None
    assert receive is not None

    def elsewhere():
        send.write(f"Bearer {api.access}\n")
        send.flush()
        return int(receive.readline())

    try:
        assert receive.readline() == "ready\n"
        with ThreadPoolExecutor(8) as pool:
            for n in range(25):
                enabled = n % 2 == 1
                changed = root.api.post("/page-permissions/", {**ME, "enabled": enabled})
                assert changed.status_code in (200, 201)
                asked = [
                    pool.submit(close_after, lambda: api.get("/users/me/").status_code) for _ in range(8)
                ]
                expected = 200 if enabled else 403
                assert elsewhere() == expected, n
                assert {one.result() for one in asked} == {expected}, n
    finally:
        send.close()
        worker.wait(10)


def test_r70_a_refusal_of_one_account_counts_at_once_in_every_thread(threaded_cast, root):
    api, deny = threaded_cast.ada.api, {"user": "ada", **ME, "effect": "deny"}
    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            made = root.api.post("/assign-permission/", deny)
            asked = [pool.submit(close_after, lambda: api.get("/users/me/").status_code) for _ in range(8)]
            assert {one.result() for one in asked} == {403}
            assert threaded_cast.bob.api.get("/users/me/").status_code == 200
            assert root.api.delete(f"/assign-permission/{made.json()['id']}/").status_code == 204
            asked = [pool.submit(close_after, lambda: api.get("/users/me/").status_code) for _ in range(8)]
            assert {one.result() for one in asked} == {200}


def test_concurrent_creations_of_one_thing_make_one_row(threaded_cast, root):
    role = root.api.post("/roles/", {"name": "testers"}).json()["id"]
    calls: list[tuple[str, str, Any, Any]] = [
        ("POST", "/page-permissions/", {**ME, "enabled": False}, PagePermission),
        ("POST", "/assign-permission/", {"user": "ada", **ME, "effect": "deny"}, Assignment),
        ("PUT", f"/roles/{role}/members/bob/", None, Assignment),
    ]
    with ThreadPoolExecutor(16) as pool:
        for method, path, body, model in calls:
            before = model.objects.count()
            asked = [
                pool.submit(close_after, lambda m=method, p=path, b=body: root.api.call(m, p, b).status_code)
                for _ in range(16)
            ]
            assert sorted(one.result() for one in asked) == [200] * 15 + [201]
            assert model.objects.count() == before + 1


def test_concurrent_changes_of_many_switches_all_count(threaded_cast, root):
    names = [facts for facts in catalogue().values() if facts.operation_id not in NOT_SWITCHABLE][:40]

    def switch(facts):
        body = {"operation_id": facts.operation_id, "method": facts.method, "enabled": False}
        return root.api.post("/page-permissions/", body).status_code

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(close_after, lambda f=facts: switch(f)) for facts in names]
        assert {one.result() for one in asked} == {201}
    assert current_rules().everyone == {facts.key: False for facts in names}


def test_r70_a_change_that_was_never_published_counts_within_seconds_everywhere(cast, settings):
    settings.PERMISSIONS_MAX_AGE = 0.3
    assert on()
    # Nothing runs after the commit here: as when a process dies between commit and publication.
    set_switch(False)
    mark = get_redis().get(permissions._mark_key())
    assert on()
    time.sleep(0.35)
    assert not on()
    assert get_redis().get(permissions._mark_key()) != mark


def test_r70_a_change_rolled_back_changes_nothing(cast):
    with transaction.atomic():
        set_switch(False)
        transaction.set_rollback(True)
    permissions.publish()
    assert on()


def test_r70_without_redis_every_request_compares_with_the_database(cast, redis_away):
    for enabled in (False, True, False):
        set_switch(enabled)
        assert on() is enabled
    redis_away()
    assert not on()


def test_r70_a_flushed_redis_loses_nothing(cast):
    with TestCase.captureOnCommitCallbacks(execute=True):
        set_switch(False)
    assert not on()
    get_redis().flushdb()
    assert not on()
    assert get_redis().get(permissions._mark_key())


def test_r70_with_the_database_away_the_last_known_switches_stand(cast):
    with TestCase.captureOnCommitCallbacks(execute=True):
        set_switch(False)
    assert not on()

    def away(*_):
        raise OperationalError("away")

    permissions.publish()
    with connection.execute_wrapper(away):
        assert not on()


def test_switching_everything_for_many_roles_and_accounts_stays_two_queries(
    cast, root_role_rows, django_assert_num_queries
):
    with django_assert_num_queries(2):
        rules = permissions.load_rules()
    assert len(rules.by_role) == root_role_rows
    with django_assert_num_queries(1):
        mine = rules.of_account(cast.ada.id)
        assert rules.of_account(cast.ada.id) is mine


@pytest.fixture
def root_role_rows(cast):
    """Twenty roles that switch everything, all of them ada's; how many operations."""
    from social.models import Role

    names = [facts for facts in catalogue().values() if facts.operation_id not in NOT_SWITCHABLE]
    roles = Role.objects.bulk_create(Role(name=f"role {n}") for n in range(20))
    PagePermission.objects.bulk_create(
        PagePermission(operation_id=facts.operation_id, method=facts.method, role=role, enabled=True)
        for facts in names
        for role in roles
    )
    Assignment.objects.bulk_create(Assignment(account_id=cast.ada.id, role=role) for role in roles)
    return len(names)
