"""Hashtags: one (`router`, mounted below `/hashtags`), what one follows (`followed`), what trends (`trending`).
The lists have places of their own, for a hashtag may be called anything."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from content.feed.hashtags import open_hashtag, read_followed_hashtags, read_hashtag_posts, read_trends
from content.hydration_hashtags import load_hashtags
from content.presenters import present_hashtag
from content.schemas.hashtags import HashtagOut, HashtagQuery
from content.schemas.posts import PostOut
from content.services import hashtags
from content.text import fold_hashtag
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.auth import maybe_signed_in, signed_in

TAG = ["hashtags"]
router = Router(tags=TAG)
followed = Router(tags=TAG)
trending = Router(tags=TAG)


@router.get(
    "/{name}/",
    operation_id="hashtags_get",
    summary="A hashtag",
    auth=maybe_signed_in,
    response={200: HashtagOut, 503: Problem},
)
def get_hashtag(request: ViewerRequest, name: str) -> dict[str, Any]:
    """A hashtag by its name, without `#`, in any case. 404 where no post under it is one that the caller may see,
    or where it is banned; one that the caller follows stays."""
    return present_hashtag(open_hashtag(name, request.auth))


@router.get(
    "/{name}/posts/",
    operation_id="hashtags_posts_list",
    summary="Posts with a hashtag",
    auth=maybe_signed_in,
    response={200: Page[PostOut], 503: Problem},
)
def list_posts(
    request: ViewerRequest, response: HttpResponse, name: str, query: Query[HashtagQuery]
) -> dict[str, Any]:
    """The posts under a hashtag that the caller may see. `ordering=new` is newest first by publication, `top` most
    likes first."""
    page = read_hashtag_posts(
        name,
        request.auth,
        ordering=query.ordering,
        scope=scope_of("hashtags_posts_list", [fold_hashtag(name), query.ordering]),
        cursor=query.cursor,
        limit=query.limit,
    )
    add_links(request, response, page)
    return page.as_dict()


@router.put(
    "/{name}/follow/",
    operation_id="hashtags_follow",
    summary="Follow a hashtag",
    auth=signed_in,
    response={200: HashtagOut, 201: HashtagOut, 503: Problem},
)
def follow_hashtag(request: ViewerRequest, name: str) -> Status[dict[str, Any]]:
    """Bring the public posts under a hashtag to one's home: 201 the first time, 200 when it is followed already.
    Nobody else sees which hashtags one follows."""
    viewer = request.auth
    row = open_hashtag(name, viewer)
    created = hashtags.follow_hashtag(actor=viewer, hashtag_id=row.id)
    return Status(201 if created else 200, present_hashtag(load_hashtags([row.id], viewer)[row.id]))


@router.delete(
    "/{name}/follow/",
    operation_id="hashtags_unfollow",
    summary="Stop following a hashtag",
    auth=signed_in,
    response={204: None},
)
def unfollow_hashtag(request: ViewerRequest, name: str) -> Status[None]:
    """Stop following a hashtag. 204 also when it was not followed, or there is none."""
    hashtags.unfollow_hashtag(actor=request.auth, name=name)
    return Status(204, None)


@followed.get(
    "/",
    operation_id="hashtags_followed_list",
    summary="Hashtags that I follow",
    auth=signed_in,
    response=Page[HashtagOut],
)
def list_followed(request: ViewerRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """The hashtags that one follows, the latest first; banned ones are left out."""
    viewer = request.auth
    result = read_followed_hashtags(
        viewer,
        scope=scope_of("hashtags_followed_list", [viewer.id]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, result)
    return result.as_dict()


@trending.get(
    "/hashtags/",
    operation_id="hashtags_trending",
    summary="Trending hashtags",
    auth=maybe_signed_in,
    response={200: Page[HashtagOut], 503: Problem},
)
def list_trending(request: ViewerRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """Hashtags that many public accounts have used lately, best first.

    Each account counts once for a hashtag, by its latest post of the window (72 hours, unless configured otherwise),
    and for half as much with every half-life (24 hours) since. Banned hashtags never trend. A signed-in caller does
    not get those that trend only by accounts that they mute or that are hidden from them."""
    result = read_trends(
        request.auth, scope=scope_of("hashtags_trending"), cursor=page.cursor, limit=page.limit
    )
    add_links(request, response, result)
    return result.as_dict()
