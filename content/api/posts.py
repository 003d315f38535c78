"""Posts: the list, one post, drafts, writing."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from content.access import access_own_post
from content.feed.home import home_skeleton
from content.feed.listing import PostFilters, list_skeleton
from content.feed.reader import open_post, read_posts, read_shown
from content.feed.shares import read_insights
from content.feed.skeletons import drafts_skeleton
from content.hydration import PostHydration
from content.models import PostState
from content.presenters import present_post
from content.schemas.posts import PopularQuery, PostIn, PostOut, PostPatch, PostQuery
from content.schemas.shares import InsightsOut
from content.services import posts
from content.services.views import carry_over, count_view
from project.kernel.api_base import dump
from project.kernel.clock import now
from project.kernel.errors import Unauthenticated
from project.kernel.etags import make_etag, match_version, not_modified
from project.kernel.idempotency import Done, once
from project.kernel.inputs import PathId
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import Viewer, ViewerRequest
from social.access import find_card
from social.auth import maybe_signed_in, signed_in
from social.visibility import Surface

router = Router(tags=["posts"])


def etag_of(post_id: int, state: PostHydration, shown: dict[str, Any]) -> str:
    """The ETag of a post: its version, then all that is shown of it (counts, flags, names)."""
    return make_etag(state.posts[post_id].version, hashlib.sha256(dump(shown)).hexdigest()[:16])


def answer_post(response: HttpResponse, post_id: int, viewer: Viewer) -> dict[str, Any]:
    """`PostOut`, its ETag set on the response."""
    state = open_post(post_id, viewer)
    shown = present_post(post_id, state)
    response["ETag"] = etag_of(post_id, state, shown)
    return shown


@router.get(
    "/",
    operation_id="posts_list",
    summary="Published posts",
    auth=maybe_signed_in,
    response={200: Page[PostOut], 503: Problem},
)
def list_posts(request: ViewerRequest, response: HttpResponse, query: Query[PostQuery]) -> dict[str, Any]:
    """Published posts that the caller may see; filters narrow the list and may be combined.

    An unknown author is an empty list."""
    viewer = request.auth
    filters = filters_of(query, viewer)
    if filters is None:
        return {"results": [], "next": None, "previous": None}
    where: dict[str, Any] = {
        "scope": scope_of("posts_list", [filters, viewer.account_id if filters.home else None]),
        "cursor": query.cursor,
        "limit": query.limit,
    }
    if filters == PostFilters(home=True, ordering="-published"):
        page = read_shown(home_skeleton(viewer), viewer, Surface.HOME, **where)
    else:
        surface = Surface.HOME if filters.home else Surface.LIST
        page = read_posts(list_skeleton(filters, viewer), viewer, surface, **where)
    add_links(request, response, page)
    return page.as_dict()


def filters_of(query: PostQuery, viewer: Viewer) -> PostFilters | None:
    """The filters that a query asks for; None where they name an author who does not exist. Bounds that are
    given twice are both kept: the narrower one counts. Raises Unauthenticated for the home of nobody."""
    if query.feed == "home" and not viewer.signed_in:
        raise Unauthenticated
    author = find_card(query.author) if query.author is not None else None
    if query.author is not None and author is None:
        return None
    created, updated = query.created__date__range, query.updated__date__range
    return PostFilters(
        author_id=author.id if author else None,
        created_from=max(filter(None, [query.created__gte, created and created[0]]), default=None),
        created_to=min(filter(None, [query.created__lte, created and created[1]]), default=None),
        updated_from=max(filter(None, [query.updated__gte, updated and updated[0]]), default=None),
        updated_to=min(filter(None, [query.updated__lte, updated and updated[1]]), default=None),
        hashtag=query.hashtag,
        search=query.search,
        home=query.feed == "home",
        ordering=query.ordering or ("-published" if query.feed == "home" else "-id"),
    )


@router.post(
    "/",
    operation_id="posts_create",
    summary="Create a post",
    auth=signed_in,
    response={201: PostOut, 409: Problem, 503: Problem},
)
def create_post(request: ViewerRequest, response: HttpResponse, payload: PostIn) -> Status[dict[str, Any]]:
    """Publish a post, schedule it, or keep it as a draft. `media` are ids of own uploads in order.

    409 `media-not-ready` while a picture of what is to be published is still processed, `media-attached`
    where one is in use elsewhere. `Idempotency-Key` is honoured."""
    viewer = request.auth

    def act() -> Done:
        return Done(201, posts.create_post(actor=viewer, draft=payload.to_draft()))

    return once(
        request,
        account_id=viewer.id,
        operation="posts_create",
        body=payload.model_dump_json(),
        act=act,
        render=lambda post_id: answer_post(response, post_id, viewer),
    )


@router.get(
    "/drafts/",
    operation_id="posts_drafts_list",
    summary="My drafts and scheduled posts",
    auth=signed_in,
    response={200: Page[PostOut], 503: Problem},
)
def list_drafts(request: ViewerRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """One's own unpublished posts, newest first. Nobody else sees them."""
    viewer = request.auth
    result = read_posts(
        drafts_skeleton(viewer.id),
        viewer,
        # Each is judged as if it were opened by its id: own drafts are nowhere between published things.
        Surface.DIRECT,
        scope=scope_of("posts_drafts_list", [viewer.id]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, result)
    return result.as_dict()


@router.get(
    "/popular/",
    operation_id="posts_popular_list",
    summary="Popular posts",
    auth=maybe_signed_in,
    response={200: Page[PostOut], 503: Problem},
)
def list_popular(
    request: ViewerRequest, response: HttpResponse, query: Query[PopularQuery]
) -> dict[str, Any]:
    """What was published in the window, most liked first, the newer of two alike. It moves as people like: a post
    that rises or falls while one pages may be met twice or not at all."""
    viewer = request.auth
    filters = PostFilters(published_from=query.published_from(now()), ordering="-likes")
    page = read_posts(
        list_skeleton(filters, viewer),
        viewer,
        Surface.EXPLORE,
        scope=scope_of("posts_popular_list", [query.window]),
        cursor=query.cursor,
        limit=query.limit,
    )
    add_links(request, response, page)
    return page.as_dict()


@router.get(
    "/{post_id}/insights/",
    operation_id="posts_insights",
    summary="What became of a post",
    auth=signed_in,
    response={200: InsightsOut, 503: Problem},
)
def get_insights(request: ViewerRequest, post_id: PathId) -> dict[str, Any]:
    """How often one's own post was opened by others (`views`) and by how many accounts (`reach`), and what they
    did with it. Appearing in a list is no view. 403 for others."""
    access_own_post(request.auth, post_id)
    carry_over(post_id)
    return read_insights(post_id)


@router.get(
    "/{post_id}/",
    operation_id="posts_get",
    summary="A post",
    auth=maybe_signed_in,
    response={200: PostOut, 304: None, 503: Problem},
)
def get_post(request: ViewerRequest, response: HttpResponse, post_id: PathId) -> Any:
    """One post. With `If-None-Match` of an ETag that still fits, 304 without a body."""
    shown = answer_post(response, post_id, request.auth)
    if not_modified(request, response["ETag"]):
        return HttpResponse(status=304, headers={"ETag": response["ETag"]})
    # Asking whether it has changed is not looking at it again.
    if request.method == "GET" and shown["state"] == PostState.PUBLISHED:
        count_view(post_id, shown["author"]["id"], request.auth)
    return shown


@router.put(
    "/{post_id}/",
    operation_id="posts_replace",
    summary="Replace a post",
    auth=signed_in,
    response={200: PostOut, 409: Problem, 412: Problem, 503: Problem},
)
def replace_post(
    request: ViewerRequest, response: HttpResponse, post_id: PathId, payload: PostIn
) -> dict[str, Any]:
    """Write all of one's own post anew: what is absent gets its default, except for `state`, which stays.

    `If-Match` with the ETag read before guards against lost updates (412)."""
    return _change(request, response, post_id, payload.replacement())


@router.patch(
    "/{post_id}/",
    operation_id="posts_update",
    summary="Change a post",
    auth=signed_in,
    response={200: PostOut, 409: Problem, 412: Problem, 503: Problem},
)
def update_post(
    request: ViewerRequest, response: HttpResponse, post_id: PathId, payload: PostPatch
) -> dict[str, Any]:
    """Change some of one's own post; absent fields stay. `state` publishes a draft now, schedules it, or
    takes a published post back. A visible change of what is published sets `edited_at`.

    `If-Match` with the ETag read before guards against lost updates (412)."""
    return _change(request, response, post_id, payload.changes())


def _change(
    request: ViewerRequest, response: HttpResponse, post_id: int, changes: dict[str, Any]
) -> dict[str, Any]:
    posts.update_post(actor=request.auth, post_id=post_id, changes=changes, if_version=match_version(request))
    return answer_post(response, post_id, request.auth)


@router.delete(
    "/{post_id}/",
    operation_id="posts_delete",
    summary="Delete a post",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_post(request: ViewerRequest, post_id: PathId) -> Status[None]:
    """Delete a post with its likes, comments and media; one's own, or any as staff."""
    posts.delete_post(actor=request.auth, post_id=post_id)
    return Status(204, None)
