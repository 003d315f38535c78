"""Taking the file of a presigned upload where the storage does not by itself: the same form that S3 would get,
at an address that is signed, ends, and is good for one key, one size and one type.

The permit is checked before a byte of the body is read, and the size while it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from content.media import files
from content.media.presigning import TYPE_FIELD, Permit
from content.media.uploads import FORM_OVERHEAD


class Rejected(Exception):
    """The request is refused with `status`; the text says why."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class ExactUploadHandler(TemporaryFileUploadHandler):
    """Spools to disk, and stops as soon as more than `limit` bytes of files have come."""

    def __init__(self, request: Any, limit: int) -> None:
        super().__init__(request)
        self.limit = limit
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > self.limit:
            raise RequestDataTooBig
        super().receive_data_chunk(raw_data, start)


def receive(request: HttpRequest, permit: Permit) -> None:
    """Store the file of the form under the key of the permit. Raises Rejected, StorageUnavailable."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not (length.isascii() and length.isdigit()):
        raise Rejected(411, "The length is missing.")
    if int(length) > permit.size + FORM_OVERHEAD:
        raise Rejected(413, "The file is larger than announced.")
    if request.content_type != "multipart/form-data":
        raise Rejected(415, "Send multipart/form-data.")
    file = _file_of(request, permit)
    try:
        files.save_file(permit.key, Path(file.temporary_file_path()))
    except files.FileExists:
        raise Rejected(409, "The file is there already.") from None


def _file_of(request: HttpRequest, permit: Permit) -> Any:
    request.upload_handlers = [ExactUploadHandler(request, permit.size)]
    try:
        fields, parts = request.POST, request.FILES
    except RequestDataTooBig:
        raise Rejected(413, "The file is larger than announced.") from None
    except (MultiPartParserError, SuspiciousOperation, UnicodeError, ValueError, OSError):
        # OSError: the client went away in the middle.
        raise Rejected(400, "The form cannot be read.") from None
    if fields.dict() != {TYPE_FIELD: permit.content_type} or len(fields.getlist(TYPE_FIELD)) != 1:
        raise Rejected(403, "The fields are not the ones that were signed.")
    if list(parts) != ["file"] or len(parts.getlist("file")) != 1:
        raise Rejected(400, "One part is wanted: file.")
    file: Any = parts["file"]
    if file.size != permit.size:
        raise Rejected(400, "The file is not as large as announced.")
    return file
