"""Profiles."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpResponse
from ninja import Router, Status

from graph.queries.counts import load_counts
from project.kernel.api_base import dump
from project.kernel.errors import Forbidden, NotFound, Unauthenticated
from project.kernel.etags import make_etag, match_version, not_modified
from project.kernel.schemas import Problem
from project.kernel.viewer import Viewer, ViewerRequest
from social.access import AccountRef, SeenAccount, access_account
from social.auth import maybe_signed_in, signed_in
from social.details import own_detail, read_detail
from social.models import Account
from social.schemas.accounts import AccountDetail, ProfilePatch, StatusIn
from social.services import profiles

router = Router(tags=["profiles"])


def etag_of(account_id: int, detail: dict[str, Any]) -> str:
    """The ETag of a profile: its version, then all that is shown."""
    version = Account.objects.filter(pk=account_id).values_list("version", flat=True).get()
    return make_etag(version, hashlib.sha256(dump(detail)).hexdigest()[:16])


def own_account(viewer: Viewer, ref: AccountRef) -> SeenAccount:
    """The viewer's own account behind `ref`. Raises NotFound, Forbidden where it is another's, GraphUnavailable."""
    seen = access_account(viewer, ref)
    if not seen.relation.is_self:
        # Whoever the viewer blocks has no profile to be forbidden.
        raise NotFound if seen.relation.blocks_fully else Forbidden
    return seen


def require_answerable(account_id: int) -> None:
    """Raise GraphUnavailable before a change whose answer shows counts from the graph: a 503 must mean that nothing
    was changed (R03)."""
    load_counts([account_id])


@router.get(
    "/{user}/",
    operation_id="profiles_get",
    summary="A profile",
    auth=maybe_signed_in,
    response={200: AccountDetail, 304: None, 503: Problem},
    exclude_unset=True,
)
def get_profile(request: ViewerRequest, response: HttpResponse, user: str) -> Any:
    """Profile, counts and the relation to the viewer. A private account shows its name, avatar, bio and counts to
    everyone who is signed in; its posts and lists to its followers."""
    seen = access_account(request.auth, user)
    if not request.auth.signed_in and seen.card.is_private:
        raise Unauthenticated
    detail = read_detail(seen.id, request.auth, seen.relation)
    etag = etag_of(seen.id, detail)
    if not_modified(request, etag):
        return HttpResponse(status=304, headers={"ETag": etag})
    response["ETag"] = etag
    return detail


@router.patch(
    "/{user}/",
    operation_id="profiles_update",
    summary="Change one's profile",
    auth=signed_in,
    response={200: AccountDetail, 412: Problem, 503: Problem},
    exclude_unset=True,
)
def update_profile(
    request: ViewerRequest, response: HttpResponse, user: str, payload: ProfilePatch
) -> dict[str, Any]:
    """Change one's own profile. Absent fields stay; an empty string clears.

    Going public accepts what is pending; going private keeps followers and hides everything from others at once.
    `If-Match` with the ETag read before guards against lost updates (412)."""
    seen = own_account(request.auth, user)
    changes = payload.changes()
    if not changes.get("is_private"):
        # A switch to private stands even without the graph (R38).
        require_answerable(seen.id)
    profiles.update_profile(actor=request.auth, changes=changes, if_version=match_version(request))
    detail = own_detail(seen.id, request.auth)
    response["ETag"] = etag_of(seen.id, detail)
    return detail


@router.put(
    "/{user}/status/",
    operation_id="profiles_status_set",
    summary="Show a status",
    auth=signed_in,
    response={200: AccountDetail, 412: Problem, 503: Problem},
    exclude_unset=True,
)
def set_status(
    request: ViewerRequest, response: HttpResponse, user: str, payload: StatusIn
) -> dict[str, Any]:
    """Show a text of up to 60 characters, an emoji or both beside one's own name, until `expires_at` where given: from
    then on it is null. A private account's status is for its followers."""
    seen = own_account(request.auth, user)
    require_answerable(seen.id)
    profiles.set_status(
        actor=request.auth,
        text=payload.text,
        emoji=payload.emoji,
        expires_at=payload.expires_at,
        if_version=match_version(request),
    )
    detail = own_detail(seen.id, request.auth)
    response["ETag"] = etag_of(seen.id, detail)
    return detail


@router.delete(
    "/{user}/status/",
    operation_id="profiles_status_clear",
    summary="Clear the status",
    auth=signed_in,
    response={204: None, 503: Problem},
)
def clear_status(request: ViewerRequest, user: str) -> Status[None]:
    """Show no status any more. 204 also when there was none."""
    own_account(request.auth, user)
    profiles.clear_status(actor=request.auth)
    return Status(204, None)
