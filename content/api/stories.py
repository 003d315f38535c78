"""Stories: by their own id (`router`) and an account's (`on_users`, mounted below `/users`)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from content.access import access_story
from content.feed.stories import read_stories_of, read_story, read_tray, read_viewers
from content.schemas.stories import (
    StoryIn,
    StoryOut,
    StoryReplyIn,
    StoryReplyOut,
    StoryViewer,
    TrayEntry,
    TrayQuery,
)
from content.services import stories, story_replies
from project.kernel.errors import Forbidden
from project.kernel.idempotency import Done, once
from project.kernel.inputs import PathId
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.throttling import ScopeThrottle
from project.kernel.viewer import Viewer, ViewerRequest
from social.access import access_lists
from social.auth import signed_in

TAG = ["stories"]
router = Router(tags=TAG)
on_users = Router(tags=TAG)


@router.get(
    "/",
    operation_id="stories_tray",
    summary="The tray of stories",
    auth=signed_in,
    response={200: Page[TrayEntry], 503: Problem},
)
def get_tray(request: ViewerRequest, response: HttpResponse, query: Query[TrayQuery]) -> dict[str, Any]:
    """Accounts with live stories: oneself first, then those whom one follows, who has something new before who
    has not, and within each the newest first. The order holds from page to page while stories are told and
    seen."""
    viewer = request.auth
    page = read_tray(
        viewer,
        include_muted=query.include_muted,
        scope=scope_of("stories_tray", [viewer.id, query.include_muted]),
        cursor=query.cursor,
        limit=query.limit,
    )
    add_links(request, response, page)
    return page.as_dict()


@router.post(
    "/",
    operation_id="stories_create",
    summary="Tell a story",
    auth=signed_in,
    response={201: StoryOut, 409: Problem, 503: Problem},
)
def create_story(request: ViewerRequest, payload: StoryIn) -> Status[dict[str, Any]]:
    """Show a picture or video for 24 hours. `media` is the id of an own upload.

    409 `media-not-ready` while it is still processed, `media-attached` where a post or another story shows it,
    `too-many-stories` beyond 100 at a time. `Idempotency-Key` is honoured."""
    viewer = request.auth
    return once(
        request,
        account_id=viewer.id,
        operation="stories_create",
        body=payload.model_dump_json(),
        act=lambda: Done(201, stories.create_story(actor=viewer, draft=payload.to_draft())),
        render=lambda story_id: read_story(story_id, viewer),
    )


@on_users.get(
    "/{user}/stories/",
    operation_id="users_stories_list",
    summary="Stories of an account",
    auth=signed_in,
    response={200: Page[StoryOut], 503: Problem},
)
def list_user_stories(
    request: ViewerRequest, response: HttpResponse, user: str, query: Query[PageQuery]
) -> dict[str, Any]:
    """An account's live stories that the viewer may see, oldest first.

    403 `private-account` for a private account that the viewer does not follow."""
    seen = access_lists(request.auth, user)
    page = read_stories_of(
        seen.id,
        request.auth,
        scope=scope_of("users_stories_list", [seen.id]),
        cursor=query.cursor,
        limit=query.limit,
    )
    add_links(request, response, page)
    return page.as_dict()


@router.get(
    "/{story_id}/",
    operation_id="stories_get",
    summary="A story",
    auth=signed_in,
    response={200: StoryOut, 503: Problem},
)
def get_story(request: ViewerRequest, story_id: PathId) -> dict[str, Any]:
    """One live story. Reading it does not count as having seen it; `stories_view` does."""
    return read_story(story_id, request.auth)


@router.delete(
    "/{story_id}/",
    operation_id="stories_delete",
    summary="Delete a story",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_story(request: ViewerRequest, story_id: PathId) -> Status[None]:
    """Delete a story with its views and media; one's own, or any as staff."""
    stories.delete_story(actor=request.auth, story_id=story_id)
    return Status(204, None)


@router.put(
    "/{story_id}/view/",
    operation_id="stories_view",
    summary="Mark a story as seen",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def view_story(request: ViewerRequest, story_id: PathId) -> Status[None]:
    """Tell that one has seen a story; its author learns of it. Again changes nothing; one's own are not
    counted."""
    stories.view_story(actor=request.auth, story_id=story_id)
    return Status(204, None)


@router.get(
    "/{story_id}/viewers/",
    operation_id="stories_viewers_list",
    summary="Who has seen a story",
    auth=signed_in,
    response={200: Page[StoryViewer], 503: Problem},
)
def list_viewers(
    request: ViewerRequest, response: HttpResponse, story_id: PathId, query: Query[PageQuery]
) -> dict[str, Any]:
    """Who has seen one's own story, latest first. 403 for everybody else who may see the story."""
    seen = access_story(request.auth, story_id)
    if not seen.relation.is_self:
        raise Forbidden
    page = read_viewers(
        story_id,
        request.auth,
        scope=scope_of("stories_viewers_list", [story_id]),
        cursor=query.cursor,
        limit=query.limit,
    )
    add_links(request, response, page)
    return page.as_dict()


@router.post(
    "/{story_id}/reply/",
    operation_id="stories_reply",
    summary="Reply to a story",
    auth=signed_in,
    throttle=[ScopeThrottle("message")],
    response={201: StoryReplyOut, 409: Problem, 503: Problem},
)
def reply_to_story(request: ViewerRequest, story_id: PathId, payload: StoryReplyIn) -> Status[dict[str, Any]]:
    """Answer the author of a story, who alone reads it.

    403 `replies-restricted` where the story takes no replies, or its author no messages from this account.
    `Idempotency-Key` is honoured."""
    viewer = request.auth

    def act() -> Done:
        return Done(201, story_replies.reply_to_story(actor=viewer, story_id=story_id, text=payload.text))

    return once(
        request,
        account_id=viewer.id,
        operation="stories_reply",
        body=payload.model_dump_json(),
        act=act,
        render=lambda reply_id: _shown(reply_id, viewer),
    )


def _shown(reply_id: int, viewer: Viewer) -> dict[str, Any]:
    """`StoryReplyOut` of an own reply. Raises NotFound, GraphUnavailable."""
    reply = story_replies.read_reply(reply_id, viewer)
    return {
        "id": reply.id,
        "story_id": reply.story_id,
        "text": reply.text,
        "created_at": reply.created_at,
    }
