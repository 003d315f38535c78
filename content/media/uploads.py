"""A bound on what a request may upload, before it is on disk. Django spools files of any size."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# What a form needs beside its file: boundaries, headers, texts.
FORM_OVERHEAD = 256 * 1024


class BoundedUploadHandler(FileUploadHandler):
    """Refuses a multipart body whose files exceed MEDIA_DIRECT_MAX_BYTES in all: at once where its length says
    so, else as soon as that much has come. Passes everything else on to the handlers after it."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.received = 0

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > settings.MEDIA_DIRECT_MAX_BYTES + FORM_OVERHEAD:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.MEDIA_DIRECT_MAX_BYTES:
            raise RequestDataTooBig
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
