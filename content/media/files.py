"""Where the files of a media lie in the storage, and the few things done with them.

    uploads/<id % 1000>/<id>/<token>               where a client may put a file; never served, never processed
    originals/<id % 1000>/<id>/<token>             what was uploaded; never served, gone once processed
    media/<id % 1000>/<id>/<token>/<name>.<ext>    what was made of it; served by signed links

`token` is 128 random bits, new for each upload and each run of the worker: nothing is ever overwritten, so
two workers cannot spoil each other's files, and an address tells nothing about another. The folders follow
from the id alone, so that files can be found and deleted when their row is gone."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage

from content.errors import StorageUnavailable

UPLOADS = "uploads"
ORIGINALS = "originals"
SERVED = "media"
FOLDERS = (UPLOADS, ORIGINALS, SERVED)
EXTENSIONS = {"image/webp": "webp", "image/jpeg": "jpg", "video/mp4": "mp4"}
CHUNK = 1 << 20


class FileMissing(LookupError):
    """The storage answered, and there is no such file."""


class FileExists(Exception):
    """The key is taken, and nothing is ever overwritten."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What was found by reading a file once. `head` is its first bytes."""

    size: int
    sha256: str
    head: bytes


def new_token() -> str:
    """An unguessable part of a key."""
    return secrets.token_hex(16)


def upload_key(media_id: int) -> str:
    """A new key under which a client may put the file of a media."""
    return f"{_folder(UPLOADS, media_id)}/{new_token()}"


def original_key(media_id: int) -> str:
    """A new key for the uploaded file of a media."""
    return f"{_folder(ORIGINALS, media_id)}/{new_token()}"


def served_key(media_id: int, token: str, name: str, content_type: str) -> str:
    """The key of a derived file."""
    return f"{_folder(SERVED, media_id)}/{token}/{name}.{EXTENSIONS[content_type]}"


def save(key: str, data: bytes) -> None:
    """Store `data` under `key`, which must be new. Raises StorageUnavailable."""
    try:
        saved = default_storage.save(key, ContentFile(data))
    except Exception as error:
        # Storages raise what their client library raises; to callers it is one thing.
        raise StorageUnavailable from error
    assert saved == key, f"{key} was taken"


def save_file(key: str, path: Path) -> None:
    """Store the file at `path` under `key`, without reading it whole. Raises FileExists, StorageUnavailable."""
    try:
        with path.open("rb") as source:
            saved = default_storage.save(key, File(source))
    except Exception as error:
        raise StorageUnavailable from error
    if saved != key:
        delete([saved])
        raise FileExists(key)


def copy(source: str, target: str) -> None:
    """Copy a file to the new key `target`, inside the storage where it can. Raises FileMissing,
    StorageUnavailable."""
    try:
        if bucket := getattr(default_storage, "bucket", None):
            _copy_object(bucket, source, target)
        else:
            with default_storage.open(source) as file:
                default_storage.save(target, file)
    except FileNotFoundError:
        raise FileMissing(source) from None
    except Exception as error:
        raise StorageUnavailable from error


def size_of(key: str) -> int:
    """The size of a file in bytes. Raises FileMissing, StorageUnavailable."""
    try:
        if not default_storage.exists(key):
            raise FileMissing(key)
        return int(default_storage.size(key))
    except (FileMissing, FileNotFoundError):
        raise FileMissing(key) from None
    except Exception as error:
        raise StorageUnavailable from error


def exists(key: str) -> bool:
    """Whether there is such a file. Raises StorageUnavailable."""
    try:
        return bool(default_storage.exists(key))
    except Exception as error:
        raise StorageUnavailable from error


def digest(key: str) -> Digest:
    """Size, SHA-256 and first bytes of a file, read in parts. Raises FileMissing, StorageUnavailable."""
    sha256, size, head = hashlib.sha256(), 0, b""
    for chunk in _chunks(key):
        head = head or chunk[:CHUNK]
        size += len(chunk)
        sha256.update(chunk)
    return Digest(size, sha256.hexdigest(), head[:64])


def fetch(key: str, path: Path) -> None:
    """Bring a file to `path` on this machine, in parts. Raises FileMissing, StorageUnavailable."""
    with path.open("wb") as target:
        for chunk in _chunks(key):
            target.write(chunk)


def read(key: str) -> bytes:
    """The bytes of a file. Raises FileMissing, StorageUnavailable."""
    try:
        with default_storage.open(key) as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise FileMissing(key) from None
    except Exception as error:
        raise StorageUnavailable from error


def files_of(media_id: int) -> set[str]:
    """Every key stored for a media, whatever its row says. Raises StorageUnavailable."""
    try:
        return {key for top in FOLDERS for key in _walk(_folder(top, media_id))}
    except Exception as error:
        raise StorageUnavailable from error


def delete(keys: Iterable[str]) -> None:
    """Delete files; those that are gone already do not matter. Raises StorageUnavailable."""
    try:
        for key in keys:
            default_storage.delete(key)
    except Exception as error:
        raise StorageUnavailable from error


def prune(media_id: int) -> None:
    """Remove the empty folders of a media. Only disks have folders."""
    if isinstance(default_storage, FileSystemStorage):
        for top in FOLDERS:
            _prune(_folder(top, media_id))


def _chunks(key: str) -> Iterable[bytes]:
    try:
        with default_storage.open(key) as file:
            yield from file.chunks(CHUNK)
    except FileNotFoundError:
        raise FileMissing(key) from None
    except Exception as error:
        raise StorageUnavailable from error


def _copy_object(bucket: Any, source: str, target: str) -> None:
    storage: Any = default_storage
    origin = {"Bucket": bucket.name, "Key": storage._normalize_name(source)}
    try:
        # In parts where it is large, and never through this machine.
        bucket.meta.client.copy(origin, bucket.name, storage._normalize_name(target))
    except bucket.meta.client.exceptions.ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            raise FileNotFoundError(source) from error
        raise


def _folder(top: str, media_id: int) -> str:
    return f"{top}/{media_id % 1000:03d}/{media_id}"


def _walk(folder: str) -> Iterable[str]:
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _walk(f"{folder}/{name}")


def _prune(folder: str) -> None:
    # The storage refuses to delete a folder that is not empty, and one that is gone does not matter.
    with contextlib.suppress(OSError):
        for name in default_storage.listdir(folder)[0]:
            _prune(f"{folder}/{name}")
        default_storage.delete(folder)
