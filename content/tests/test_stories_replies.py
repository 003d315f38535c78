"""Replies to stories: who may, once, and what carries them on (R32, R40, R82)."""

from __future__ import annotations

import pytest

from content.models import Story, StoryReply
from content.services.stories import remove_story
from content.services.story_replies import Reply, replies
from content.tests.stories_kit import befriend, tell
from social.models import AccountState
from social.services.account_state import leave


def reply(member, story, text="lovely", **options):
    return member.api.post(f"/stories/{story['id']}/reply/", {"text": text}, **options)


def test_a_reply_is_stored_for_the_author_alone(cast):
    story = tell(cast.ada)
    answer = reply(cast.bob, story, "  where is that?  ")
    assert answer.status_code == 201
    row = StoryReply.objects.get()
    body = answer.json()
    assert body.keys() == {"id", "story_id", "text", "created_at"}
    assert (body["id"], body["story_id"], body["text"]) == (row.pk, story["id"], "where is that?")
    assert (row.author_id, row.recipient_id) == (cast.bob.id, cast.ada.id)


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001, 5, None, "a\x00b"])
def test_a_text_that_does_not_fit_is_422(cast, text):
    assert reply(cast.bob, tell(cast.ada), text).status_code == 422


def test_where_no_replies_are_taken_it_is_403(cast):
    story = tell(cast.ada, allow_replies=False)
    refused = reply(cast.bob, story)
    assert (refused.status_code, refused.json()["code"]) == (403, "replies-restricted")
    own = reply(cast.ada, tell(cast.ada))
    assert (own.status_code, own.json()["code"]) == (403, "replies-restricted")
    assert not StoryReply.objects.exists()


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        ("everyone", {"stranger", "follower", "followed"}),
        ("followers", {"follower"}),
        ("following", {"followed"}),
        ("nobody", set()),
    ],
)
def test_r40_who_takes_no_messages_takes_no_replies(cast, policy, allowed):
    cast.cyd.follow(cast.ada)
    cast.ada.follow(cast.dan)
    assert cast.ada.api.patch("/settings/", {"allow_messages_from": policy}).status_code == 200
    story = tell(cast.ada)
    people = {"stranger": cast.bob, "follower": cast.cyd, "followed": cast.dan}
    statuses = {who: reply(member, story).status_code for who, member in people.items()}
    assert statuses == {who: 201 if who in allowed else 403 for who in people}
    assert StoryReply.objects.count() == len(allowed)


def test_r35_what_may_not_be_seen_cannot_be_answered(cast, staff):
    story = tell(cast.ada, audience="close_friends")
    assert reply(cast.bob, story).status_code == 404
    # Staff see it by their privilege; that makes them no friends.
    assert reply(staff, story).status_code == 404
    befriend(cast.ada, cast.bob)
    assert reply(cast.bob, story).status_code == 201


def test_r82_a_repeat_with_the_same_key_is_one_reply(cast):
    story, headers = tell(cast.ada), {"Idempotency-Key": "k"}
    first = reply(cast.bob, story, headers=headers)
    again = reply(cast.bob, story, headers=headers)
    assert first.json() == again.json()
    assert reply(cast.bob, story, "another", headers=headers).status_code == 422
    assert StoryReply.objects.count() == 1
    # The story may have gone meanwhile; what was answered has not.
    remove_story(story["id"])
    assert reply(cast.bob, story, headers=headers).json() == first.json()
    assert not Story.objects.exists()
    cast.ada.block(cast.bob)
    assert reply(cast.bob, story, headers=headers).status_code == 404


def test_r17_nobody_replies_to_who_is_gone(cast):
    story = tell(cast.ada)
    leave(cast.ada.id, AccountState.SUSPENDED)
    assert reply(cast.bob, story).status_code == 404


@pytest.fixture
def carried():
    """What a carrier of messages is given, for as long as the test runs."""
    got: list[Reply] = []
    replies.register(got.append)
    yield got
    replies.hooks.remove(got.append)


def test_whoever_carries_messages_is_given_each_reply_once(cast, carried):
    story, headers = tell(cast.ada), {"Idempotency-Key": "k"}
    for _ in range(2):
        body = reply(cast.bob, story, headers=headers).json()
    (given,) = carried
    assert (given.id, given.story_id, given.text) == (body["id"], story["id"], "lovely")
    assert (given.author_id, given.recipient_id) == (cast.bob.id, cast.ada.id)


def test_a_reply_that_cannot_be_carried_is_not_stored(cast):
    def refuse(given):
        raise RuntimeError("the messages are away")

    story = tell(cast.ada)
    replies.register(refuse)
    try:
        with pytest.raises(AssertionError, match="internal error"):
            reply(cast.bob, story)
    finally:
        replies.hooks.remove(refuse)
    assert not StoryReply.objects.exists()
