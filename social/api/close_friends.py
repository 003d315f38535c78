"""The close friends list, which only its owner knows of (R35)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from graph.queries import lists
from graph.queries.counts import close_friends_count
from project.kernel.idempotency import Claim, Done
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Problem
from project.kernel.viewer import ViewerRequest
from social.access import relation_after
from social.api.account_lists import Search
from social.auth import signed_in
from social.lists import edge_skeleton, read_accounts
from social.presenters import present_relationship
from social.schemas.accounts import CountedAccountPage, Relationship
from social.services import quiet_edges as service

router = Router(tags=["relationships"])


@router.get(
    "/",
    operation_id="close_friends_list",
    summary="My close friends",
    auth=signed_in,
    response={200: CountedAccountPage, 503: Problem},
)
def list_close_friends(
    request: ViewerRequest, response: HttpResponse, page: Query[PageQuery], search: Search = None
) -> dict[str, Any]:
    """Who is on my close friends list, newest first. Nobody else sees this list, nor whether they are on it."""
    result = read_accounts(
        edge_skeleton(lists.close_friends, request.auth.id, viewer=request.auth, search=search),
        request.auth,
        scope=scope_of("close_friends_list", [request.auth.id, search]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, result)
    return result.as_dict(count=close_friends_count(request.auth.id))


@router.post(
    "/{user}/",
    operation_id="close_friends_create",
    summary="Add a close friend",
    auth=signed_in,
    response={200: Relationship, 201: Relationship, 409: Problem, 503: Problem},
)
def create_close_friend(request: ViewerRequest, user: str) -> Status[dict[str, Any]]:
    """Put an account on my close friends list. 201 the first time, 200 when it is on it already. It is not told.

    409 `blocking` where I block the account; 422 `self-relationship` for oneself."""
    claim = Claim(request, account_id=request.auth.id, operation="close_friends_create")
    replayed = done = claim.replay()
    if done is None:
        friend_id, created = service.add_close_friend(actor=request.auth, ref=user, claim=claim)
        done = Done(201 if created else 200, friend_id)
        claim.finish(done)
    relation = relation_after(request.auth, done.reference, replayed=replayed is not None)
    return Status(done.status, present_relationship(done.reference, relation))


@router.delete(
    "/{user}/",
    operation_id="close_friends_delete",
    summary="Remove a close friend",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_close_friend(request: ViewerRequest, user: str) -> Status[None]:
    """Take an account off my close friends list. 204 also when it was not on it."""
    service.remove_close_friend(actor=request.auth, ref=user)
    return Status(204, None)
