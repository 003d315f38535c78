"""Where the files of a media lie in the storage, and the few things done with them.

    originals/<id % 1000>/<id>/<token>             what was uploaded; never served, gone once processed
    media/<id % 1000>/<id>/<token>/<name>.<ext>    what was made of it; served by signed links

`token` is 128 random bits, new for each upload and each run of the worker: nothing is ever overwritten, so
two workers cannot spoil each other's files, and an address tells nothing about another. The folders follow
from the id alone, so that files can be found and deleted when their row is gone."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage

from content.errors import StorageUnavailable

ORIGINALS = "originals"
SERVED = "media"
EXTENSIONS = {"image/webp": "webp", "image/jpeg": "jpg"}


class FileMissing(LookupError):
    """The storage answered, and there is no such file."""


def new_token() -> str:
    """An unguessable part of a key."""
    return secrets.token_hex(16)


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
        found = set(_walk(_folder(ORIGINALS, media_id)))
        return found | set(_walk(_folder(SERVED, media_id)))
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
        for top in (ORIGINALS, SERVED):
            _prune(_folder(top, media_id))


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
