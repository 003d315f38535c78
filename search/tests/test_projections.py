"""The indexes follow the stores through the outbox (R80)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from content.models import Hashtag, Post, PostAudience, PostState
from content.services.posts import delete_post
from project.kernel.clock import now
from project.kernel.viewer import Viewer
from project.outbox.emit import emit
from project.outbox.models import OutboxRow
from project.outbox.relay import drain
from project.outbox.topics import Topic
from project.testing.cast import Cast, Member, make_member
from search.drift import measure_drift
from search.engine import Index
from search.engines import get_engine
from search.models import IndexedUser, LexiconWord
from search.tests.publishing import edit, publish
from social.models import Account, AccountState
from social.registries import state_hooks

Drain = Callable[[], int]


def found(index: Index, query: str) -> list[int]:
    return [hit.id for hit in get_engine().search(index, query, limit=50)]


def set_state(member: Member, state: AccountState) -> None:
    with transaction.atomic():
        Account.objects.filter(pk=member.id).update(state=state)
        state_hooks.run(member.id)
        emit(Topic.ACCOUNT, member.id)


def assert_in_step() -> None:
    assert [measure_drift(index) for index in Index if not measure_drift(index).clean] == []


def test_a_new_account_is_found_and_a_renamed_one_by_its_new_name_alone(
    cast: Cast, drain_outbox: Drain
) -> None:
    assert found(Index.USERS, "ada") == [cast.ada.id]
    cast.ada.api.patch(f"/profiles/{cast.ada.id}/", {"full_name": "Augusta King"})
    drain_outbox()
    assert found(Index.USERS, "augusta") == [cast.ada.id]
    assert found(Index.USERS, "lovelace") == []


def test_follows_move_an_account_up(cast: Cast, drain_outbox: Drain) -> None:
    one, two = make_member("twin.one", "Twin"), make_member("twin.two", "Twin")
    drain_outbox()
    assert found(Index.USERS, "twin") == [one.id, two.id]
    cast.ada.follow(two)
    drain_outbox()
    assert found(Index.USERS, "twin") == [two.id, one.id]
    cast.ada.api.delete(f"/follow/{two.id}/")
    drain_outbox()
    assert found(Index.USERS, "twin") == [one.id, two.id]


@pytest.mark.parametrize("state", [AccountState.DEACTIVATED, AccountState.SUSPENDED, AccountState.DELETED])
def test_an_account_that_leaves_takes_all_its_documents_along_and_brings_them_back(
    cast: Cast, drain_outbox: Drain, state: AccountState
) -> None:
    """R17"""
    post_id = publish(cast.ada, "harbour lights #harbour")
    drain_outbox()
    set_state(cast.ada, state)
    drain_outbox()
    assert (
        found(Index.USERS, "ada") == found(Index.POSTS, "harbour") == found(Index.HASHTAGS, "harbour") == []
    )
    assert not LexiconWord.objects.filter(word__in=["lovelace", "harbour"]).exists()
    assert_in_step()
    set_state(cast.ada, AccountState.ACTIVE)
    drain_outbox()
    assert found(Index.USERS, "ada") == [cast.ada.id]
    assert found(Index.POSTS, "harbour") == [post_id]
    assert len(found(Index.HASHTAGS, "harbour")) == 1


def test_a_private_account_stays_findable_its_posts_and_hashtags_do_not(
    cast: Cast, drain_outbox: Drain
) -> None:
    """R21, R22"""
    publish(cast.ada, "harbour lights #harbour")
    cast.ada.go_private()
    drain_outbox()
    assert found(Index.USERS, "ada") == [cast.ada.id]
    assert found(Index.POSTS, "harbour") == found(Index.HASHTAGS, "harbour") == []
    cast.ada.go_private(False)
    drain_outbox()
    assert len(found(Index.POSTS, "harbour")) == len(found(Index.HASHTAGS, "harbour")) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"audience": PostAudience.FOLLOWERS},
        {"audience": PostAudience.CLOSE_FRIENDS},
        {"state": PostState.DRAFT, "published_at": None},
        {"state": PostState.SCHEDULED, "published_at": None, "publish_at": now() + timedelta(days=1)},
    ],
)
def test_only_published_posts_for_everyone_are_in_the_index(
    cast: Cast, drain_outbox: Drain, fields: dict[str, Any]
) -> None:
    publish(cast.ada, "secretword #secrettag", **fields)
    drain_outbox()
    assert found(Index.POSTS, "secretword") == found(Index.HASHTAGS, "secrettag") == []
    assert not LexiconWord.objects.filter(word__startswith="secret").exists()


def test_an_edit_changes_what_finds_a_post_and_its_hashtags_counts(cast: Cast, drain_outbox: Drain) -> None:
    """R57"""
    first = publish(cast.ada, "one #sea #sun")
    publish(cast.bob, "two #sea")
    drain_outbox()
    assert get_engine().search(Index.HASHTAGS, "sea", limit=1)[0].score == 2
    edit(first, caption="three #sun")
    drain_outbox()
    assert found(Index.POSTS, "one") == []
    assert found(Index.POSTS, "three") == [first]
    assert get_engine().search(Index.HASHTAGS, "sea", limit=1)[0].score == 1
    edit(first, audience=PostAudience.FOLLOWERS)
    drain_outbox()
    assert found(Index.POSTS, "three") == found(Index.HASHTAGS, "sun") == []


def test_a_deleted_post_leaves_posts_and_hashtags(cast: Cast, drain_outbox: Drain) -> None:
    """R57"""
    post_id = publish(cast.ada, "harbour #harbour")
    drain_outbox()
    delete_post(actor=Viewer(cast.ada.id), post_id=post_id)
    drain_outbox()
    assert found(Index.POSTS, "harbour") == found(Index.HASHTAGS, "harbour") == []
    assert_in_step()


def test_a_second_delivery_of_every_row_changes_nothing(cast: Cast, drain_outbox: Drain) -> None:
    """R80"""
    publish(cast.ada, "harbour #harbour")
    cast.ada.follow(cast.bob)

    def state() -> Any:
        words = LexiconWord.objects.order_by("index", "word").values_list("index", "word", "documents")
        return list(words), list(IndexedUser.objects.order_by("id").values_list("id", "terms", "score"))

    rows = list(OutboxRow.objects.values("consumer", "topic", "key", "created_at", "due_at"))
    drain_outbox()
    before = state()
    OutboxRow.objects.bulk_create([OutboxRow(**row) for row in reversed(rows)])
    assert drain_outbox() == len(rows)
    assert state() == before


def test_while_the_graph_is_away_an_account_keeps_its_document_and_the_relay_comes_again(
    cast: Cast, settings: Any
) -> None:
    """R80"""
    address = settings.NEO4J_URL
    settings.NEO4J_URL = "bolt://127.0.0.1:1"
    emit(Topic.ACCOUNT, cast.ada.id)
    assert drain(["search-users"]).failed == 1
    assert found(Index.USERS, "ada") == [cast.ada.id]
    settings.NEO4J_URL = address
    row = OutboxRow.objects.get(consumer="search-users")
    assert row.due_at > now()
    OutboxRow.objects.update(due_at=now())
    assert drain(["search-users"]).failed == 0
    assert not OutboxRow.objects.filter(consumer="search-users").exists()


def test_rebuild_search_makes_all_indexes_anew_and_drops_what_is_gone(
    cast: Cast, drain_outbox: Drain
) -> None:
    kept, gone = publish(cast.ada, "harbour #harbour"), publish(cast.bob, "sunrise #sunrise")
    drain_outbox()
    Post.objects.filter(pk=gone).delete()
    Hashtag.objects.filter(name="sunrise").update(post_count=0)
    engine = get_engine()
    engine.delete(Index.USERS, [cast.cyd.id])
    engine.delete(Index.POSTS, [kept])
    LexiconWord.objects.update(documents=9)
    assert not measure_drift(Index.USERS).clean
    assert (measure_drift(Index.POSTS).missing, measure_drift(Index.POSTS).surplus) == (1, 1)
    call_command("rebuild", "search")
    assert_in_step()
    assert found(Index.USERS, "cyd") == [cast.cyd.id]
    assert found(Index.POSTS, "harbour") == [kept]
    assert LexiconWord.objects.get(index=Index.POSTS, word="harbour").documents == 1
    assert found(Index.HASHTAGS, "sunrise") == []
