"""The signed-in account's settings."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpResponse
from ninja import Router

from project.kernel.api_base import dump
from project.kernel.etags import make_etag, match_version, not_modified
from project.kernel.schemas import Problem
from project.kernel.viewer import ViewerRequest
from social.auth import signed_in
from social.models import AccountSettings, Profile
from social.notification_kinds import switches
from social.schemas.settings import (
    NotificationSettings,
    NotificationSettingsPatch,
    SettingsOut,
    SettingsPatch,
)
from social.services import settings as service

router = Router(tags=["settings"])


def _settings(row: AccountSettings) -> dict[str, Any]:
    shown = Profile.objects.values_list("show_followers", "show_following").get(pk=row.account_id)
    return {
        "allow_messages_from": row.allow_messages_from,
        "allow_mentions_from": row.allow_mentions_from,
        "show_activity_status": row.show_activity_status,
        "show_followers": shown[0],
        "show_following": shown[1],
        "language": row.language,
        "updated_at": row.updated_at,
    }


def _etag(row: AccountSettings, body: dict[str, Any]) -> str:
    return make_etag(row.version, hashlib.sha256(dump(body)).hexdigest()[:16])


def _answer(
    request: ViewerRequest, response: HttpResponse, row: AccountSettings, body: dict[str, Any]
) -> Any:
    etag = _etag(row, body)
    if request.method == "GET" and not_modified(request, etag):
        return HttpResponse(status=304, headers={"ETag": etag})
    response["ETag"] = etag
    return body


@router.get(
    "/",
    operation_id="settings_get",
    summary="My settings",
    auth=signed_in,
    response={200: SettingsOut, 304: None},
)
def get_settings(request: ViewerRequest, response: HttpResponse) -> Any:
    """Who may reach me, and what I show."""
    row = service.load_settings(request.auth.id)
    return _answer(request, response, row, _settings(row))


@router.patch(
    "/",
    operation_id="settings_update",
    summary="Change my settings",
    auth=signed_in,
    response={200: SettingsOut, 412: Problem},
)
def update_settings(request: ViewerRequest, response: HttpResponse, payload: SettingsPatch) -> Any:
    """Change settings; absent fields stay. They count from the next request on. `If-Match` guards against lost
    updates (412)."""
    service.update_settings(actor=request.auth, changes=payload.changes(), if_version=match_version(request))
    row = service.load_settings(request.auth.id)
    return _answer(request, response, row, _settings(row))


@router.get(
    "/notifications/",
    operation_id="settings_notifications_get",
    summary="My notification settings",
    auth=signed_in,
    response={200: NotificationSettings, 304: None},
)
def get_notifications(request: ViewerRequest, response: HttpResponse) -> Any:
    """Which kinds of notifications come by which channel."""
    row = service.load_settings(request.auth.id)
    return _answer(request, response, row, switches(row.notifications))


@router.patch(
    "/notifications/",
    operation_id="settings_notifications_update",
    summary="Change my notification settings",
    auth=signed_in,
    response={200: NotificationSettings, 412: Problem},
)
def update_notifications(
    request: ViewerRequest, response: HttpResponse, payload: NotificationSettingsPatch
) -> Any:
    """Switch channels of kinds; absent kinds and channels stay. `If-Match` guards against lost updates (412)."""
    changes = {kind: patch.changes() for kind, patch in payload.changes().items()}
    service.update_notifications(actor=request.auth, changes=changes, if_version=match_version(request))
    row = service.load_settings(request.auth.id)
    return _answer(request, response, row, switches(row.notifications))
