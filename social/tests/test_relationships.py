"""Following, requests and blocks over the API (R20–R22, R30–R32, R36, R37)."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from graph.bulk import relationship_totals
from project.outbox.emit import emit
from project.outbox.topics import Topic
from project.testing.cast import make_member
from project.testing.client import ApiClient
from social.models import Account


def relation(viewer, other):
    (found,) = viewer.api.get("/relationships/", query={"users": other.id}).json()["results"]
    return found


def names(answer):
    return [row["username"] for row in answer.json()["results"]]


def strip(answer):
    return {k: v for k, v in answer.json().items() if k != "request_id"}


def test_r30_following_is_201_then_200_and_unfollowing_is_always_204(cast):
    assert cast.ada.follow(cast.bob).status_code == 201
    again = cast.ada.follow(cast.bob)
    assert (again.status_code, again.json()) == (200, {"state": "following", "request_id": None})
    for path in (f"/follow/{cast.bob.id}/", "/follow/bob/", "/following/bob/"):
        assert cast.ada.api.delete(path).status_code == 204
    assert relationship_totals()["FOLLOWS"] == 0


def test_r30_one_cannot_follow_or_block_oneself(cast):
    for path in ("/follow/ada/", "/block/ada/"):
        answer = cast.ada.api.post(path)
        assert (answer.status_code, answer.json()["code"]) == (422, "self-relationship")


def test_unknown_accounts_are_404(cast):
    never = cast.ada.api.get("/profiles/nobody/")
    for path in ("/follow/nobody/", "/follow/999999/", "/follow/99999999999999999999999/", "/block/nobody/"):
        answer = cast.ada.api.post(path)
        assert answer.status_code == 404
        assert strip(answer) == strip(never)


def test_r36_counts_and_lists_agree_for_every_viewer(cast):
    for fan in (cast.ada, cast.cyd, cast.dan):
        fan.follow(cast.bob)
    cast.cyd.block(cast.dan)
    for viewer, seen in ((cast.bob, 3), (cast.ada, 3), (cast.cyd, 2), (cast.dan, 2)):
        answer = viewer.api.get("/followers/bob/")
        assert len(names(answer)) == seen
        assert answer.json()["count"] == 3
        assert viewer.api.get("/profiles/bob/").json()["followers_count"] == 3


def test_r17_a_deactivated_account_leaves_lists_and_counts_once_its_node_follows(cast, drain_outbox):
    cast.ada.follow(cast.bob)
    cast.cyd.follow(cast.bob)
    Account.objects.filter(pk=cast.ada.id).update(state="deactivated")
    assert names(cast.bob.api.get("/followers/bob/")) == ["cyd"]
    emit(Topic.ACCOUNT, cast.ada.id)
    drain_outbox()
    assert cast.bob.api.get("/followers/bob/").json()["count"] == 1
    assert cast.bob.api.get("/profiles/ada/").status_code == 404


def test_lists_are_paged_both_ways_newest_first(cast):
    fans = [make_member(f"fan{n:02}") for n in range(7)]
    for fan in fans:
        fan.follow(cast.ada)
    first = cast.bob.api.get("/followers/ada/", query={"limit": 3})
    assert names(first) == ["fan06", "fan05", "fan04"]
    assert first.json()["previous"] is None
    assert 'rel="next"' in first["Link"]
    second = cast.bob.api.get("/followers/ada/", query={"limit": 3, "cursor": first.json()["next"]})
    assert names(second) == ["fan03", "fan02", "fan01"]
    back = cast.bob.api.get("/followers/ada/", query={"limit": 3, "cursor": second.json()["previous"]})
    assert names(back) == names(first)
    third = cast.bob.api.get("/followers/ada/", query={"limit": 3, "cursor": second.json()["next"]})
    assert names(third) == ["fan00"]
    assert third.json()["next"] is None


def test_a_cursor_of_another_list_or_a_forged_one_is_400(cast):
    for n in range(3):
        make_member(f"fan{n}").follow(cast.ada)
    cursor = cast.bob.api.get("/followers/ada/", query={"limit": 1}).json()["next"]
    for path, token in (
        ("/following/ada/", cursor),
        ("/followers/cyd/", cursor),
        ("/followers/ada/?search=x", cursor),
        ("/followers/ada/", cursor[:-2] + "xx"),
        ("/followers/ada/", "nonsense"),
    ):
        answer = cast.bob.api.get(f"{path}{'&' if '?' in path else '?'}cursor={token}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")


def test_lists_can_be_searched(cast):
    for fan in (cast.bob, cast.cyd):
        fan.follow(cast.ada)
    assert names(cast.dan.api.get("/followers/ada/", query={"search": "CHARI"})) == ["cyd"]
    assert names(cast.dan.api.get("/followers/ada/", query={"search": "zzz"})) == []


def test_r20_following_a_private_account_makes_one_request(cast):
    cast.bob.go_private()
    first, again = cast.ada.follow(cast.bob), cast.ada.follow(cast.bob)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["state"] == "requested"
    (request,) = cast.bob.api.get("/follow-requests/").json()["results"]
    assert request["id"] == first.json()["request_id"]
    assert request["account"]["username"] == "ada"
    (mine,) = cast.ada.api.get("/follow-requests/", query={"direction": "outgoing"}).json()["results"]
    assert (mine["id"], mine["account"]["username"]) == (request["id"], "bob")
    assert relation(cast.ada, cast.bob)["requested"] is True
    assert relation(cast.bob, cast.ada)["requested_by"] is True


def test_r20_only_the_target_accepts_and_accepting_again_is_the_same(cast):
    cast.bob.go_private()
    request_id = cast.ada.follow(cast.bob).json()["request_id"]
    for stranger in (cast.ada, cast.cyd):
        assert stranger.api.post(f"/follow-request/{request_id}/").status_code == 404
        assert stranger.api.delete(f"/follow-request/{request_id}/").status_code == 404
    for _ in range(2):
        answer = cast.bob.api.post(f"/follow-request/{request_id}/")
        assert (answer.status_code, answer.json()["followed_by"]) == (200, True)
    assert relation(cast.ada, cast.bob)["following"] is True


def test_r20_rejecting_and_cancelling_leave_nothing(cast):
    cast.bob.go_private()
    rejected = cast.ada.follow(cast.bob).json()["request_id"]
    assert cast.bob.api.delete(f"/follow-request/{rejected}/").status_code == 204
    assert cast.bob.api.post(f"/follow-request/{rejected}/").status_code == 404
    cancelled = cast.ada.follow(cast.bob).json()["request_id"]
    assert cancelled != rejected
    assert cast.ada.api.delete("/follow/bob/").status_code == 204
    assert cast.bob.api.get("/follow-requests/").json()["results"] == []
    assert cast.bob.api.post(f"/follow-request/{cancelled}/").status_code == 404


def test_r20_a_request_of_someone_since_blocked_cannot_be_accepted(cast):
    cast.bob.go_private()
    request_id = cast.ada.follow(cast.bob).json()["request_id"]
    cast.bob.block(cast.ada)
    assert cast.bob.api.post(f"/follow-request/{request_id}/").status_code == 404


def test_r21_opening_accepts_what_is_pending_and_closing_keeps_followers(cast):
    cast.bob.go_private()
    cast.ada.follow(cast.bob)
    cast.cyd.follow(cast.bob)
    assert cast.bob.go_private(False).json()["followers_count"] == 2
    assert cast.bob.api.get("/follow-requests/").json()["results"] == []
    cast.bob.go_private()
    assert relation(cast.ada, cast.bob)["following"] is True
    assert cast.ada.api.get("/followers/bob/").status_code == 200


def test_r22_a_stranger_sees_a_private_profile_but_not_its_lists(cast, anonymous):
    cast.ada.follow(cast.bob)
    cast.bob.go_private()
    profile = cast.cyd.api.get("/profiles/bob/")
    assert (profile.status_code, profile.json()["followers_count"]) == (200, 1)
    for path in ("/followers/bob/", "/following/bob/"):
        answer = cast.cyd.api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "private-account")
        assert cast.ada.api.get(path).status_code == 200
    assert anonymous.get("/profiles/bob/").status_code == 401
    assert anonymous.get("/profiles/ada/").json()["relationship"] is None


def test_r31_removing_a_follower_is_silent_and_works_on_my_own_list(cast):
    cast.ada.follow(cast.bob)
    assert cast.bob.api.delete("/followers/ada/").status_code == 204
    assert cast.bob.api.delete("/followers/ada/").status_code == 204
    assert relation(cast.ada, cast.bob)["following"] is False


def test_r32_a_full_block_ends_everything_and_leaves_no_trace(cast):
    cast.ada.follow(cast.bob)
    cast.bob.follow(cast.ada)
    cast.ada.follow(cast.cyd)
    assert cast.bob.block(cast.ada).status_code == 201
    assert cast.bob.block(cast.ada).status_code == 200
    never = cast.ada.api.get("/profiles/nobody/")
    for path in ("/profiles/bob/", "/followers/bob/", "/following/bob/"):
        assert strip(cast.ada.api.get(path)) == strip(never)
    assert cast.ada.api.post("/follow/bob/").status_code == 404
    assert cast.ada.api.post("/block/bob/").status_code == 404
    assert cast.ada.api.get("/relationships/", query={"users": cast.bob.id}).json()["results"] == []
    assert names(cast.bob.api.get("/followers/cyd/")) == []
    assert cast.dan.api.get("/profiles/ada/").json()["followers_count"] == 0


def test_r32_the_blocker_sees_an_emptied_profile_and_404_for_the_rest(cast):
    cast.ada.api.patch("/profiles/ada/", {"bio": "secret bio", "website": "https://a.example"})
    cast.bob.block(cast.ada)
    body = cast.bob.api.get("/profiles/ada/").json()
    assert body["relationship"]["blocking"] == {"all": True, "posts": False, "stories": False}
    assert (body["followers_count"], body["bio"], body["website"], body["full_name"]) == (0, "", "", "")
    assert cast.bob.api.get("/followers/ada/").status_code == 404
    answer = cast.bob.api.post("/follow/ada/")
    assert (answer.status_code, answer.json()["code"]) == (409, "blocking")
    (blocked,) = cast.bob.api.get("/block/").json()["results"]
    assert blocked["account"]["username"] == "ada"


def test_r32_unblocking_restores_nothing(cast):
    cast.ada.follow(cast.bob)
    cast.bob.block(cast.ada)
    for _ in range(2):
        assert cast.bob.api.delete("/block/ada/").status_code == 204
    assert relation(cast.ada, cast.bob)["following"] is False
    assert cast.ada.follow(cast.bob).status_code == 201


def test_r33_scopes_add_up_and_sever_nothing(cast):
    cast.ada.follow(cast.bob)
    cast.bob.block(cast.ada, "posts")
    cast.bob.block(cast.ada, "stories")
    assert relation(cast.bob, cast.ada)["blocking"] == {"all": False, "posts": True, "stories": True}
    assert relation(cast.ada, cast.bob)["following"] is True
    assert cast.ada.api.get("/profiles/bob/").json()["relationship"]["blocking"] is None
    cast.bob.api.delete("/block/ada/?scope=posts")
    assert relation(cast.bob, cast.ada)["blocking"] == {"all": False, "posts": False, "stories": True}
    cast.bob.block(cast.ada)
    assert relation(cast.bob, cast.ada)["blocking"] == {"all": True, "posts": False, "stories": False}


@pytest.mark.parametrize("users", ["", "x", "1,,2", "0", "-1", "1.5", ",".join(["1"] * 101), "9" * 30, "١"])
def test_relationships_take_only_ids(cast, users):
    assert cast.ada.api.get("/relationships/", query={"users": users}).status_code == 422


def test_relationships_answer_in_the_order_asked_and_leave_unknown_ids_out(cast):
    ids = [cast.dan.id, 999_999, cast.bob.id, cast.ada.id, cast.dan.id]
    found = cast.ada.api.get("/relationships/", query={"users": ",".join(map(str, ids))}).json()["results"]
    assert [row["account_id"] for row in found] == [cast.dan.id, cast.bob.id, cast.ada.id]


def test_r82_a_follow_repeated_with_its_key_answers_as_the_first(cast):
    headers = {"Idempotency-Key": "k1"}
    first = cast.ada.api.post("/follow/bob/", headers=headers)
    again = cast.ada.api.post("/follow/bob/", headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = cast.ada.api.post("/follow/cyd/", headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert cast.ada.api.post("/follow/cyd/", headers={"Idempotency-Key": "ü"}).status_code == 400


def test_r37_concurrent_follows_leave_one_edge(threaded_cast):
    cast = threaded_cast
    codes: list[int] = []
    barrier = threading.Barrier(6)

    def race():
        client = ApiClient()
        client.access = cast.ada.api.access
        barrier.wait()
        codes.append(client.post("/follow/bob/").status_code)
        connection.close()

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] * 5 + [201]
    assert relationship_totals()["FOLLOWS"] == 1


def test_suggestions_rank_by_mutuals_and_never_repeat(cast, drain_outbox):
    """ada follows bob and cyd, who both follow dan; eve is popular only."""
    eve = make_member("eve")
    drain_outbox()
    cast.bob.follow(cast.dan)
    cast.cyd.follow(cast.dan)
    cast.ada.follow(cast.bob)
    cast.ada.follow(cast.cyd)
    first = cast.ada.api.get("/explore/users/", query={"limit": 1}).json()
    (dan,) = first["results"]
    assert (dan["account"]["username"], dan["mutual_count"], dan["reason"]) == ("dan", 2, "mutual_follows")
    assert {m["username"] for m in dan["mutuals"]} == {"bob", "cyd"}
    assert first["next"]
    rest = cast.ada.api.get("/explore/users/", query={"cursor": first["next"]}).json()
    assert [(s["account"]["username"], s["reason"]) for s in rest["results"]] == [("eve", "popular")]
    eve.block(cast.ada)
    assert [s["account"]["username"] for s in cast.ada.api.pages("/explore/users/")] == ["dan"]
