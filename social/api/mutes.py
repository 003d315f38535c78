"""Mutes: whom I mute, muting and unmuting. The muted one is not told (R34)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from graph.queries import lists
from project.kernel.idempotency import Claim, Done
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.access import relation_after
from social.auth import signed_in
from social.lists import edge_skeleton, read_accounts
from social.presenters import present_muting, present_relationship
from social.schemas.accounts import Relationship
from social.schemas.relationships import MuteIn, MuteOut
from social.services import quiet_edges as service

router = Router(tags=["relationships"])


@router.get(
    "/",
    operation_id="mutes_list",
    summary="Accounts that I mute",
    auth=signed_in,
    response={200: Page[MuteOut], 503: Problem},
)
def list_mutes(request: ViewerRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """Whom I mute, by which switches and until when, newest first. Mutes that are over are not here."""

    def present(row: Any, brief: dict[str, Any]) -> dict[str, Any]:
        return {"account": brief, "muting": present_muting(row.mute), "since": row.since}

    result = read_accounts(
        edge_skeleton(lists.mutes, request.auth.id, viewer=request.auth),
        request.auth,
        scope=scope_of("mutes_list", [request.auth.id]),
        cursor=page.cursor,
        limit=page.limit,
        present=present,
    )
    add_links(request, response, result)
    return result.as_dict()


@router.post(
    "/{user}/",
    operation_id="mutes_create",
    summary="Mute",
    auth=signed_in,
    response={200: Relationship, 201: Relationship, 409: Problem, 503: Problem},
)
def create_mute(request: ViewerRequest, user: str, payload: MuteIn | None = None) -> Status[dict[str, Any]]:
    """Keep an account's posts out of my feed and explore, its stories out of my tray, or its notifications away;
    without switches all three. Muting again replaces switches and time. 201 where there was no mute before, else 200.

    422 where every switch is off, or `expires_at` is over."""
    body = payload or MuteIn()
    posts, stories, notifications = body.switches()
    claim = Claim(request, account_id=request.auth.id, operation="mutes_create", body=body.model_dump_json())
    replayed = done = claim.replay()
    if done is None:
        muted_id, created = service.mute_account(
            actor=request.auth,
            ref=user,
            posts=posts,
            stories=stories,
            notifications=notifications,
            expires_at=body.expires_at,
            claim=claim,
        )
        done = Done(201 if created else 200, muted_id)
        claim.finish(done)
    relation = relation_after(request.auth, done.reference, replayed=replayed is not None)
    return Status(done.status, present_relationship(done.reference, relation))


@router.delete(
    "/{user}/",
    operation_id="mutes_delete",
    summary="Unmute",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def delete_mute(request: ViewerRequest, user: str) -> Status[None]:
    """Take back a mute. 204 also when there was none."""
    service.unmute_account(actor=request.auth, ref=user)
    return Status(204, None)
