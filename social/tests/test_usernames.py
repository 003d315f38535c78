"""Changing the username (R10, R15)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from graph.bulk import account_facts
from project.kernel.clock import now
from project.testing.cast import PASSWORD
from project.testing.client import ApiClient
from social.models import Account, FormerUsername
from social.tests.mailbox import mails_to, sending

EVE = {"username": "eve", "email": "eve@example.org", "password": PASSWORD}
READS = [
    "/users/{}/",
    "/users/{}/posts/",
    "/profiles/{}/",
    "/followers/{}/",
    "/following/{}/",
]


def change(member, new_username, password=PASSWORD):
    body = {"password": password, "new_username": new_username}
    with sending():
        return member.api.post("/auth/username/change/", body)


def long_ago(days):
    moment = now() - timedelta(days=days)
    Account.objects.filter(username_changed_at__isnull=False).update(username_changed_at=moment)
    FormerUsername.objects.update(left_at=moment)


def problem(answer):
    return answer.status_code, answer.json()["code"]


def register(username):
    return ApiClient().post("/auth/register/", {**EVE, "username": username})


def test_r15_a_username_is_changed_with_the_password(cast, drain_outbox):
    answer = change(cast.ada, "Ada.King")
    assert answer.status_code == 200
    assert answer.json()["username"] == "Ada.King"
    me = cast.ada.api.get("/users/me/").json()
    assert (me["id"], me["username"]) == (cast.ada.id, "Ada.King")
    drain_outbox()
    assert account_facts([cast.ada.id])[cast.ada.id].username == "Ada.King"
    found = cast.bob.api.get("/search/users/?q=ada.king").json()["results"]
    assert [a["username"] for a in found] == ["Ada.King"]
    assert "Ada.King" in mails_to("ada@example.org")[-1].body


def test_a_wrong_password_changes_nothing(cast):
    assert problem(change(cast.ada, "ada.king", "wrong password")) == (403, "wrong-password")
    assert Account.objects.get(pk=cast.ada.id).username == "ada"


@pytest.mark.parametrize("username", ["ab", "123456", "dot.", "me", "spa ce", "ünï", "a" * 31])
def test_r10_the_new_name_has_to_be_a_username(cast, username):
    answer = change(cast.ada, username)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/new_username"


def test_r10_a_taken_name_is_409_whatever_its_case(cast):
    assert problem(change(cast.ada, "BOB")) == (409, "username-taken")
    assert cast.ada.api.get("/users/me/").json()["username"] == "ada"


def test_the_same_name_is_no_change_and_another_case_is_one(cast):
    assert change(cast.ada, "ada").json()["errors"][0]["code"] == "username_unchanged"
    assert change(cast.ada, "Ada").status_code == 200
    assert not FormerUsername.objects.exists()
    assert cast.bob.api.get("/profiles/ada/").json()["username"] == "Ada"


def test_r15_once_in_30_days_since_the_last_change(cast, time_machine):
    assert change(cast.ada, "ada.one").status_code == 200
    answer = change(cast.ada, "ada.two")
    assert problem(answer) == (409, "username-cooldown")
    assert 29 * 86400 < int(answer["Retry-After"]) <= 30 * 86400
    time_machine.move_to(now() + timedelta(days=30, seconds=1))
    # The devices have long been signed out by then.
    cast.ada.api = ApiClient(cast.ada.account)
    assert change(cast.ada, "ada.two").status_code == 200
    assert problem(change(cast.ada, "ada.three")) == (409, "username-cooldown")


def test_a_refused_change_does_not_start_the_cooldown(cast):
    change(cast.ada, "bob")
    change(cast.ada, "ada.one", "wrong password")
    assert change(cast.ada, "ada.one").status_code == 200


def test_r15_log_in_takes_the_new_name_and_devices_stay_signed_in(cast, anonymous):
    tokens = anonymous.post("/auth/login/", {"identifier": "ada", "password": PASSWORD}).json()
    change(cast.ada, "ada.king")
    assert cast.ada.api.get("/users/me/").status_code == 200
    assert anonymous.post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 200

    def status(name):
        return anonymous.post("/auth/login/", {"identifier": name, "password": PASSWORD}).status_code

    assert (status("ada.king"), status("ada")) == (200, 401)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", READS)
def test_r15_reading_by_the_old_name_redirects_to_the_same_below_the_new_one(cast, path, method):
    change(cast.ada, "ada.king")
    for old in ("ada", "ADA"):
        answer = cast.bob.api.call(method, path.format(old) + "?limit=5&search=a%20b")
        assert answer.status_code == 301
        assert answer["Location"] == "/api/v1" + path.format("ada.king") + "?limit=5&search=a%20b"
        assert answer["Cache-Control"] == "private, no-store"
    assert cast.bob.api.get(answer["Location"]).status_code == 200


def test_an_alias_redirects_to_its_operation(cast):
    change(cast.ada, "ada.king")
    assert cast.bob.api.get("/profile/ada/")["Location"] == "/api/v1/users/ada.king/"
    assert cast.bob.api.get("/api/profiles/ada")["Location"] == "/api/v1/profiles/ada.king/"


def test_a_name_that_stands_twice_in_the_address_is_replaced_where_it_means_the_account(cast):
    change(cast.ada, "users1")
    long_ago(31)
    change(cast.ada, "ada.king")
    assert cast.bob.api.get("/users/users1/posts/")["Location"] == "/api/v1/users/ada.king/posts/"


def test_r15_other_methods_act_on_the_account_by_its_old_name(cast):
    change(cast.ada, "ada.king")
    assert cast.bob.api.post("/follow/ada/").status_code == 201
    known = cast.bob.api.get(f"/relationships/?users={cast.ada.id}").json()["results"]
    assert known[0]["following"] is True
    assert cast.bob.api.delete("/follow/ada/").status_code == 204
    assert cast.ada.api.patch("/profiles/ada/", {"bio": "still me"}).status_code == 200
    assert cast.bob.api.get("/posts/?author=ada").status_code == 200


def test_r15_ids_do_not_redirect(cast):
    change(cast.ada, "ada.king")
    assert cast.bob.api.get(f"/users/{cast.ada.id}/").json()["username"] == "ada.king"


def test_r32_the_old_name_tells_a_blocked_viewer_nothing(cast):
    cast.ada.block(cast.bob)
    change(cast.ada, "ada.king")

    def seen(path):
        body = cast.bob.api.get(path).json()
        return {k: v for k, v in body.items() if k != "request_id"}

    for path in READS:
        assert cast.bob.api.get(path.format("ada")).status_code == 404
        assert seen(path.format("ada")) == seen(path.format("nobody"))
    assert cast.cyd.api.get("/profiles/ada/").status_code == 301


def test_r17_the_old_name_of_an_account_that_is_gone_is_404(cast):
    change(cast.ada, "ada.king")
    Account.objects.filter(pk=cast.ada.id).update(state="deactivated")
    assert cast.bob.api.get("/profiles/ada/").status_code == 404


def test_nobody_is_redirected_before_signing_in_where_that_is_needed(cast, anonymous):
    change(cast.ada, "ada.king")
    assert anonymous.get("/followers/ada/").status_code == 401
    assert anonymous.get("/profiles/ada/")["Location"] == "/api/v1/profiles/ada.king/"


def test_r15_the_old_name_is_kept_for_30_days_and_then_free(cast, time_machine):
    change(cast.ada, "ada.king")
    assert problem(register("ADA")) == (409, "username-taken")
    assert problem(change(cast.bob, "Ada")) == (409, "username-taken")
    time_machine.move_to(now() + timedelta(days=30, seconds=1))
    assert ApiClient(cast.bob.account).get("/profiles/ada/").status_code == 404
    assert register("ada").status_code == 201
    assert not FormerUsername.objects.exists()
    assert ApiClient(cast.bob.account).get("/profiles/ada/").json()["username"] == "ada"


def test_r15_the_owner_takes_the_old_name_back_after_the_cooldown_alone(cast, settings):
    settings.USERNAME_RESERVATION = timedelta(days=60)
    change(cast.ada, "ada.king")
    assert problem(change(cast.ada, "ada")) == (409, "username-cooldown")
    long_ago(31)
    assert problem(register("ada")) == (409, "username-taken")
    assert change(cast.ada, "ada").status_code == 200
    assert cast.bob.api.get("/profiles/ada/").status_code == 200
    assert cast.bob.api.get("/profiles/ada.king/")["Location"] == "/api/v1/profiles/ada/"
    assert list(FormerUsername.objects.values_list("name", flat=True)) == ["ada.king"]


def test_two_old_names_lead_to_the_present_one(cast, settings):
    settings.USERNAME_RESERVATION = timedelta(days=90)
    change(cast.ada, "ada.one")
    long_ago(31)
    change(cast.ada, "ada.two")
    for old in ("ada", "ada.one"):
        assert cast.bob.api.get(f"/profiles/{old}/")["Location"] == "/api/v1/profiles/ada.two/"


def test_a_name_left_and_taken_at_once_is_never_without_its_reservation(threaded_cast):
    """One leaves a name while others register it: whatever the order, nobody gets it before its time."""
    for round_ in range(6):
        member = [threaded_cast.ada, threaded_cast.bob, threaded_cast.cyd][round_ % 3]
        Account.objects.update(username_changed_at=None)
        name = Account.objects.get(pk=member.id).username
        barrier = threading.Barrier(4)
        statuses: list[int] = []

        def leave(member=member, barrier=barrier, round_=round_):
            barrier.wait()
            assert change(member, f"next.{round_}").status_code == 200
            connection.close()

        def take(number, name=name, barrier=barrier, statuses=statuses, round_=round_):
            body = {**EVE, "username": name, "email": f"eve{round_}.{number}@example.org"}
            barrier.wait()
            statuses.append(ApiClient().post("/auth/register/", body).status_code)
            connection.close()

        threads = [threading.Thread(target=leave)]
        threads += [threading.Thread(target=take, args=(n,)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [409, 409, 409]
    assert FormerUsername.objects.count() == 6
