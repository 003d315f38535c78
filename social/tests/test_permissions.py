"""Who may do what: precedence, assignments, roles, what staff may grant (R70)."""

from __future__ import annotations

import itertools

import pytest
from django.test import TestCase

from project.kernel.operations import catalogue
from project.testing.cast import make_member
from social import permissions
from social.models import Assignment, PagePermission, Role
from social.permissions import NOT_SWITCHABLE, AccountRules, Rules

SEARCH = {"operation_id": "search_users", "method": "GET"}
QUERY = "/search/users/?q=ada"


@pytest.fixture
def root(cast):
    return make_member("rita", "Rita Root", is_staff=True, is_superuser=True)


def call(client, method, path, body=None, **options):
    """A call whose commit is published, as outside of a test."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        return client.call(method, path, body, **options)


def made(answer, status=201):
    assert answer.status_code == status, answer.content
    return answer.json()


def switch(who, enabled, role=None, **operation):
    body = {**SEARCH, **operation, "enabled": enabled}
    return made(call(who.api, "POST", "/page-permissions/", body | ({"role": role} if role else {})))["id"]


def assign(who, user, effect, **operation):
    body = {"user": user.id, **SEARCH, **operation, "effect": effect}
    return made(call(who.api, "POST", "/assign-permission/", body))["id"]


def new_role(who, name="testers"):
    return made(call(who.api, "POST", "/roles/", {"name": name}))["id"]


def join(who, role, user):
    return made(call(who.api, "PUT", f"/roles/{role}/members/{user.username}/"))["id"]


def is_on(member, path=QUERY):
    answer = member.api.get(path)
    assert answer.status_code == 200 or answer.json()["code"] == "feature-disabled", answer.content
    return answer.status_code == 200


# ---- precedence


@pytest.mark.parametrize("everyone", [None, True, False])
@pytest.mark.parametrize("roles", list(itertools.product([None, True, False], repeat=2)))
@pytest.mark.parametrize("mine", [(), ("allow",), ("deny",), ("allow", "deny")])
def test_r70_account_deny_beats_account_allow_beats_role_deny_beats_role_allow_beats_default(
    mine, roles, everyone
):
    operation = ("search_users", "GET")
    rules = Rules(
        everyone={} if everyone is None else {operation: everyone},
        by_role={operation: {n: said for n, said in enumerate(roles) if said is not None}},
    )
    account = AccountRules(
        denied={operation} if "deny" in mine else set(),
        allowed={operation} if "allow" in mine else set(),
        roles={0, 1},
    )
    if mine:
        expected = "deny" not in mine
    elif set(roles) != {None}:
        expected = False not in roles
    else:
        expected = everyone is not False
    assert rules.allow(operation, account) is expected
    # Roles and assignments of others say nothing.
    assert rules.allow(operation, AccountRules(roles={7})) is (everyone is not False)


def test_r70_the_order_holds_over_http_and_each_step_counts_at_the_next_request(cast, root):
    ada, everyone = cast.ada, switch(root, False)
    assert not is_on(ada)
    testers, others = new_role(root), new_role(root, "others")
    join(root, testers, ada)
    join(root, others, ada)
    assert not is_on(ada)
    switch(root, True, role=testers)
    assert is_on(ada)
    assert not is_on(cast.bob)
    refused = switch(root, False, role=others)
    assert not is_on(ada)
    allowed = assign(root, ada, "allow")
    assert is_on(ada)
    denied = assign(root, ada, "deny")
    assert not is_on(ada)
    for assignment, on in ((allowed, False), (denied, False)):
        assert call(root.api, "DELETE", f"/assign-permission/{assignment}/").status_code == 204
        assert is_on(ada) is on
    made(call(root.api, "PATCH", f"/page-permissions/{refused}/", {"enabled": True}), 200)
    assert is_on(ada)
    assert call(root.api, "DELETE", f"/roles/{testers}/").status_code == 204
    assert call(root.api, "DELETE", f"/roles/{others}/members/ada/").status_code == 204
    assert not is_on(ada)
    assert call(root.api, "DELETE", f"/page-permissions/{everyone}/").status_code == 204
    assert is_on(ada)
    assert is_on(cast.bob)


def test_r70_superusers_pass_even_what_is_denied_to_them(cast, root, staff):
    for effect_of in (staff, root):
        assign(effect_of, root, "deny", **{} if effect_of is staff else {"operation_id": "users_me"})
    switch(staff, False)
    assert is_on(root)
    assert is_on(root, "/users/me/")
    assert all(root.api.get("/permissions/me/").json().values())
    assert not is_on(staff)


def test_r70_who_is_not_signed_in_is_under_the_switch_for_everyone(cast, root, anonymous):
    posts = {"operation_id": "posts_list"}
    role = new_role(root)
    switch(root, False, role=role, **posts)
    assert is_on(anonymous_member(anonymous), "/posts/")
    switch(root, False, **posts)
    assert not is_on(anonymous_member(anonymous), "/posts/")
    assert is_on(root, "/posts/")


def anonymous_member(client):
    class Nobody:
        api = client

    return Nobody


def test_r70_an_operation_without_authentication_knows_who_was_allowed(cast, root, anonymous):
    switch(root, False, operation_id="meta_root")
    assign(root, cast.ada, "allow", operation_id="meta_root")
    for client, status in ((anonymous, 403), (cast.bob.api, 403), (cast.ada.api, 200), (root.api, 200)):
        assert client.get("/").status_code == status
    forged = anonymous.get("/", headers={"Authorization": "Bearer x"})
    assert forged.json()["code"] == "feature-disabled"


# ---- what one may do


def test_permissions_me_tells_every_operation(cast, root, staff):
    mine = cast.ada.api.get("/permissions/me/").json()
    assert mine.keys() == set(catalogue())
    assert mine["search_users"] is True
    assert mine["roles_list"] is False
    assert staff.api.get("/permissions/me/").json()["roles_list"] is True
    switch(root, False)
    assign(root, cast.bob, "allow")
    assert cast.ada.api.get("/permissions/me/").json()["search_users"] is False
    assert cast.bob.api.get("/permissions/me/").json()["search_users"] is True


def test_the_list_has_every_operation_with_its_switch(cast, staff, root):
    role = new_role(root)
    everyone, for_role = switch(root, False), switch(root, True, role=role)
    rows = {row["operation_id"]: row for row in staff.api.pages("/page-permissions/", limit=7)}
    assert list(rows) == sorted(catalogue())
    assert {name for name, row in rows.items() if not row["switchable"]} == NOT_SWITCHABLE & set(rows)
    row = rows["search_users"]
    assert (row["id"], row["enabled"], row["method"]) == (everyone, False, "GET")
    assert [(s["id"], s["role"], s["enabled"]) for s in row["roles"]] == [(for_role, role, True)]
    assert (rows["users_me"]["id"], rows["users_me"]["enabled"]) == (None, True)
    found = staff.api.get("/page-permissions/", query={"switched": "true"}).json()["results"]
    assert [row["operation_id"] for row in found] == ["search_users"]
    found = staff.api.get("/page-permissions/", query={"search": "assign-perm"}).json()["results"]
    assert {row["operation_id"] for row in found} == {"permissions_assign", "permissions_revoke"}
    first = staff.api.get("/page-permissions/", query={"limit": 3}).json()
    second = staff.api.get("/page-permissions/", query={"limit": 3, "cursor": first["next"]}).json()
    back = staff.api.get("/page-permissions/", query={"limit": 3, "cursor": second["previous"]}).json()
    assert back["results"] == first["results"]


# ---- who may change, and what cannot be said


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/assign-permission/", {"user": 1, **SEARCH, "effect": "allow"}),
        ("DELETE", "/assign-permission/1/", None),
        ("GET", "/page-permissions/", None),
        ("POST", "/page-permissions/", {**SEARCH, "enabled": False}),
        ("PATCH", "/page-permissions/1/", {"enabled": False}),
        ("DELETE", "/page-permissions/1/", None),
        ("GET", "/roles/", None),
        ("POST", "/roles/", {"name": "x"}),
        ("PATCH", "/roles/1/", {"name": "x"}),
        ("DELETE", "/roles/1/", None),
        ("PUT", "/roles/1/members/ada/", None),
        ("DELETE", "/roles/1/members/ada/", None),
    ],
)
def test_only_staff_manage_permissions(cast, anonymous, method, path, body):
    refused = cast.ada.api.call(method, path, body)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert anonymous.call(method, path, body).status_code == 401
    assert not Role.objects.exists()
    assert not PagePermission.objects.exists()


@pytest.mark.parametrize("name", sorted(NOT_SWITCHABLE))
def test_r70_ways_in_and_out_and_deletion_by_link_cannot_be_switched_or_assigned(cast, root, name):
    if name not in catalogue():
        pytest.skip("not an operation of this build")
    operation = {"operation_id": name, "method": catalogue()[name].method}
    for path, body in (
        ("/page-permissions/", {**operation, "enabled": False}),
        ("/assign-permission/", {**operation, "user": "ada", "effect": "deny"}),
        ("/assign-permission/", {**operation, "user": "ada", "effect": "allow"}),
    ):
        refused = root.api.post(path, body)
        assert (refused.status_code, refused.json()["code"]) == (422, "not-switchable")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"operation_id": "posts_explode"}, "/operation_id"),
        ({"operation_id": " "}, "/operation_id"),
        ({"method": "POST"}, "/method"),
        ({"method": "HEAD"}, "/method"),
        ({"role": 999}, "/role"),
        ({"role": 2**63}, "/role"),
        ({"enabled": None}, "/enabled"),
        ({"enabled": 0}, "/enabled"),
        ({"more": 1}, "/more"),
    ],
)
def test_a_switch_of_what_does_not_exist_is_422(cast, root, change, pointer):
    answer = root.api.post("/page-permissions/", {**SEARCH, "enabled": False, **change})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    "body",
    [
        {"user": "ada"},
        {"user": "ada", "role": 999},
        {"user": "nobody", **SEARCH, "effect": "allow"},
        {"user": 987654321, **SEARCH, "effect": "allow"},
        {"user": True, **SEARCH, "effect": "allow"},
        {"user": "ada", **SEARCH},
        {"user": "ada", **SEARCH, "effect": "maybe"},
        {"user": "ada", **SEARCH, "effect": "allow", "role": 1},
        {"user": "ada", "operation_id": "search_users", "effect": "allow"},
        {"user": "ada", "operation_id": "nothing_here", "method": "GET", "effect": "allow"},
    ],
)
def test_an_assignment_of_what_does_not_exist_is_422(cast, root, body):
    assert root.api.post("/assign-permission/", body).status_code == 422
    assert not Assignment.objects.exists()


def test_the_same_again_is_200_with_the_same_id(cast, root):
    first, again = (call(root.api, "POST", "/assign-permission/", BODY) for BODY in [deny_ada()] * 2)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    off, on = (
        call(root.api, "POST", "/page-permissions/", {**SEARCH, "enabled": enabled})
        for enabled in (False, True)
    )
    assert (off.status_code, on.status_code) == (201, 200)
    assert (off.json()["id"], on.json()["enabled"]) == (on.json()["id"], True)
    role = new_role(root)
    assert [call(root.api, "PUT", f"/roles/{role}/members/ada/").status_code for _ in range(2)] == [201, 200]
    assert [call(root.api, "DELETE", f"/roles/{role}/members/ada/").status_code for _ in range(2)] == [
        204,
        204,
    ]


def deny_ada():
    return {"user": "ada", **SEARCH, "effect": "deny"}


@pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        ("/assign-permission/", deny_ada(), Assignment),
        ("/page-permissions/", {**SEARCH, "enabled": False}, PagePermission),
        ("/roles/", {"name": "testers"}, Role),
    ],
)
def test_r82_creating_is_repeatable_with_a_key(cast, root, path, body, model):
    answers = [root.api.post(path, body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert model.objects.count() == 1
    row = model.objects.get()
    assert row.created_by_id == root.id
    assert row.created_at is not None


def test_roles_are_made_changed_listed_and_deleted(cast, root):
    role = new_role(root)
    assert root.api.post("/roles/", {"name": "TESTERS"}).json()["code"] == "role-name-taken"
    assert root.api.post("/roles/", {"name": "  "}).status_code == 422
    other = new_role(root, "others")
    assert root.api.patch(f"/roles/{other}/", {"name": "Testers"}).json()["code"] == "role-name-taken"
    changed = root.api.patch(f"/roles/{other}/", {"description": "the rest"}).json()
    assert (changed["name"], changed["description"]) == ("others", "the rest")
    assert root.api.patch(f"/roles/{other}/", {"name": None}).status_code == 422
    join(root, role, cast.ada)
    join(root, role, cast.bob)
    rows = root.api.pages("/roles/", limit=1)
    assert [(row["id"], row["member_count"]) for row in rows] == [(role, 2), (other, 0)]
    assert root.api.put(f"/roles/{role}/members/nobody/").status_code == 404
    assert root.api.put("/roles/999/members/ada/").status_code == 404
    assert root.api.delete(f"/roles/{other}/").status_code == 204
    assert root.api.delete(f"/roles/{other}/").status_code == 404
    assert root.api.patch(f"/roles/{other}/", {"name": "x"}).status_code == 404


# ---- staff cannot grant what they do not have


def refused(answer):
    return (answer.status_code, answer.json()["code"]) == (403, "cannot-grant")


def test_staff_cannot_open_to_others_what_is_off_for_themselves(cast, root, staff):
    role, tester = new_role(root), cast.ada
    switch(root, True, role=role)
    assign(root, staff, "deny")
    assert refused(
        call(staff.api, "POST", "/assign-permission/", {"user": "ada", **SEARCH, "effect": "allow"})
    )
    assert refused(call(staff.api, "POST", "/assign-permission/", {"user": tester.id, "role": role}))
    assert refused(call(staff.api, "PUT", f"/roles/{role}/members/ada/"))
    own = new_role(staff, "own")
    assert refused(call(staff.api, "POST", "/page-permissions/", {**SEARCH, "role": own, "enabled": True}))
    everyone = switch(root, False)
    assert refused(call(staff.api, "PATCH", f"/page-permissions/{everyone}/", {"enabled": True}))
    assert refused(call(staff.api, "DELETE", f"/page-permissions/{everyone}/"))


def test_staff_cannot_lift_their_own_refusals(cast, root, staff):
    denied = assign(root, staff, "deny")
    assert refused(call(staff.api, "DELETE", f"/assign-permission/{denied}/"))
    call(root.api, "DELETE", f"/assign-permission/{denied}/")
    role = new_role(root)
    barred = switch(root, False, role=role)
    member = join(root, role, staff)
    for method, path, body in (
        ("DELETE", f"/assign-permission/{member}/", None),
        ("DELETE", f"/roles/{role}/members/sam/", None),
        ("DELETE", f"/roles/{role}/", None),
        ("PATCH", f"/page-permissions/{barred}/", {"enabled": True}),
        ("DELETE", f"/page-permissions/{barred}/", None),
        ("POST", "/assign-permission/", {"user": "sam", **SEARCH, "effect": "allow"}),
    ):
        assert refused(call(staff.api, method, path, body)), path
    assert not is_on(staff)


def test_staff_switch_for_everyone_and_back(cast, staff):
    everyone = switch(staff, False)
    assert not is_on(staff)
    made(call(staff.api, "PATCH", f"/page-permissions/{everyone}/", {"enabled": True}), 200)
    assert is_on(staff)


def test_staff_may_refuse_and_take_their_refusal_back(cast, staff):
    denied = assign(staff, cast.ada, "deny")
    assert not is_on(cast.ada)
    assert call(staff.api, "DELETE", f"/assign-permission/{denied}/").status_code == 204
    assert is_on(cast.ada)


def test_the_cost_of_a_request_is_one_redis_read_and_no_query(cast, root, django_assert_num_queries):
    switch(root, False, operation_id="users_me")
    assign(root, cast.ada, "allow", operation_id="users_me")
    cast.ada.api.get("/users/me/")
    with django_assert_num_queries(0):
        rules = permissions.current_rules()
        assert rules.allow(("users_me", "GET"), rules.of_account(cast.ada.id))
