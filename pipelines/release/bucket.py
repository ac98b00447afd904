"""Releases in an object store: Amazon S3 and what speaks its protocol, Google Cloud Storage, Azure Blob Storage.

Credentials come from the environment alone (`AWS_…`, `GOOGLE_…`, `AZURE_…`). What a store answers may quote a key or a
signed address, so that no message repeats it: only its code is told.
"""

from __future__ import annotations

import errno
import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import ObjectStore, from_url

from pipelines.release.failures import OutputsUnusableError
from pipelines.release.layout import BUCKETS

_Answer = TypeVar("_Answer")
_SCRATCH = ".scratch"
_ATTEMPTS = 5
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_DAY = timedelta(days=1)


def bucket_at(url: str) -> Bucket:
    """The bucket, and the prefix in it, that a URL names; raises OutputsUnusableError where it names none."""
    parts = urlsplit(url)
    if parts.scheme not in BUCKETS or not parts.netloc:
        known = ", ".join(f"{scheme}://" for scheme in BUCKETS)
        raise OutputsUnusableError(f"{parts.scheme}:// names no store; name a folder, or one of {known}.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        message = "An address of releases must not hold credentials or options; set them in the environment."
        raise OutputsUnusableError(message)
    place = url.rstrip("/")
    # Without options of our own: those given here would hide AWS_ALLOW_HTTP, AWS_TIMEOUT and their like.
    return Bucket(place, _ask(place, lambda: from_url(place)))


@dataclass(frozen=True, slots=True)
class Bucket:
    """A prefix in a bucket; see `Store` for what each method promises."""

    url: str
    store: ObjectStore

    @property
    def least_rest_days(self) -> float:
        """A day: nobody can see whether somebody else, somewhere, is writing into the bucket."""
        return 1.0

    def where(self, name: str = "") -> str:
        """The URL of a file."""
        return f"{self.url}/{name}" if name else self.url

    def is_there(self) -> bool:
        """A prefix is there without being made; a bucket that is not is named by the first question to it."""
        return True

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        try:
            return _ask(self.where(name), lambda: bytes(obstore.get(self.store, name).bytes()))
        except FileNotFoundError:
            return None

    def open(self, name: str) -> io.BufferedReader:
        """A file, fetched in parts as they are read, from any byte on; FileNotFoundError where there is none."""
        place = self.where(name)
        reader = _ask(place, lambda: obstore.open_reader(self.store, name))
        return io.BufferedReader(_Reading(place, reader))

    def names(self, prefix: str) -> list[str]:
        """Every file below `prefix`, relative to it."""
        start = f"{prefix}/"
        listed = _ask(self.where(prefix), lambda: obstore.list(self.store, start).collect())
        return sorted(entry["path"].removeprefix(start) for entry in listed)

    def strange_names(self, prefix: str) -> list[tuple[str, str]]:  # noqa: ARG002  (a bucket holds nothing else)
        """None: a bucket holds files only."""
        return []

    @contextmanager
    def local_file(self, name: str) -> Iterator[Path]:
        """A copy."""
        with self.scratch() as scratch:
            self._download(name, scratch / "file")
            yield scratch / "file"

    @contextmanager
    def local_folder(self, prefix: str) -> Iterator[Path]:
        """A copy, downloaded now: that a file was sent says little about what a reader gets."""
        with self.scratch() as scratch:
            for name in self.names(prefix):
                self._download(f"{prefix}/{name}", scratch / name)
            yield scratch

    def _download(self, name: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with self.open(name) as source, target.open("xb") as file:
            shutil.copyfileobj(source, file)

    def days_at_rest(self, prefix: str) -> float:
        """By the times that the store gives, those of a file written just now among them."""
        with self.scratch() as scratch:
            clock = f"{_SCRATCH}/{scratch.name}"
            self.replace(clock, b"")
            now = _ask(self.url, lambda: obstore.head(self.store, clock))["last_modified"]
            self.delete(clock)
        listed = _ask(self.where(prefix), lambda: obstore.list(self.store, prefix).collect())
        return (now - max(entry["last_modified"] for entry in listed)) / _DAY

    def put_new(self, name: str, source: Path) -> bool:
        """Where a store says "taken" because two wrote at once and neither was first, it is asked again.

        Also False where the file is our own, sent twice because the first answer was lost: callers look at the bytes.
        """
        for _ in range(_ATTEMPTS):
            if _ask(self.where(name), lambda: self._is_created(name, source)):
                return True
            if self.read(name) is not None:
                return False
        message = f"{self.where(name)}: the store will neither take the file nor has it; run again later."
        raise OutputsUnusableError(message)

    def _is_created(self, name: str, source: Path) -> bool:
        try:
            obstore.put(self.store, name, source, mode="create")
        except AlreadyExistsError:
            return False
        return True

    def replace(self, name: str, data: bytes) -> None:
        """Puts a whole file in the place of another."""
        _ask(self.where(name), lambda: obstore.put(self.store, name, data))

    def delete(self, name: str) -> None:
        """Takes a file away."""
        _ask(self.where(name), lambda: obstore.delete(self.store, name))

    def settle(self, prefix: str) -> None:
        """Nothing to do: a store that has answered keeps what it was given."""

    def probe(self) -> None:
        """Raises OutputsUnusableError where a name can be given twice, as by stores that ignore `If-None-Match`."""
        with self.scratch() as scratch:
            source, name = scratch / "probe", f"{_SCRATCH}/{scratch.name}"
            source.write_bytes(b"probe")
            self.put_new(name, source)
            is_given_twice = self.put_new(name, source)
        self.delete(name)
        if is_given_twice:
            message = f"{self.url}: this store gives one name to two files (it ignores If-None-Match); use another one."
            raise OutputsUnusableError(message)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder on the local disk: what is built there is uploaded when it is whole."""
        with tempfile.TemporaryDirectory(prefix="monographs-") as folder:
            yield Path(folder)

    @contextmanager
    def alone(self) -> Iterator[int]:
        """Holds nothing: what killed probes have left goes, once it has rested."""
        names = [f"{_SCRATCH}/{name}" for name in self.names(_SCRATCH)]
        if names and self.days_at_rest(_SCRATCH) < self.least_rest_days:
            names = []
        for name in names:
            self.delete(name)
        yield len(names)


class _Reading(io.RawIOBase):
    """A file of a store as Python and Arrow read files."""

    def __init__(self, place: str, reader: obstore.ReadableFile) -> None:
        self._place, self._reader = place, reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return _ask(self._place, lambda: self._reader.seek(offset, whence))

    def readinto(self, buffer: object, /) -> int:
        view = cast("memoryview", buffer)
        data = _ask(self._place, lambda: self._reader.read(len(view)))
        view[: len(data)] = bytes(data)
        return len(data)


def _ask(place: str, question: Callable[[], _Answer]) -> _Answer:
    """The answer of a store; its errors become ours outside of their handling, so that none hangs on to another.

    Some are of obstore's own kind and some of Python's.
    """
    try:
        return question()
    except (NotFoundError, FileNotFoundError):
        reason = None
    except (BaseError, OSError, ValueError) as error:
        reason = _reason(error)
    if reason is None:
        raise FileNotFoundError(errno.ENOENT, "the store has no such file or bucket", place)
    message = f"{place}: cannot be used ({reason}); check the address, and the credentials in the environment."
    raise OutputsUnusableError(message)


def _reason(error: Exception) -> str:
    """The code that the store gave, or the kind of error."""
    code = _CODE.search(str(error))
    if code:
        return f"the store says {code[1]}"
    kind = type(error).__name__.removesuffix("Error")
    return _KINDS.get(kind, "it cannot be reached, or there are no credentials for it")


_KINDS = {
    "PermissionDenied": "access is denied",
    "Unauthenticated": "the credentials are not accepted",
    "NotSupported": "the store cannot create a file only where there is none",
    "UnknownConfigurationKey": "a setting in the environment is not known",
}
