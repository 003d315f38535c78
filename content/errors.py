"""Errors of media, posts, likes and comments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from project.kernel.errors import Conflict, ContentTooLarge, Forbidden, Unavailable, UnsupportedMediaType

# ---- media


class UnsupportedMedia(UnsupportedMediaType):
    """The bytes are not of a format that is accepted, whatever the file is called."""

    code = "unsupported-media"
    title = _("Unsupported media")
    detail = _("Send a JPEG, PNG, WebP, GIF or HEIC picture.")


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
