"""Errors of media, posts, likes and comments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from project.kernel.errors import (
    AppError,
    BadRequest,
    Conflict,
    ContentTooLarge,
    Forbidden,
    Unavailable,
    Unprocessable,
    UnsupportedMediaType,
)

# ---- media


class UnsupportedMedia(UnsupportedMediaType):
    """The bytes are not of a format that is accepted, whatever the file is called."""

    code = "unsupported-media"
    title = _("Unsupported media")
    detail = _("Send a JPEG, PNG, WebP, GIF or HEIC picture, or an MP4, MOV or WebM video.")


class UploadTooLarge(ContentTooLarge):
    code = "content-too-large"
    title = _("File too large")

    def __init__(self, limit: int) -> None:
        super().__init__(_("A file may have at most %(limit)s bytes.") % {"limit": limit})


class MediaNotReady(Conflict):
    code = "media-not-ready"
    title = _("Media not ready")
    detail = _("A picture is still being processed, or could not be. Its state says which.")


class MediaAttached(Conflict):
    code = "media-attached"
    title = _("Media in use")
    detail = _("The media belongs to something already. Delete that, or take the media out of it first.")


class UploadIncomplete(Conflict):
    code = "upload-incomplete"
    title = _("Upload incomplete")
    detail = _("No file has been put at the address of the upload yet.")


class UploadCompleted(Conflict):
    code = "upload-completed"
    title = _("Upload completed")
    detail = _("The upload has become a media already. Delete that instead.")


class TooManyUploads(Conflict):
    code = "too-many-uploads"
    title = _("Too many open uploads")
    detail = _("Complete or abort the uploads that are open first.")


class UploadExpired(AppError):
    code = "upload-expired"
    status = 410
    title = _("Upload expired")
    detail = _("The time to put the file is over. Start a new upload.")


class UploadMismatch(Unprocessable):
    """What was put is not what was announced; `errors` says in what. It has been deleted and may be put again."""

    code = "upload-mismatch"
    title = _("Another file than announced")
    detail = _(
        "The file is not the one that was announced. It has been deleted; put the right one and repeat."
    )


class StorageUnavailable(Unavailable):
    """The file storage did not answer."""

    code = "storage-unavailable"
    title = _("File storage unavailable")
    detail = _("Files cannot be stored or read right now.")


# ---- posts, likes, comments


class PostNotPublished(Conflict):
    """Its owner (or staff) sees the post, but nobody can like or comment on it yet."""

    code = "post-not-published"
    title = _("Not published")
    detail = _(
        "The post is a draft or waits for its time; it can be liked and commented on once it is published."
    )


class CommentsRestricted(Forbidden):
    code = "comments-restricted"
    title = _("Comments restricted")
    detail = _("The author does not accept a comment from this account.")


class IdsExpected(BadRequest):
    code = "ids-expected"
    title = _("Ids expected")
    detail = _("Send ids, separated by commas.")


class NotPublic(Forbidden):
    """The actor sees the post, but not everybody may."""

    code = "not-public"
    title = _("Not public")
    detail = _("Only what everybody may see can be reposted.")


class SendingUnavailable(Unprocessable):
    code = "sending-unavailable"
    title = _("Cannot be sent there")
    detail = _("Posts cannot be sent into conversations here. Without a recipient the answer is a link.")


# ---- stories


class TooManyStories(Conflict):
    code = "too-many-stories"
    title = _("Too many stories")

    def __init__(self, most: int) -> None:
        super().__init__(_("An account may have at most %(most)s stories at a time.") % {"most": most})


class RepliesRestricted(Forbidden):
    code = "replies-restricted"
    title = _("Replies restricted")
    detail = _("The author does not accept a reply to this story from this account.")
