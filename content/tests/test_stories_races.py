"""Stories under concurrency: counts stay exact, nothing is left behind, nobody waits for ever (R17, R36, R56)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from content.errors import MediaAttached, TooManyStories
from content.models import Media, Story, StoryCounters, StoryView
from content.services import stories
from content.services.posts import PostDraft, create_post
from content.services.stories import StoryDraft, create_story, delete_story, sweep_expired, view_story
from content.tests.kit import ready_media, together
from content.tests.stories_kit import expire, tell, viewer_count
from project.kernel.errors import NotFound, Unauthenticated
from project.kernel.viewer import Viewer
from project.testing.cast import make_member
from social.models import AccountState
from social.services.account_state import leave

pytestmark = pytest.mark.django_db(transaction=True)


def errors_of(answers):
    return [answer for answer in answers if isinstance(answer, Exception)]


def test_r56_fifty_views_at_once_by_one_account_count_one(threaded_cast):
    story, bob = tell(threaded_cast.ada), Viewer(threaded_cast.bob.id)
    answers = together([partial(view_story, actor=bob, story_id=story["id"])] * 50)
    assert errors_of(answers) == []
    assert (viewer_count(story), StoryView.objects.count()) == (1, 1)


def test_r56_fifty_views_at_once_by_fifty_accounts_count_fifty(threaded_cast):
    story = tell(threaded_cast.ada)
    viewers = [Viewer(make_member(f"viewer{n}").id) for n in range(50)]
    answers = together([partial(view_story, actor=viewer, story_id=story["id"]) for viewer in viewers])
    assert errors_of(answers) == []
    assert (viewer_count(story), StoryView.objects.count()) == (50, 50)


def test_r17_a_view_that_races_its_accounts_leaving_is_never_counted_wrongly(threaded_cast):
    told = [tell(threaded_cast.ada), tell(threaded_cast.ada)]
    members = [make_member(f"viewer{n}") for n in range(10)]
    calls: list[Any] = []
    for member in members:
        calls += [
            partial(view_story, actor=Viewer(member.id), story_id=story["id"])
            for story in (told if member.id % 2 else reversed(told))
        ]
        calls.append(partial(leave, member.id, AccountState.DEACTIVATED))
    answers = together(calls)
    assert all(isinstance(error, Unauthenticated) for error in errors_of(answers)), answers
    assert [viewer_count(story) for story in told] == [0, 0]
    assert not StoryView.objects.filter(counted=True).exists()


def test_views_that_race_the_storys_deletion_leave_nothing(threaded_cast):
    cast = threaded_cast
    for _ in range(5):
        story = tell(cast.ada)
        people = (cast.bob, cast.cyd, cast.dan)
        views = [partial(view_story, actor=Viewer(m.id), story_id=story["id"]) for m in people]
        answers = together([*views, partial(delete_story, actor=Viewer(cast.ada.id), story_id=story["id"])])
        assert all(isinstance(error, NotFound) for error in errors_of(answers)), answers
    assert not StoryView.objects.exists()
    assert not StoryCounters.objects.exists()
    assert not Media.objects.exists()


def test_a_media_becomes_one_post_or_one_story_however_many_ask_at_once(threaded_cast):
    ada = Viewer(threaded_cast.ada.id)
    for _ in range(4):
        media = ready_media(ada.id)
        answers = together(
            [partial(create_story, actor=ada, draft=StoryDraft(media))] * 4
            + [partial(create_post, actor=ada, draft=PostDraft(media=[media]))] * 4
        )
        errors = errors_of(answers)
        assert len(errors) == 7, answers
        assert all(isinstance(error, MediaAttached) for error in errors), errors


def test_the_most_stories_at_a_time_holds_for_many_at_once(threaded_cast, monkeypatch):
    monkeypatch.setattr(stories, "MOST_LIVE", 3)
    ada = Viewer(threaded_cast.ada.id)
    drafts = [StoryDraft(ready_media(ada.id)) for _ in range(10)]
    answers = together([partial(create_story, actor=ada, draft=draft) for draft in drafts])
    assert sum(isinstance(error, TooManyStories) for error in errors_of(answers)) == 7
    assert Story.objects.count() == 3


def test_sweeps_at_once_share_the_work(threaded_cast, settings):
    from datetime import timedelta

    settings.STORY_GRACE = timedelta(0)
    for _ in range(12):
        expire(tell(threaded_cast.ada))
    answers = together([sweep_expired] * 4)
    assert errors_of(answers) == []
    sweep_expired()
    assert sum(answers) <= 12
    assert not Story.objects.exists()
    assert not Media.objects.exists()
