"""Why the bytes of an upload do not become a media."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a media failed. Clients may rely on these."""

    UNDECODABLE = "undecodable"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_COMPLEX = "too-complex"
    TOO_LONG = "too-long"
    UNSUPPORTED_CODEC = "unsupported-codec"
    ORIGINAL_MISSING = "original-missing"
    PROCESSING_FAILED = "processing-failed"
    UPLOAD_EXPIRED = "upload-expired"


class Refused(Exception):
    """The bytes do not make a picture or a video, for `reason`."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)
