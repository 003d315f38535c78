"""Uploading, reading, describing and deleting media."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from content.access import access_media
from content.errors import UnsupportedMedia
from content.hydration_media import load_media, present_media
from content.media.sniffing import inspect_upload
from content.schemas.media import AltText, MediaPatch, MediaTagIn
from content.services import media
from content.services.media_describing import TagAt, update_media
from project.kernel.errors import FieldProblem, NotFound, Unprocessable
from project.kernel.idempotency import Done, once
from project.kernel.inputs import PathId
from project.kernel.schemas import Problem
from project.kernel.throttling import ScopeThrottle
from project.kernel.viewer import Viewer, ViewerRequest
from social.auth import maybe_signed_in, signed_in
from social.hydration import hydrate_accounts
from social.schemas.media import MediaOut

router = Router(tags=["media"])
FORM_FIELDS = {"alt_text"}


def read_media(media_id: int, viewer: Viewer) -> dict[str, Any]:
    """`MediaOut` of a media that the viewer may see. Raises NotFound, GraphUnavailable."""
    access_media(viewer, media_id)
    row = load_media([media_id]).get(media_id)
    if row is None:
        raise NotFound
    return present_media(row, hydrate_accounts(row.tagged_ids, viewer) if row.tags else None)


@router.post(
    "/",
    operation_id="media_create",
    summary="Upload a picture or a short video",
    auth=signed_in,
    throttle=[ScopeThrottle("upload")],
    response={202: MediaOut, 409: Problem, 503: Problem},
)
def create_media(
    request: ViewerRequest, file: File[UploadedFile], alt_text: AltText = Form("")
) -> Status[dict[str, Any]]:
    """Upload a picture (JPEG, PNG, WebP, GIF or HEIC) or a short video (MP4, MOV or WebM) as the part `file` of a
    multipart form. Larger videos go by `media_upload_create`. The pictures of a video must be H.264, HEVC, VP9 or
    AV1, its sound AAC or Opus; another codec ends in `failed` with the reason `unsupported-codec`.

    The type is found out from the content; name and declared type do not matter. Of animations the first picture is
    taken. The answer is in state
    `processing`: a worker makes the variants without any metadata of the original, and the state becomes
    `ready`, or `failed` with a `reason`. An upload that nothing uses is deleted after 24 hours.
    `Idempotency-Key` is honoured."""
    refuse_unknown_parts(request)
    upload = inspect_upload(file.file or file, size=file.size or 0)
    viewer = request.auth
    with media.stored(upload) as stored:

        def act() -> Done:
            return Done(202, media.create_media(owner_id=viewer.id, file=stored, alt_text=alt_text).pk)

        return once(
            request,
            account_id=viewer.id,
            operation="media_create",
            # Not the body itself: its boundary differs from one try to the next.
            body=f"{upload.sha256}\0{alt_text}",
            act=act,
            render=lambda media_id: read_media(media_id, viewer),
        )


def refuse_unknown_parts(request: HttpRequest) -> None:
    """A part that nothing reads is a mistake of the client, as an unknown field of a JSON body is."""
    if request.content_type != "multipart/form-data":
        raise UnsupportedMedia(_("Send multipart/form-data."))
    names = [*request.POST, *request.FILES]
    problems = [
        FieldProblem(f"/{name}", "extra_forbidden", _("Extra inputs are not permitted"))
        for name in sorted({*request.POST} - FORM_FIELDS | {*request.FILES} - {"file"})
    ]
    twice = {n for n in names if len([*request.POST.getlist(n), *request.FILES.getlist(n)]) > 1}
    problems += [
        FieldProblem(f"/{name}", "duplicate", _("The part is there twice.")) for name in sorted(twice)
    ]
    if problems:
        raise Unprocessable(errors=problems)


@router.get(
    "/{media_id}/",
    operation_id="media_get",
    summary="A picture or video",
    auth=maybe_signed_in,
    response={200: MediaOut, 503: Problem},
)
def get_media(request: ViewerRequest, media_id: PathId) -> dict[str, Any]:
    """State, size and variants of a media: one's own, or one of a post or an avatar that the viewer may see.

    The links of `variants` are signed and end within five minutes; read the media again for new ones."""
    return read_media(media_id, request.auth)


@router.patch(
    "/{media_id}/",
    operation_id="media_update",
    summary="Describe a picture or video",
    auth=signed_in,
    response={200: MediaOut, 503: Problem},
)
def describe_media(request: ViewerRequest, media_id: PathId, payload: MediaPatch) -> dict[str, Any]:
    """Change the alternative text, the focal point or the people tagged of an own media, also of one that is
    posted. A new thumbnail around a new focal point follows shortly."""
    changes = payload.changes()
    tagged: list[MediaTagIn] | None = changes.pop("tagged", None)
    update_media(
        actor=request.auth,
        media_id=media_id,
        changes=changes,
        tagged=None if tagged is None else [TagAt(tag.account, tag.x, tag.y) for tag in tagged],
    )
    return read_media(media_id, request.auth)


@router.delete(
    "/{media_id}/",
    operation_id="media_delete",
    summary="Delete an unused picture or video",
    auth=signed_in,
    response={204: None, 409: Problem, 503: Problem},
)
def delete_media(request: ViewerRequest, media_id: PathId) -> Status[None]:
    """Delete an own media that no post and no avatar shows (409 `media-attached` otherwise); its files go
    too."""
    media.delete_media(actor=request.auth, media_id=media_id)
    return Status(204, None)
