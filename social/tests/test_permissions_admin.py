"""Roles, switches and assignments in the admin."""

from __future__ import annotations

import pytest
from django.test import Client, TestCase

from project.testing.cast import make_member
from social.models import Account, Assignment, PagePermission, Role


@pytest.fixture
def admin(cast):
    root = make_member("rita", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root.account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client, path, data):
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = client.post(f"/admin/social/{path}", data)
    assert answer.status_code == 302, answer.content.decode()[:20000]


INLINE = {
    "switches-TOTAL_FORMS": "1",
    "switches-INITIAL_FORMS": "0",
    "switches-MIN_NUM_FORMS": "0",
    "switches-MAX_NUM_FORMS": "1000",
}


def test_a_switch_is_made_turned_in_the_list_and_deleted(cast, admin):
    send(admin, "pagepermission/add/", {"operation": "users_me GET", "role": ""})
    row = PagePermission.objects.get()
    assert (row.operation_id, row.method, row.enabled) == ("users_me", "GET", False)
    assert row.created_by == Account.objects.get(username="rita")
    assert cast.ada.api.get("/users/me/").json()["code"] == "feature-disabled"
    listed = admin.get("/admin/social/pagepermission/")
    assert listed.status_code == 200
    form = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": row.pk, "form-0-enabled": "on"}
    send(admin, "pagepermission/", {**form, "_save": "Save"})
    assert cast.ada.api.get("/users/me/").status_code == 200
    send(admin, f"pagepermission/{row.pk}/change/", {"operation": "users_me GET", "role": ""})
    assert cast.ada.api.get("/users/me/").status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    send(admin, "pagepermission/", chosen)
    assert cast.ada.api.get("/users/me/").status_code == 200


def test_a_second_switch_of_the_same_operation_is_refused(admin):
    send(admin, "pagepermission/add/", {"operation": "users_me GET", "role": ""})
    again = admin.post("/admin/social/pagepermission/add/", {"operation": "users_me GET", "role": ""})
    assert again.status_code == 200
    assert PagePermission.objects.count() == 1


def test_a_role_is_made_with_its_switches_and_given(cast, admin):
    data = {"name": "testers", **INLINE, "switches-0-operation": "users_me GET"}
    send(admin, "role/add/", data)
    role = Role.objects.get()
    assert role.switches.get().created_by == Account.objects.get(username="rita")
    send(admin, "assignment/add/", {"account": cast.ada.id, "role": role.pk, "operation": "", "effect": ""})
    assert cast.ada.api.get("/users/me/").status_code == 403
    assert cast.bob.api.get("/users/me/").status_code == 200
    for page in ("role/", f"role/{role.pk}/change/", "assignment/", "pagepermission/add/"):
        assert admin.get(f"/admin/social/{page}").status_code == 200
    send(admin, f"role/{role.pk}/delete/", {"post": "yes"})
    assert not Assignment.objects.exists()
    assert cast.ada.api.get("/users/me/").status_code == 200


def test_an_assignment_is_one_thing(cast, admin):
    role = Role.objects.create(name="testers")
    for data in (
        {"operation": "", "role": "", "effect": ""},
        {"operation": "users_me GET", "role": "", "effect": ""},
        {"operation": "users_me GET", "role": role.pk, "effect": "deny"},
        {"operation": "", "role": role.pk, "effect": "deny"},
        {"operation": "auth_login POST", "role": "", "effect": "deny"},
    ):
        answer = admin.post("/admin/social/assignment/add/", {"account": cast.ada.id, **data})
        assert answer.status_code == 200, data
    assert not Assignment.objects.exists()
    allow = {"account": cast.ada.id, "operation": "users_me GET", "role": "", "effect": "deny"}
    send(admin, "assignment/add/", allow)
    assert cast.ada.api.get("/users/me/").status_code == 403


def test_only_superusers_change_permissions_in_the_admin(cast, staff):
    client = Client()
    client.force_login(staff.account, backend="django.contrib.auth.backends.ModelBackend")
    for page in ("role/add/", "pagepermission/add/", "assignment/add/"):
        assert client.get(f"/admin/social/{page}").status_code == 403
