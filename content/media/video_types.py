"""The containers of video that are accepted, by content type. What is in them shows in the worker."""

from __future__ import annotations

MP4, QUICKTIME, WEBM = "video/mp4", "video/quicktime", "video/webm"
# content type → the one demuxer of FFmpeg that may read it
DEMUXERS = {MP4: "mov", QUICKTIME: "mov", WEBM: "matroska"}
# Major brands of ISO media files with moving pictures. Those of still pictures (HEIC, AVIF) are others.
MP4_BRANDS = {
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9",
    b"mp41", b"mp42", b"avc1", b"hvc1", b"av01", b"dash", b"mmp4", b"MSNV", b"M4V ", b"M4VH", b"M4VP",
    b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3gs7", b"3ge6", b"3ge7", b"XAVC",
}  # fmt: skip


def sniff_video(head: bytes) -> str | None:
    """The content type that the first bytes (64 are enough) prove; None where it is no accepted video."""
    if head[4:8] == b"ftyp":
        if head[8:12] == b"qt  ":
            return QUICKTIME
        return MP4 if head[8:12] in MP4_BRANDS else None
    if head.startswith(b"\x1aE\xdf\xa3") and b"\x42\x82\x84webm" in head:
        return WEBM
    return None
