"""The home feed."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from content.feed.home import home_skeleton
from content.feed.reader import read_shown
from content.schemas.posts import PostOut
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.auth import signed_in
from social.visibility import Surface

router = Router(tags=["feed"])


class FeedQuery(PageQuery):
    """How the feed is ordered: `latest` is by time of publication."""

    mode: Literal["latest"] = Field("latest", description="`latest`: newest first by time of publication")


@router.get(
    "/",
    operation_id="feed_home",
    summary="The home feed",
    auth=signed_in,
    response={200: Page[PostOut], 503: Problem},
)
def home(request: ViewerRequest, response: HttpResponse, query: Query[FeedQuery]) -> dict[str, Any]:
    """One's own posts, those of the accounts one follows and what they reposted, and public posts with hashtags
    one follows, newest first by time of publication. Each post is here once: where its publication brings it, else
    at the first repost by somebody one follows (`reposted_by`). Muted accounts are left out."""
    viewer = request.auth
    page = read_shown(
        home_skeleton(viewer),
        viewer,
        Surface.HOME,
        scope=scope_of("feed_home", [viewer.id, query.mode]),
        cursor=query.cursor,
        limit=query.limit,
    )
    add_links(request, response, page)
    return page.as_dict()
