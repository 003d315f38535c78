"""Deactivation, deletion by link and without, coming back (R12, R16, R17, R38)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as outbox

from graph.bulk import account_facts
from project.kernel.clock import now
from project.outbox.models import OutboxRow
from project.testing.cast import PASSWORD, make_member
from project.testing.client import ApiClient
from social.models import Account, AccountState
from social.registries import state_hooks
from social.services.account_state import come_back, leave
from social.services.sessions import refresh_session

CREDENTIALS = {"identifier": "ada", "password": PASSWORD}


@pytest.fixture
def cast(threaded_cast):
    """Committed rows: revocations count from the commit on."""
    return threaded_cast


@pytest.fixture
def no_graph_after(settings):
    """Points the service at a port where nothing listens, from when it is called; again, and the graph is back."""
    right = settings.NEO4J_URL

    def switch():
        settings.NEO4J_URL = "bolt://127.0.0.1:1" if right == settings.NEO4J_URL else right

    return switch


def state_of(member):
    return Account.objects.values_list("state", flat=True).get(pk=member.id)


def mailed_token(member):
    """The token of the deletion link in the newest mail."""
    found = re.search(r"/delete-account/\?token=(\S+)", str(outbox.outbox[-1].body))
    assert found
    return found[1]


def ask(member):
    outbox.outbox.clear()
    answer = member.api.post("/delete-account/request/", {"password": PASSWORD})
    assert answer.status_code == 202, answer.content
    return mailed_token(member)


def delete(token, method="GET"):
    return ApiClient().call(method, "/delete-account/", query={"token": token})


def restore(**body):
    return ApiClient().post("/restore-account/", {**CREDENTIALS, **body})


# ---- deactivation


def test_r17_deactivating_takes_no_body_and_hides_at_once(cast):
    assert cast.bob.api.get("/users/ada/").status_code == 200
    assert cast.ada.api.post("/deactivate-account/").status_code == 204
    assert cast.bob.api.get("/users/ada/").status_code == 404
    assert account_facts([cast.ada.id])[cast.ada.id].active is False


def test_r12_deactivating_ends_access_and_refresh_tokens(cast):
    tokens = ApiClient().post("/auth/login/", CREDENTIALS).json()
    cast.ada.api.post("/deactivate-account/")
    assert cast.ada.api.get("/users/me/").status_code == 401
    other = {"Authorization": f"Bearer {tokens['access']}"}
    assert ApiClient().get("/users/me/", headers=other).status_code == 401
    assert ApiClient().post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 401
    assert restore().status_code == 200
    # They stay dead: coming back is a new session.
    assert ApiClient().get("/users/me/", headers=other).status_code == 401
    assert ApiClient().post("/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code == 401


def test_who_left_cannot_log_in_but_restore_at_any_time(cast):
    cast.ada.api.post("/deactivate-account/")
    assert ApiClient().post("/auth/login/", CREDENTIALS).json()["code"] == "invalid-credentials"
    with time_machine.travel(now() + timedelta(days=4000)):
        body = restore()
        assert body.status_code == 200
        header = {"Authorization": f"Bearer {body.json()['access']}"}
        assert ApiClient().get("/users/me/", headers=header).json()["username"] == "ada"
        assert refresh_session(body.json()["refresh"]).account_id == cast.ada.id
    assert ApiClient().post("/auth/login/", CREDENTIALS).status_code == 200


def test_restoring_takes_the_names_that_log_in_takes_and_an_active_account_logs_in(cast):
    assert (
        ApiClient().post("/restore-account/", {"email": "ada@example.org", "password": PASSWORD}).status_code
        == 200
    )
    cast.ada.api.post("/deactivate-account/")
    assert ApiClient().post("/restore-account/", {"username": "ADA", "password": PASSWORD}).status_code == 200


def test_restoring_answers_everything_else_as_wrong_credentials(cast):
    leave(cast.ada.id, AccountState.SUSPENDED)
    leave(cast.bob.id, AccountState.DELETED)
    Account.objects.filter(pk=cast.bob.id).update(state_changed_at=now() - timedelta(days=31))
    leave(cast.cyd.id, AccountState.SUSPENDED)
    leave(cast.cyd.id, AccountState.DELETED)
    wrong = [
        {"identifier": "ada"},
        {"identifier": "bob"},
        {"identifier": "cyd"},
        {"identifier": "nobody"},
        {"identifier": "dan", "password": "not the password"},
    ]
    bodies = set()
    for body in wrong:
        answer = restore(**body)
        assert answer.status_code == 401, body
        bodies.add((answer.json()["code"], str(answer.json()["detail"])))
    assert bodies == {("invalid-credentials", "The identifier or the password is wrong.")}
    assert [state_of(m) for m in (cast.ada, cast.bob, cast.cyd)] == ["suspended", "deleted", "deleted"]


def test_staff_bring_back_who_is_suspended(cast):
    leave(cast.ada.id, AccountState.SUSPENDED)
    come_back(cast.ada.id, suspended_too=True)
    assert cast.bob.api.get("/users/ada/").status_code == 200


def test_r11_wrong_passwords_lock_restoring_and_log_in_alike(cast):
    cast.ada.api.post("/deactivate-account/")
    codes = [restore(password="wrong").json()["code"] for _ in range(11)]
    assert codes[-1] == "locked-out"
    assert restore().status_code == 429
    assert ApiClient().post("/auth/login/", CREDENTIALS).status_code == 429


def test_r38_leaving_stands_without_the_graph_and_the_relay_completes_it(cast, no_graph_after, drain_outbox):
    no_graph_after()
    assert cast.ada.api.post("/deactivate-account/").status_code == 204
    assert state_of(cast.ada) == "deactivated"
    no_graph_after()
    assert cast.bob.api.post("/follow/ada/").status_code == 404
    OutboxRow.objects.update(due_at=now())
    drain_outbox()
    assert account_facts([cast.ada.id])[cast.ada.id].active is False


def test_r38_coming_back_without_the_graph_is_503_and_changes_nothing(cast, no_graph_after, drain_outbox):
    cast.bob.follow(cast.ada)
    cast.ada.api.post("/deactivate-account/")
    no_graph_after()
    answer = restore()
    assert (answer.status_code, answer.json()["code"]) == (503, "graph-unavailable")
    assert state_of(cast.ada) == "deactivated"
    no_graph_after()
    assert cast.cyd.api.get("/users/bob/").json()["stats"]["following"] == 0
    assert restore().status_code == 200
    assert cast.cyd.api.get("/users/bob/").json()["stats"]["following"] == 1


@pytest.fixture
def dying_hook():
    """The process dies inside the transaction that changes a state."""

    def die(account_id):
        raise RuntimeError("the process dies here")

    state_hooks.register(die)
    yield
    state_hooks.hooks.remove(die)


def test_a_return_cut_off_between_the_stores_is_taken_back_by_the_relay(cast, drain_outbox, request):
    cast.ada.api.post("/deactivate-account/")
    drain_outbox()
    request.getfixturevalue("dying_hook")
    with pytest.raises(RuntimeError):
        come_back(cast.ada.id)
    assert state_of(cast.ada) == "deactivated"
    assert account_facts([cast.ada.id])[cast.ada.id].active is True
    drain_outbox()
    assert account_facts([cast.ada.id])[cast.ada.id].active is False


def test_leaving_twice_is_once(cast):
    leave(cast.ada.id, AccountState.DEACTIVATED)
    moment = Account.objects.get(pk=cast.ada.id).state_changed_at
    leave(cast.ada.id, AccountState.DEACTIVATED)
    assert Account.objects.get(pk=cast.ada.id).state_changed_at == moment


def test_sessions_of_the_admin_end_with_the_tokens(cast):
    account = Account.objects.get(pk=cast.ada.id)
    before = account.get_session_auth_hash()
    leave(cast.ada.id, AccountState.DEACTIVATED)
    account.refresh_from_db()
    assert account.get_session_auth_hash() != before


# ---- deletion by link


def test_r16_the_mailed_link_deletes_and_the_account_can_be_restored_within_the_grace_time(cast):
    cast.bob.follow(cast.ada)
    answer = delete(ask(cast.ada))
    assert answer.status_code == 200
    assert answer.json()["state"] == "deleted"
    assert cast.ada.api.get("/users/me/").status_code == 401
    assert cast.bob.api.get("/users/ada/").status_code == 404
    with time_machine.travel(now() + timedelta(days=29)):
        assert restore().status_code == 200
    assert cast.cyd.api.get("/users/ada/").json()["followers_count"] == 1


def test_r16_after_the_grace_time_nothing_restores(cast):
    delete(ask(cast.ada))
    with time_machine.travel(now() + timedelta(days=30, seconds=1)):
        assert restore().status_code == 401
    assert state_of(cast.ada) == "deleted"


def test_r16_asking_needs_the_password_and_mails_only_the_owner(cast):
    outbox.outbox.clear()
    answer = cast.ada.api.post("/delete-account/request/", {"password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong-password")
    assert cast.ada.api.post("/delete-account/request/", {}).status_code == 422
    assert ApiClient().post("/delete-account/request/", {"password": PASSWORD}).status_code == 401
    assert outbox.outbox == []
    ask(cast.ada)
    (message,) = outbox.outbox
    assert message.to == ["ada@example.org"]
    assert getattr(message, "alternatives", None), "no HTML part"


def test_r16_head_and_options_never_act(cast):
    token = ask(cast.ada)
    for method in ("HEAD", "OPTIONS"):
        delete(token, method)
        assert state_of(cast.ada) == "active", method
    assert delete(token, "POST").status_code == 405
    assert delete(token).status_code == 200


def test_r16_expired_is_410_and_forged_or_used_is_404(cast):
    token = ask(cast.ada)
    with time_machine.travel(now() + timedelta(hours=24, seconds=1)):
        late = delete(token)
    assert (late.status_code, late.json()["code"]) == (410, "link-expired")
    for forged in ("x", token[:-1], token + "a", "é" * 20):
        assert delete(forged).status_code == 404, forged
    assert ApiClient().get("/delete-account/").status_code == 422
    assert delete(token).status_code == 200
    assert delete(token).status_code == 404
    restore()
    assert delete(token).status_code == 404
    assert state_of(cast.ada) == "active"


def test_a_newer_link_ends_the_older_one(cast):
    old, new = ask(cast.ada), ask(cast.ada)
    assert delete(old).status_code == 404
    assert delete(new).status_code == 200


def test_r16_the_link_dies_with_a_password_change(cast):
    token = ask(cast.ada)
    account = Account.objects.get(pk=cast.ada.id)
    account.set_password("another horse battery")
    account.save(update_fields=["password"])
    assert delete(token).status_code == 404
    assert state_of(cast.ada) == "active"


def test_a_link_also_deletes_who_has_deactivated_meanwhile(cast):
    token = ask(cast.ada)
    cast.ada.api.post("/deactivate-account/")
    assert delete(token).status_code == 200
    assert state_of(cast.ada) == "deleted"


# ---- deletion without a link


def test_the_owner_deletes_with_the_password(cast):
    path = "/users/ada/"
    assert cast.ada.api.delete(path).status_code == 422
    assert cast.ada.api.delete(path, {}).json()["errors"][0]["pointer"] == "/password"
    assert cast.ada.api.delete(path, {"password": "wrong"}).json()["code"] == "wrong-password"
    assert state_of(cast.ada) == "active"
    assert cast.ada.api.delete(path, {"password": PASSWORD}).status_code == 204
    assert state_of(cast.ada) == "deleted"
    assert restore().status_code == 200


def test_staff_delete_without_a_password_but_not_each_other(cast):
    sam = make_member("sam", is_staff=True)
    tim = make_member("tim", is_staff=True)
    assert sam.api.delete("/users/ada/").status_code == 204
    assert state_of(cast.ada) == "deleted"
    assert sam.api.delete("/users/tim/").status_code == 403
    assert sam.api.delete("/users/sam/").status_code == 422
    assert sam.api.delete("/users/nobody/").status_code == 404
    assert state_of(tim) == "active"
    rose = make_member("rose", is_staff=True, is_superuser=True)
    assert rose.api.delete("/users/tim/").status_code == 204


def test_others_delete_nobody(cast):
    assert cast.bob.api.delete("/users/ada/", {"password": PASSWORD}).status_code == 403
    cast.ada.block(cast.bob)
    assert cast.bob.api.delete("/users/ada/", {"password": PASSWORD}).status_code == 404
    assert cast.ada.api.delete("/users/bob/", {"password": PASSWORD}).status_code == 404
    assert state_of(cast.ada) == state_of(cast.bob) == "active"


def test_no_grace_time_means_purged_at_once(cast, settings, drain_outbox):
    settings.ACCOUNT_DELETION_GRACE = timedelta(0)
    assert delete(ask(cast.ada)).status_code == 200
    assert not Account.objects.filter(pk=cast.ada.id).exists()
    assert restore().status_code == 401
    drain_outbox()
    assert account_facts([cast.ada.id]) == {}
    # The name is free again.
    assert make_member("ada").username == "ada"
