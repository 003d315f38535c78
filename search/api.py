"""Search: accounts, posts, hashtags, and the best of each."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from content.schemas.hashtags import HashtagOut
from content.schemas.posts import PostOut
from project.kernel.paging import add_links
from project.kernel.schemas import Page, Problem
from project.kernel.throttling import ScopeThrottle
from project.kernel.viewer import ViewerRequest
from search import readers
from search.schemas import SearchQuery, SearchResults, TopQuery
from social.auth import signed_in
from social.schemas.accounts import AccountBrief

router = Router(tags=["search"])
routers: list[tuple[str, Router]] = [("/search", router)]
limited = ScopeThrottle("search")


@router.get(
    "/",
    operation_id="search_all",
    summary="Search everything",
    auth=signed_in,
    throttle=limited,
    response={200: SearchResults, 503: Problem},
)
def search_all(request: ViewerRequest, query: Query[TopQuery]) -> dict[str, Any]:
    """The best accounts, posts and hashtags for `q`, `limit` of each."""
    return readers.search_all(request.auth, query.q, limit=query.limit)


@router.get(
    "/users/",
    operation_id="search_users",
    summary="Search accounts",
    auth=signed_in,
    throttle=limited,
    response={200: Page[AccountBrief], 503: Problem},
)
def search_users(request: ViewerRequest, response: HttpResponse, query: Query[SearchQuery]) -> dict[str, Any]:
    """Accounts by username and full name: those named exactly so, then those of which every word of `q`
    begins a word, then those that are a typo away; within each, most followers first."""
    page = readers.search_users(request.auth, query.q, cursor=query.cursor, limit=query.limit)
    add_links(request, response, page)
    return page.as_dict()


@router.get(
    "/posts/",
    operation_id="search_posts",
    summary="Search posts",
    auth=signed_in,
    throttle=limited,
    response={200: Page[PostOut], 503: Problem},
)
def search_posts(request: ViewerRequest, response: HttpResponse, query: Query[SearchQuery]) -> dict[str, Any]:
    """Posts for everyone by public accounts, by title, caption and hashtags: those that hold every word of
    `q`, then those in which its last word is a beginning, then those that are a typo away; within each,
    newest first."""
    page = readers.search_posts(request.auth, query.q, cursor=query.cursor, limit=query.limit)
    add_links(request, response, page)
    return page.as_dict()


@router.get(
    "/hashtags/",
    operation_id="search_hashtags",
    summary="Search hashtags",
    auth=signed_in,
    throttle=limited,
    response={200: Page[HashtagOut], 503: Problem},
)
def search_hashtags(
    request: ViewerRequest, response: HttpResponse, query: Query[SearchQuery]
) -> dict[str, Any]:
    """Hashtags by name, with or without `#`: the very one, then those that begin so, then those that are a
    typo away; within each, most posts first."""
    page = readers.search_hashtags(request.auth, query.q, cursor=query.cursor, limit=query.limit)
    add_links(request, response, page)
    return page.as_dict()
