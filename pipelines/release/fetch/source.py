"""Where releases are downloaded from: a folder, a bucket, or a static host that may or may not know Range."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit

from pipelines.release.failures import DownloadRefusedError
from pipelines.release.layout import BUCKETS

if TYPE_CHECKING:
    from pipelines.release.bucket import Bucket

_SECONDS = 30.0  # a source that is silent for longer is gone
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,150}")
_RANGE = re.compile(r"bytes ([0-9]{1,18})-")
_SCHEMES = ("http", "https")
UNFINISHED = ".part"


class ReleaseSource(Protocol):
    """Files by name, with `/` between parts."""

    def open(self, name: str, start: int = 0) -> AbstractContextManager[tuple[IO[bytes], int]]:
        """A file from byte `start` on, and the byte that it really starts at; OSError where it cannot be had."""


def source_of(place: str) -> ReleaseSource:
    """The source at a URL or in a folder; raises DownloadRefusedError where it is neither."""
    if urlsplit(place).scheme in _SCHEMES:
        return Host(place.rstrip("/"))
    if urlsplit(place).scheme in BUCKETS:
        from pipelines.release.bucket import bucket_at  # noqa: PLC0415  (slow, and others do not need it)

        return InBucket(bucket_at(place))
    if not Path(place).is_dir():
        raise DownloadRefusedError(f"{place}: is no folder and no http(s) address; name where the releases are.")
    return LocalFolder(Path(place))


def is_inside(name: str) -> bool:
    """True for a name that cannot leave a folder on any system, nor be taken for an unfinished file."""
    return all(_PART.fullmatch(part) for part in name.split("/")) and not name.endswith(UNFINISHED)


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder of releases; a link in it is not followed, wherever it leads."""

    root: Path

    @contextmanager
    def open(self, name: str, start: int = 0) -> Iterator[tuple[IO[bytes], int]]:
        """A file from byte `start` on."""
        path = self.root / name
        if path.resolve() != self.root.resolve() / name:
            raise DownloadRefusedError(f"{path}: is a link; a release holds files only.")
        with path.open("rb") as file:
            file.seek(start)
            yield file, start


@dataclass(frozen=True, slots=True)
class InBucket:
    """A prefix in a bucket of an object store."""

    bucket: Bucket

    @contextmanager
    def open(self, name: str, start: int = 0) -> Iterator[tuple[IO[bytes], int]]:
        """A file from byte `start` on."""
        with self.bucket.open(name) as file:
            file.seek(start)
            yield file, start


@dataclass(frozen=True, slots=True)
class Host:
    """A static web host."""

    url: str

    @contextmanager
    def open(self, name: str, start: int = 0) -> Iterator[tuple[IO[bytes], int]]:
        """A file from byte `start` on, or from its beginning where the host knows no Range."""
        request = urllib.request.Request(f"{self.url}/{quote(name)}")  # noqa: S310  (source_of allows http(s) only)
        if start:
            request.add_header("Range", f"bytes={start}-")
        try:
            response = _opener().open(request, timeout=_SECONDS)
        except HTTPError as error:
            error.close()
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and start:
                with self.open(name) as whole:
                    yield whole
                return
            if error.code in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.GONE):
                raise FileNotFoundError(error.code, f"the host answers {error.code}", f"{self.url}/{name}") from None
            raise
        with response:
            told = _RANGE.match(response.headers.get("Content-Range", ""))
            yield response, int(told[1]) if told and response.status == HTTPStatus.PARTIAL_CONTENT else 0


def _opener() -> urllib.request.OpenerDirector:
    """HTTP and nothing else: a redirect to a file or to FTP is not followed."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener
