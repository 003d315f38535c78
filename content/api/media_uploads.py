"""Uploads that clients make to the storage themselves: announce, put, complete; and the view that takes the
file where the storage does not. That view is no operation of the API: its address is the permission, and its
answers are short texts, as a storage's are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from ninja import Router, Status

from content.api.media import read_media
from content.errors import StorageUnavailable
from content.media.presigning import permit_of, presign, storage_takes_uploads
from content.media.receiving import Rejected, receive
from content.models import MediaKind
from content.schemas.media import MediaUploadIn, MediaUploadOut
from content.services import media_uploads
from project.kernel.idempotency import Done, once
from project.kernel.inputs import PathId
from project.kernel.schemas import Problem
from project.kernel.throttling import ScopeThrottle
from project.kernel.viewer import Viewer, ViewerRequest
from social.auth import signed_in
from social.schemas.media import MediaOut

router = Router(tags=["media"])


@router.post(
    "/",
    operation_id="media_upload_create",
    summary="Announce a file and get an address for it",
    auth=signed_in,
    throttle=[ScopeThrottle("upload")],
    response={201: MediaUploadOut, 409: Problem},
)
def create_upload(request: ViewerRequest, payload: MediaUploadIn) -> Status[dict[str, Any]]:
    """Announce a picture or video to put into the storage directly, which large videos need. Put it as the answer
    says, then call `media_upload_complete`. Formats and codecs are those of `media_create`. Until then its media
    is in state `pending`. `Idempotency-Key` is honoured."""
    viewer = request.auth
    file = media_uploads.Announced(
        MediaKind(payload.kind), payload.content_type, payload.size, payload.sha256.lower()
    )

    def act() -> Done:
        return Done(201, media_uploads.create_upload(actor=viewer, file=file))

    return once(
        request,
        account_id=viewer.id,
        operation="media_upload_create",
        body=request.body,
        act=act,
        render=lambda upload_id: _present(viewer, upload_id),
    )


@router.post(
    "/{upload_id}/complete/",
    operation_id="media_upload_complete",
    summary="Say that the file is there",
    auth=signed_in,
    throttle=[ScopeThrottle("upload")],
    response={202: MediaOut, 409: Problem, 410: Problem, 422: Problem, 503: Problem},
)
def complete_upload(request: ViewerRequest, upload_id: PathId) -> Status[dict[str, Any]]:
    """Hand the file that was put to processing; the answer is its media. Again: the same media. Size, type (by
    content) and SHA-256 must be as announced: 422 `upload-mismatch` otherwise, and the file has to be put again."""
    media_id = media_uploads.complete_upload(actor=request.auth, upload_id=upload_id)
    return Status(202, read_media(media_id, request.auth))


@router.delete(
    "/{upload_id}/",
    operation_id="media_upload_abort",
    summary="Give an upload up",
    auth=signed_in,
    response={204: None, 409: Problem, 503: Problem},
)
def abort_upload(request: ViewerRequest, upload_id: PathId) -> Status[None]:
    """Forget an upload that was not completed; what was put is deleted. 409 `upload-completed` where it has become a
    media, which `media_delete` deletes."""
    media_uploads.abort_upload(actor=request.auth, upload_id=upload_id)
    return Status(204, None)


@csrf_exempt
@require_POST
def receive_file(request: HttpRequest, key: str) -> HttpResponse:
    """The file of a presigned upload. The signed address is the permission, so no cookie and no token counts."""
    permit = None if storage_takes_uploads() else permit_of(key, request.GET)
    if permit is None or not media_uploads.is_awaited(permit):
        return _answer(403, "The address is not valid, or not any more.")
    try:
        receive(request, permit)
    except Rejected as rejected:
        return _answer(rejected.status, str(rejected))
    except StorageUnavailable:
        return _answer(503, "The file cannot be stored right now.")
    return _answer(204, "")


def _present(viewer: Viewer, upload_id: int) -> dict[str, Any]:
    upload = media_uploads.own_upload(viewer, upload_id)
    request = presign(media_uploads.permit_for(upload))
    return {
        "id": upload_id,
        "method": request.method,
        "url": request.url,
        "fields": dict(request.fields),
        "headers": dict(request.headers),
        "expires_at": upload.expires_at,
    }


def _answer(status: int, text: str) -> HttpResponse:
    response = HttpResponse(
        f"{text}\n" if text else "", status=status, content_type="text/plain; charset=utf-8"
    )
    response["Cache-Control"] = "no-store"
    return response
