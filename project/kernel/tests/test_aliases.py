"""Aliases answer as their operation does."""

from __future__ import annotations

from project.testing.cast import PASSWORD


def test_registration_and_log_in_have_short_addresses(anonymous):
    made = anonymous.post("/users/", {"username": "eve", "email": "eve@example.org", "password": PASSWORD})
    assert made.status_code == 201
    tokens = anonymous.post("/login/", {"username": "eve", "password": PASSWORD}).json()
    headers = {"Authorization": f"Bearer {tokens['access']}"}
    assert anonymous.post("/logout/", headers=headers).status_code == 204
    assert anonymous.post("/register/", {"username": "eve"}).status_code == 422


def test_accounts_and_follows_have_other_addresses(cast):
    for path in ("/profile/me/", "/profile/ada/", "/profile/me"):
        assert cast.ada.api.get(path).json()["username"] == "ada"
    assert cast.ada.api.post("/users/bob/follow/").status_code == 201
    assert cast.ada.api.post("/users/bob/follow/").status_code == 200
    assert cast.ada.api.post("/users/bob/unfollow/").status_code == 204
    assert cast.bob.api.get("/followers/bob/").json()["count"] == 0


def test_an_account_carries_its_numbers_links_and_what_is_asked_for(cast):
    plain = cast.bob.api.get("/users/ada/").json()
    assert "posts" not in plain
    assert plain["stats"] == {
        "posts": 0,
        "followers": 0,
        "following": 0,
        "likes_received": 0,
        "comments_received": 0,
    }
    full = cast.bob.api.get("/users/ada/?include=posts,likes").json()
    assert (full["posts"], full["likes"]) == ([], [])
    assert cast.bob.api.get(plain["links"]["followers"]).status_code == 200
    assert cast.bob.api.get("/users/ada/?include=secrets").status_code == 422
