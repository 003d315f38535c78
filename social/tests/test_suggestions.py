"""Whom the product suggests to follow."""

from __future__ import annotations

from social.models import Dismissal


def suggested(viewer, **query):
    return [row["account"]["username"] for row in viewer.api.pages("/explore/users/", **query)]


def test_a_dismissed_account_is_never_suggested_again_to_that_viewer(cast, drain_outbox):
    drain_outbox()
    cast.bob.follow(cast.cyd)
    cast.ada.follow(cast.bob)
    assert suggested(cast.ada) == ["cyd", "dan"]
    for _ in range(2):
        assert cast.ada.api.delete("/explore/users/cyd/").status_code == 204
    assert cast.ada.api.delete(f"/explore/users/{cast.dan.id}/").status_code == 204
    assert Dismissal.objects.count() == 2
    assert suggested(cast.ada) == []
    assert "cyd" in suggested(cast.dan)
    # It is a choice about a list, nothing between the two.
    assert cast.ada.follow(cast.cyd).status_code == 201


def test_who_is_hidden_or_oneself_cannot_be_dismissed(cast):
    cast.bob.block(cast.ada)
    for name in ("bob", "nobody"):
        assert cast.ada.api.delete(f"/explore/users/{name}/").status_code == 404
    answer = cast.ada.api.delete("/explore/users/ada/")
    assert (answer.status_code, answer.json()["code"]) == (422, "self-relationship")
