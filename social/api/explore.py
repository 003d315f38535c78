"""Whom to follow."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from project.kernel.paging import PageQuery, add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import ViewerRequest
from social.auth import signed_in
from social.schemas.relationships import Suggestion
from social.services.dismissals import dismiss_suggestion
from social.suggestions import read_suggestions

router = Router(tags=["explore"])


@router.get(
    "/users/",
    operation_id="explore_users",
    summary="Accounts worth following",
    auth=signed_in,
    response={200: Page[Suggestion], 503: Problem},
)
def explore_users(request: ViewerRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """Accounts followed by people I follow, most mutual acquaintances first; then public accounts that post with
    hashtags that I use or like; then popular public accounts. Never blocked, muted, dismissed, already followed or
    asked, nor gone ones."""
    result = read_suggestions(
        request.auth,
        scope=scope_of("explore_users", [request.auth.id]),
        cursor=page.cursor,
        limit=page.limit,
    )
    add_links(request, response, result)
    return result.as_dict()


@router.delete(
    "/users/{user}/",
    operation_id="explore_users_dismiss",
    summary="Dismiss a suggestion",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def dismiss_user(request: ViewerRequest, user: str) -> Status[None]:
    """Never suggest this account to me again. 204 also when it was dismissed before; it is not told."""
    dismiss_suggestion(actor=request.auth, ref=user)
    return Status(204, None)
