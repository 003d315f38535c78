"""Accounts by name: the caller's own. (`users_get` and `users_posts_list` are routed from content, which can
include posts.)"""

from __future__ import annotations

from typing import Any

from ninja import Router

from project.kernel.schemas import Problem
from project.kernel.viewer import ViewerRequest
from social.auth import signed_in
from social.details import own_detail
from social.schemas.accounts import AccountDetail

router = Router(tags=["users"])


@router.get(
    "/me/",
    operation_id="users_me",
    summary="My account",
    auth=signed_in,
    response={200: AccountDetail, 503: Problem},
    exclude_unset=True,
)
def me(request: ViewerRequest) -> dict[str, Any]:
    """The signed-in account with all its fields."""
    return own_detail(request.auth.id, request.auth)
