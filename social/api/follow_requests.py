"""Follow requests: what waits for an answer, and answering."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router, Status

from graph.queries import lists
from project.kernel.idempotency import Claim, Done
from project.kernel.inputs import PathId
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.access import relation_after
from social.auth import signed_in
from social.lists import edge_skeleton, read_accounts
from social.presenters import present_relationship
from social.schemas.accounts import Relationship
from social.schemas.relationships import FollowRequestOut
from social.services import relationships as service

TAG = ["relationships"]
requests = Router(tags=TAG)
answers = Router(tags=TAG)


@requests.get(
    "/",
    operation_id="follow_requests_list",
    summary="Pending follow requests",
    auth=signed_in,
    response={200: Page[FollowRequestOut], 503: Problem},
)
def list_requests(
    request: ViewerRequest,
    response: HttpResponse,
    page: Query[PageQuery],
    direction: Literal["incoming", "outgoing"] = "incoming",
) -> dict[str, Any]:
    """Who asks to follow me (`incoming`), or whom I ask (`outgoing`), newest first."""

    def present(row: Any, brief: dict[str, Any]) -> dict[str, Any]:
        return {"id": row.request_id, "account": brief, "direction": direction, "created_at": row.since}

    edges = lists.requests_incoming if direction == "incoming" else lists.requests_outgoing
    result = read_accounts(
        edge_skeleton(edges, request.auth.id, viewer=request.auth),
        request.auth,
        scope=scope_of("follow_requests_list", [request.auth.id, direction]),
        cursor=page.cursor,
        limit=page.limit,
        present=present,
    )
    add_links(request, response, result)
    return result.as_dict()


@answers.post(
    "/{request_id}/",
    operation_id="follow_requests_accept",
    summary="Accept a follow request",
    auth=signed_in,
    response={200: Relationship, 409: Problem, 503: Problem},
)
def accept(request: ViewerRequest, request_id: PathId) -> Status[dict[str, Any]]:
    """Let the asker follow me; answers my relation to them. 404 where there is no such request to me, or the asker
    has since been blocked or is gone. Accepting again is the same."""
    claim = Claim(request, account_id=request.auth.id, operation="follow_requests_accept")
    replayed = done = claim.replay()
    if done is None:
        done = Done(200, service.accept_request(actor=request.auth, request_id=request_id, claim=claim))
        claim.finish(done)
    relation = relation_after(request.auth, done.reference, replayed=replayed is not None)
    return Status(200, present_relationship(done.reference, relation))


@answers.delete(
    "/{request_id}/",
    operation_id="follow_requests_reject",
    summary="Reject a follow request",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def reject(request: ViewerRequest, request_id: PathId) -> Status[None]:
    """Reject a pending request, silently. 404 where there is none."""
    service.reject_request(actor=request.auth, request_id=request_id)
    return Status(204, None)
