"""Who follows an account, whom it follows, and which of the followers the viewer knows; ending either from one's own
list.

In the address of a list, `{user}` is whose list it is; in that of a DELETE, whom I drop from mine (R31)."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router, Status

from graph.queries import lists
from project.kernel.inputs import Line
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Problem
from project.kernel.viewer import ViewerRequest
from social.access import SeenAccount, access_counted_lists, access_lists
from social.auth import signed_in
from social.errors import ListHidden
from social.lists import edge_skeleton, read_accounts
from social.models import Profile
from social.schemas.accounts import AccountPage, CountedAccountPage
from social.services import relationships as service

TAG = ["relationships"]
followers = Router(tags=TAG)
following = Router(tags=TAG)

Kind = Literal["followers", "following"]
Search = Annotated[Line | None, Query(None, max_length=100, description="part of a username or full name")]


def _check_shown(request: ViewerRequest, seen: SeenAccount, switch: str) -> None:
    if not seen.relation.is_self and not request.auth.is_staff:
        shown = Profile.objects.filter(pk=seen.id).values_list(switch, flat=True).first()
        if not shown:
            raise ListHidden


def _list(
    request: ViewerRequest, response: HttpResponse, user: str, page: PageQuery, search: str | None, kind: Kind
) -> dict[str, Any]:
    """A page of followers or followed accounts: two graph queries, one for relation and counts, one for the page."""
    seen, counts = access_counted_lists(request.auth, user)
    _check_shown(request, seen, f"show_{kind}")
    edges, count = {
        "followers": (lists.followers, counts.followers),
        "following": (lists.following, counts.following),
    }[kind]
    result = read_accounts(
        edge_skeleton(edges, seen.id, viewer=request.auth, search=search),
        request.auth,
        scope=scope_of(f"{kind}_list", [seen.id, search]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, result)
    return result.as_dict(count=count)


@followers.get(
    "/{user}/",
    operation_id="followers_list",
    summary="Followers of an account",
    auth=signed_in,
    response={200: CountedAccountPage, 503: Problem},
)
def list_followers(
    request: ViewerRequest,
    response: HttpResponse,
    user: str,
    page: Query[PageQuery],
    search: Search = None,
) -> dict[str, Any]:
    """Who follows {user}, newest first. `count` is the same for every viewer, whoever of them is hidden here.

    403 `private-account` for a private account that the viewer does not follow."""
    return _list(request, response, user, page, search, "followers")


@followers.get(
    "/{user}/known/",
    operation_id="followers_known_list",
    summary="Followers whom I follow",
    auth=signed_in,
    response={200: AccountPage, 503: Problem},
)
def list_known_followers(
    request: ViewerRequest,
    response: HttpResponse,
    user: str,
    page: Query[PageQuery],
    search: Search = None,
) -> dict[str, Any]:
    """Those whom I follow who follow {user}: who of them followed last comes first.

    403 `private-account` for a private account that the viewer does not follow."""
    seen = access_lists(request.auth, user)
    _check_shown(request, seen, "show_followers")
    result = read_accounts(
        edge_skeleton(
            partial(lists.known_followers, request.auth.id), seen.id, viewer=request.auth, search=search
        ),
        request.auth,
        scope=scope_of("followers_known_list", [request.auth.id, seen.id, search]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, result)
    return result.as_dict()


@followers.delete(
    "/{user}/",
    operation_id="followers_remove",
    summary="Remove a follower",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_follower(request: ViewerRequest, user: str) -> Status[None]:
    """Make {user} stop following me, silently. 204 also when they did not."""
    service.remove_follower(actor=request.auth, ref=user)
    return Status(204, None)


@following.get(
    "/{user}/",
    operation_id="following_list",
    summary="Accounts that an account follows",
    auth=signed_in,
    response={200: CountedAccountPage, 503: Problem},
)
def list_following(
    request: ViewerRequest,
    response: HttpResponse,
    user: str,
    page: Query[PageQuery],
    search: Search = None,
) -> dict[str, Any]:
    """Whom {user} follows, newest first. `count` is the same for every viewer, whoever of them is hidden here.

    403 `private-account` for a private account that the viewer does not follow."""
    return _list(request, response, user, page, search, "following")


@following.delete(
    "/{user}/",
    operation_id="following_remove",
    summary="Unfollow",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_following(request: ViewerRequest, user: str) -> Status[None]:
    """Stop following {user}. 204 also when I did not."""
    service.unfollow_account(actor=request.auth, ref=user)
    return Status(204, None)
