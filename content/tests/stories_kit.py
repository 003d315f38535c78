"""Short ways to stories for the tests of this app."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from content.models import Story, StoryCounters
from content.tests.kit import ready_media
from graph.rows import AccountFacts
from graph.writes.close_friends import add_close_friend
from graph.writes.mutes import mute
from project.kernel.clock import now


def tell(member: Any, **body: Any) -> dict[str, Any]:
    """Tell a story over the API, of a picture that is ready unless `body` names one; returns `StoryOut`."""
    if "media" not in body:
        body["media"] = ready_media(member.id)
    response = member.api.post("/stories/", body)
    assert response.status_code == 201, response.content
    return dict(response.json())


def age(story: dict[str, Any], by: timedelta) -> datetime:
    """Make a story older; returns when it now ends."""
    row = Story.objects.get(pk=story["id"])
    row.created_at -= by
    row.expires_at -= by
    row.save()
    return row.expires_at


def expire(story: dict[str, Any]) -> None:
    """Make a story's time be over."""
    age(story, timedelta(hours=24))


def told_at(member: Any, minutes_ago: float, **body: Any) -> dict[str, Any]:
    """A story told some time ago."""
    story = tell(member, **body)
    age(story, timedelta(minutes=minutes_ago))
    return story


def tray(member: Any, **query: Any) -> list[tuple[str, list[int], bool]]:
    """The tray as (username, story ids, all viewed)."""
    response = member.api.get("/stories/", query=query)
    assert response.status_code == 200, response.content
    return [entry_of(entry) for entry in response.json()["results"]]


def entry_of(entry: dict[str, Any]) -> tuple[str, list[int], bool]:
    return entry["account"]["username"], [story["id"] for story in entry["stories"]], entry["all_viewed"]


def names(member: Any, **query: Any) -> list[str]:
    """Whose stories are in the tray, in order."""
    return [name for name, _, _ in tray(member, **query)]


def viewers(member: Any, story: dict[str, Any]) -> list[str]:
    """Who the list of viewers names, in order."""
    response = member.api.get(f"/stories/{story['id']}/viewers/")
    assert response.status_code == 200, response.content
    return [row["username"] for row in response.json()["results"]]


def view(member: Any, story: dict[str, Any]) -> int:
    """See a story; the status of the answer."""
    return int(member.api.put(f"/stories/{story['id']}/view/").status_code)


def viewer_count(story: dict[str, Any]) -> int:
    return StoryCounters.objects.get(pk=story["id"]).viewer_count


def facts(member: Any) -> AccountFacts:
    """An account for a write to the graph."""
    return AccountFacts(member.id, member.username, "", False, True)


def befriend(owner: Any, friend: Any) -> None:
    """Put `friend` on the owner's list of close friends."""
    add_close_friend(facts(owner), facts(friend))


def mute_stories(member: Any, other: Any, *, expires_in: timedelta | None = None) -> None:
    """Mute somebody's stories, for a while or for good."""
    ends = now() + expires_in if expires_in is not None else None
    mute(facts(member), facts(other), posts=False, stories=True, notifications=False, expires_at=ends)
