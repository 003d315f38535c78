"""One account with what it has published and liked. Routed here because it can include posts."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from content.accounts import AccountFilters, read_accounts, read_stats
from content.feed.likes import read_likes
from content.feed.reader import read_posts
from content.feed.skeletons import author_skeleton
from content.schemas.accounts import AccountQuery, AccountRow, UserOut
from project.kernel.errors import FieldProblem, Unprocessable
from project.kernel.paging import add_links, scope_of
from project.kernel.schemas import Page, Problem
from project.kernel.viewer import Viewer, ViewerRequest
from social.access import SeenAccount, access_account
from social.auth import signed_in, staff_signed_in
from social.details import read_detail
from social.schemas.life_cycle import DeletionIn
from social.services import account_deletion
from social.tasks import purge_soon
from social.visibility import Surface, may_list

router = Router(tags=["users"])
INCLUDED = ("posts", "likes")
# What is included is a first look; the lists themselves are paged.
INCLUDED_LIMIT = 20


class UserQuery(BaseModel):
    """What to put beside the account."""

    include: str = Field("", max_length=40, description="`posts`, `likes` or both, separated by commas")


def _included(text: str) -> set[str]:
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    if unknown := wanted - set(INCLUDED):
        message = f"only {' and '.join(INCLUDED)}, not {', '.join(sorted(unknown))}"
        raise Unprocessable(errors=[FieldProblem("query/include", "unknown_include", message)])
    return wanted


def _links(account_id: int) -> dict[str, str]:
    base = "/api/v1"
    return {
        "account": f"{base}/users/{account_id}/",
        "profile": f"{base}/profiles/{account_id}/",
        "posts": f"{base}/users/{account_id}/posts/",
        "followers": f"{base}/followers/{account_id}/",
        "following": f"{base}/following/{account_id}/",
    }


def _posts(seen: SeenAccount, viewer: Viewer) -> list[dict[str, Any]]:
    return read_posts(
        author_skeleton(seen.id),
        viewer,
        Surface.PROFILE,
        scope=scope_of("users_get", [seen.id]),
        cursor=None,
        limit=INCLUDED_LIMIT,
    ).results


def _likes(seen: SeenAccount, viewer: Viewer) -> list[dict[str, Any]]:
    scope = scope_of("users_get", [seen.id])
    return read_likes(viewer, scope=scope, cursor=None, limit=INCLUDED_LIMIT, account_id=seen.id).results


@router.get(
    "/",
    operation_id="users_list",
    summary="All accounts, for staff",
    auth=staff_signed_in,
    response={200: Page[AccountRow]},
)
def list_users(request: ViewerRequest, response: HttpResponse, query: Query[AccountQuery]) -> dict[str, Any]:
    """Every account, the most recently active first, with its numbers. Filters narrow the list and may be combined;
    `ordering` takes every column. Those who are deactivated, suspended or deleted are here only with `state`.

    403 for who is not staff."""
    filters = AccountFilters(
        state=None if query.state == "all" else query.state,
        is_private=query.is_private,
        is_staff=query.is_staff,
        search=query.search,
        created_from=query.created__gte,
        created_to=query.created__lte,
        active_from=query.last_activity__gte,
        active_to=query.last_activity__lte,
        ordering=query.ordering,
    )
    page = read_accounts(
        filters, scope=scope_of("users_list", [filters]), cursor=query.cursor, limit=query.limit
    )
    add_links(request, response, page)
    return page.as_dict()


@router.get(
    "/{user}/",
    operation_id="users_get",
    summary="An account",
    auth=signed_in,
    response={200: UserOut, 503: Problem},
    exclude_unset=True,
)
def get_user(request: ViewerRequest, user: str, query: Query[UserQuery]) -> dict[str, Any]:
    """An account by id or username, with its numbers and links. `?include=posts,likes` adds the newest twenty of
    each that the viewer may see. Contact fields are for the owner and staff."""
    wanted = _included(query.include)
    viewer = request.auth
    seen = access_account(viewer, user)
    answer = read_detail(seen.id, viewer, seen.relation)
    emptied = seen.relation.blocks_fully and not viewer.is_staff
    answer["stats"] = read_stats(seen, viewer, answer)
    answer["links"] = _links(seen.id)
    open_to_viewer = not emptied and may_list(seen.owner, viewer, seen.relation)
    if "posts" in wanted:
        answer["posts"] = _posts(seen, viewer) if open_to_viewer else []
    if "likes" in wanted:
        answer["likes"] = _likes(seen, viewer) if open_to_viewer else []
    return answer


@router.delete(
    "/{user}/",
    operation_id="users_delete",
    summary="Delete an account",
    auth=signed_in,
    response={204: None},
)
def delete_user(request: ViewerRequest, user: str, payload: DeletionIn | None = None) -> Status[None]:
    """Delete one's own account, confirmed by the password, or as staff any other: gone for everyone at once, its data
    purged after the grace time, until when `account_restore` brings it back.

    403 `wrong-password`, and for others; 422 where the owner sends no password."""
    password = payload.password if payload else None
    account_deletion.delete_account(request, actor=request.auth, ref=user, password=password)
    purge_soon()
    return Status(204, None)
