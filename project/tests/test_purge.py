"""The purge: nothing is left in any store, others keep theirs, it can be run again, and it goes on after a crash at any
step (R16, R17)."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command

from content.media import files
from content.models import Comment, Like, Media, Post, PostCounters, Story, StoryCounters, StoryView
from content.services.media import create_media_of_bytes
from content.services.views import carry_over_waiting
from content.tests.kit import comment, publish, ready_media
from content.tests.pictures import photo
from content.tests.stories_kit import tell, view
from graph.bulk import account_facts, relationship_totals
from project.kernel.clock import now
from project.kernel.models import IdempotencyKey
from project.kernel.redis import get_redis
from project.outbox.models import OutboxRow
from project.testing.cast import PASSWORD
from project.testing.client import ApiClient
from search.engine import Index
from search.engines import get_engine
from social.models import Account, AccountState
from social.registries import purge_steps
from social.services.account_state import leave
from social.services.purge import OWN_STEPS, due_accounts, purge_account, purge_due

STEPS = [*purge_steps.steps, *OWN_STEPS]


@pytest.fixture
def media_root(tmp_path, settings):
    local = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(tmp_path / "storage")},
    }
    settings.STORAGES = {**settings.STORAGES, "default": local}
    return tmp_path / "storage"


@pytest.fixture
def full(threaded_cast, media_root, drain_outbox):
    """ada has something of everything, and bob has to do with all of it."""
    cast = threaded_cast
    ada, bob = cast.ada, cast.bob
    avatar = create_media_of_bytes(owner_id=ada.id, data=photo())
    picture = create_media_of_bytes(owner_id=ada.id, data=photo(2))
    create_media_of_bytes(owner_id=ada.id, data=photo(3))
    drain_outbox()
    assert ada.api.put("/profiles/ada/avatar/", {"media": avatar.pk}).status_code == 200
    key = {"Idempotency-Key": "once"}
    body = {"media": [picture.pk], "caption": "mine #adastag"}
    mine = ada.api.post("/posts/", body, headers=key).json()
    publish(ada, caption="a draft", state="draft")
    theirs = publish(bob, caption="with @ada", tagged=[ada.id])
    above = comment(ada, theirs, "by ada")
    comment(bob, theirs, "under ada's", reply_to=above["id"])
    kept = comment(bob, theirs, "by bob")
    comment(ada, theirs, "ada under bob's", reply_to=kept["id"])
    comment(bob, mine, "below ada's")
    for member, post in ((ada, theirs), (bob, mine), (cast.cyd, theirs)):
        assert member.api.put(f"/posts/{post['id']}/like/").status_code == 201
    told, seen = tell(ada), tell(bob)
    for member, story in ((ada, seen), (bob, told), (cast.cyd, seen)):
        view(member, story)
        assert member.api.post(f"/stories/{story['id']}/reply/", {"text": "nice"}).status_code == 201
    for path, call in (("repost", ada.api.put), ("save", ada.api.put), ("share", ada.api.post)):
        assert call(f"/posts/{theirs['id']}/{path}/").status_code == 201
    ada.api.get(f"/posts/{theirs['id']}/")
    carry_over_waiting()
    ada.follow(bob)
    bob.follow(ada)
    cast.dan.block(ada)
    cast.cyd.follow(bob)
    ada.api.patch("/settings/", {"allow_messages_from": "nobody"})
    ApiClient().post("/auth/login/", {"identifier": "ada", "password": "wrong"})
    ada.api.post("/delete-account/request/", {"password": PASSWORD})
    drain_outbox()
    assert len(_files(media_root)) > 3
    return cast, theirs, kept


def _files(root):
    return [path for path in root.rglob("*") if path.is_file()]


def delete(member, *, days_ago=31):
    leave(member.id, AccountState.DELETED)
    Account.objects.filter(pk=member.id).update(state_changed_at=now() - timedelta(days=days_ago))


def finished(member):
    """Whether a run of the purge finishes with the account."""
    report = purge_account(member.id)
    return report is not None and report.complete


def assert_nothing_is_left(full, media_root, ada_id, posts, media):
    cast, theirs, kept = full
    assert not Account.objects.filter(pk=ada_id).exists()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is Account:
                assert not model._default_manager.filter(**{field.attname: ada_id}).exists(), model
    assert not IdempotencyKey.objects.filter(account_id=ada_id).exists()
    assert account_facts([ada_id]) == {}
    assert relationship_totals()["FOLLOWS"] == 1
    assert relationship_totals()["BLOCKS"] == 0
    engine = get_engine()
    assert ada_id not in set(engine.document_ids(Index.USERS))
    assert not posts & set(engine.document_ids(Index.POSTS))
    assert list(engine.document_ids(Index.HASHTAGS)) == []
    assert _files(media_root) == []
    assert all(files.files_of(id_) == set() for id_ in media)
    ends = (f":a{ada_id}".encode(), f":{ada_id}".encode())
    assert [name for name in map(bytes, get_redis().scan_iter()) if name.endswith(ends)] == []
    # What is bob's stays, and its numbers are those of the rows.
    assert Post.objects.get().pk == theirs["id"]
    assert [c.pk for c in Comment.objects.all()] == [kept["id"]]
    assert Comment.objects.get().reply_count == 0
    counters = PostCounters.objects.get()
    assert (counters.like_count, counters.comment_count) == (Like.objects.count(), 1) == (1, 1)
    assert counters.share_count == 0
    assert Story.objects.get().author_id == cast.bob.id
    assert StoryCounters.objects.get().viewer_count == StoryView.objects.count() == 1
    shown = cast.bob.api.get(f"/posts/{theirs['id']}/").json()
    assert (shown["tagged"], shown["mentions"]) == ([], [])


def test_r17_a_purge_leaves_nothing_in_any_store(full, media_root, drain_outbox):
    ada = full[0].ada
    posts = set(Post.objects.filter(author_id=ada.id).values_list("pk", flat=True))
    media = list(Media.objects.filter(owner_id=ada.id).values_list("pk", flat=True))
    delete(ada)
    (report,) = purge_due()
    assert report.complete
    assert report.error == ""
    assert report.removed["posts"] == 2
    assert report.removed["likes"] == 1
    assert (report.removed["stories"], report.removed["story-views"]) == (1, 1)
    assert report.removed["account"] == 1
    assert list(report.removed) == STEPS
    drain_outbox()
    assert_nothing_is_left(full, media_root, ada.id, posts, media)
    assert purge_due() == []
    assert purge_account(ada.id) is None


@pytest.mark.parametrize("step", STEPS)
def test_a_purge_that_dies_at_any_step_goes_on(full, media_root, drain_outbox, step):
    ada = full[0].ada
    posts = set(Post.objects.filter(author_id=ada.id).values_list("pk", flat=True))
    media = list(Media.objects.filter(owner_id=ada.id).values_list("pk", flat=True))
    delete(ada)
    steps = purge_steps.steps if step in purge_steps.steps else OWN_STEPS
    real = steps[step]

    def dies_after_its_first_piece(account_id):
        real(account_id)
        raise RuntimeError("the worker dies here")

    steps[step] = dies_after_its_first_piece
    try:
        (report,) = purge_due()
    finally:
        steps[step] = real
    assert not report.complete
    assert "the worker dies here" in report.error
    # Half gone is gone: nothing brings it back, whatever the grace time has become.
    restored = ApiClient().post("/restore-account/", {"identifier": "ada", "password": PASSWORD})
    assert restored.status_code == 401
    drain_outbox()
    assert all(again.complete for again in purge_due())
    drain_outbox()
    assert_nothing_is_left(full, media_root, ada.id, posts, media)


def test_a_begun_purge_goes_on_when_the_grace_time_grows(threaded_cast, settings):
    ada = threaded_cast.ada
    delete(ada)
    Account.objects.filter(pk=ada.id).update(purge_started_at=now())
    settings.ACCOUNT_DELETION_GRACE = timedelta(days=300)
    assert [account.pk for account in due_accounts()] == [ada.id]
    assert finished(ada)


def test_only_who_was_deleted_long_enough_ago_is_purged(threaded_cast):
    cast = threaded_cast
    delete(cast.ada, days_ago=29)
    leave(cast.bob.id, AccountState.DEACTIVATED)
    leave(cast.cyd.id, AccountState.SUSPENDED)
    Account.objects.exclude(pk=cast.ada.id).update(state_changed_at=now() - timedelta(days=900))
    assert purge_due() == []
    assert purge_account(cast.bob.id) is None
    assert Account.objects.count() == 4


def test_a_graph_that_is_away_delays_the_purge(threaded_cast, settings, drain_outbox):
    cast = threaded_cast
    delete(cast.ada)
    delete(cast.bob)
    right, settings.NEO4J_URL = settings.NEO4J_URL, "bolt://127.0.0.1:1"
    reports = purge_due()
    assert [(r.complete, "GraphUnavailable" in r.error) for r in reports] == [(False, True)] * 2
    assert Account.objects.count() == 4
    settings.NEO4J_URL = right
    assert [r.complete for r in purge_due()] == [True, True]
    drain_outbox()
    assert account_facts([cast.ada.id, cast.bob.id]) == {}


def test_a_purge_out_of_time_stops_between_two_pieces_of_work(threaded_cast):
    cast = threaded_cast
    for _ in range(3):
        publish(cast.ada)
    delete(cast.ada)
    (report,) = purge_due(deadline=float("inf"))
    assert report.complete
    publish(cast.bob)
    delete(cast.bob)
    cut = purge_account(cast.bob.id, deadline=0)
    assert cut is not None
    assert (cut.complete, cut.removed) == (False, {"posts": 1})
    assert finished(cast.bob)


def test_the_command_reports_what_it_removed(threaded_cast):
    cast = threaded_cast
    publish(cast.ada, media=[ready_media(cast.ada.id)])
    delete(cast.ada)

    def run(*options):
        out = io.StringIO()
        call_command("purge_accounts", *options, stdout=out, stderr=io.StringIO())
        return out.getvalue()

    assert run("--dry-run") == f"account {cast.ada.id}: due; removed nothing; 0.0 s\n"
    assert run("--account", str(cast.bob.id)) == "No account is due.\n"
    (report,) = json.loads(run("--json"))
    assert report["complete"]
    assert report["removed"]["posts"] == 1
    assert run() == "No account is due.\n"
    assert OutboxRow.objects.filter(topic="account", key=str(cast.ada.id)).exists()
