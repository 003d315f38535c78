"""Signed-in devices: seeing them, ending them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from project.kernel.inputs import PathId
from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page
from project.kernel.viewer import ViewerRequest
from social.auth import signed_in
from social.devices import read_sessions
from social.schemas.devices import SessionOut
from social.services import sessions

router = Router(tags=["auth"])


@router.get(
    "/",
    operation_id="auth_sessions_list",
    summary="My devices",
    auth=signed_in,
    response=Page[SessionOut],
)
def list_sessions(request: ViewerRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """The devices that are signed in to this account, the one used last first."""
    found = read_sessions(
        request.auth,
        scope=scope_of("auth_sessions_list", [request.auth.id]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, found)
    return found.as_dict()


@router.delete(
    "/{session_id}/",
    operation_id="auth_sessions_revoke",
    summary="Log a device out",
    auth=signed_in,
    response={204: None},
)
def revoke(request: ViewerRequest, session_id: PathId) -> Status[None]:
    """End one of my sessions, its access token included. 404 for another's."""
    sessions.revoke_session(actor=request.auth, session_id=session_id)
    return Status(204, None)
