"""Where releases are downloaded from: a folder, a bucket, or a static host that may or may not know Range."""

from __future__ import annotations

import errno
import re
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit

from pipelines.release.failures import DownloadRefusedError
from pipelines.release.layout import BUCKETS, open_file

if TYPE_CHECKING:
    from pipelines.release.bucket import Bucket

_SECONDS = 30.0  # a source that is silent for longer is gone
MOST_SECONDS_OF_HEADERS = 60.0
LEAST_BYTES_A_SECOND = 1024  # slower than any line that is meant to carry files, and an end to every download
PATIENCE_SECONDS = 30.0
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,150}")
_RANGE = re.compile(r"bytes ([0-9]{1,18})-")
_SCHEMES = ("http", "https")
UNFINISHED = ".part"


class ReleaseSource(Protocol):
    """Files by name, with `/` between parts."""

    def where(self) -> str:
        """The place, as a person would name it, without anything secret."""

    def open(self, name: str, start: int = 0) -> AbstractContextManager[tuple[BufferedIOBase, int]]:
        """A file from byte `start` on, and the byte that it really starts at; OSError if it cannot be had."""


def source_of(place: str) -> ReleaseSource:
    """The source at a URL or in a folder; raises DownloadRefusedError if it is neither."""
    parts = urlsplit(place)
    if parts.scheme in _SCHEMES:
        if "@" in parts.netloc:
            message = (
                f"The address at {parts.hostname} holds a name or a password, which logs would keep; leave it out."
            )
            raise DownloadRefusedError(message)
        return Host(place.rstrip("/"))
    if parts.scheme in BUCKETS:
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

    def where(self) -> str:
        """The folder."""
        return str(self.root)

    @contextmanager
    def open(self, name: str, start: int = 0) -> Iterator[tuple[BufferedIOBase, int]]:
        """A file from byte `start` on."""
        path = self.root / name
        if path.resolve() != self.root.resolve() / name:
            raise DownloadRefusedError(f"{path}: is a link; a release holds files only.")
        with open_file(path) as file:
            file.seek(start)
            yield file, start


@dataclass(frozen=True, slots=True)
class InBucket:
    """A prefix in a bucket of an object store."""

    bucket: Bucket

    def where(self) -> str:
        """Its URL, which has no credentials."""
        return self.bucket.url

    @contextmanager
    def open(self, name: str, start: int = 0) -> Iterator[tuple[BufferedIOBase, int]]:
        """A file from byte `start` on."""
        with self.bucket.open(name) as file:
            file.seek(start)
            yield file, start


@dataclass(frozen=True, slots=True)
class Host:
    """A static web host."""

    url: str

    def where(self) -> str:
        """Its address."""
        return self.url

    @contextmanager
    def open(self, name: str, start: int = 0) -> Iterator[tuple[BufferedIOBase, int]]:
        """A file from byte `start` on, or from its beginning if the host knows no Range."""
        request = urllib.request.Request(f"{self.url}/{quote(name)}")  # noqa: S310  (source_of allows http(s) only)
        if start:
            request.add_header("Range", f"bytes={start}-")
        try:
            response = _answer(request)
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


def _answer(request: urllib.request.Request) -> HTTPResponse:
    """The answer of a host, as far as its headers; TimeoutError if they are not all there after a minute.

    A limit on each read alone would let a host send one byte now and then for ever.
    """
    connections: list[HTTPConnection] = []
    late = threading.Event()

    def cut() -> None:
        late.set()
        for connection in connections:
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(MOST_SECONDS_OF_HEADERS, cut)
    timer.daemon = True
    timer.start()
    try:
        response: HTTPResponse = _opener(connections).open(request, timeout=_SECONDS)
    except (OSError, HTTPException):
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError(errno.ETIMEDOUT, "the host does not come to the point", request.full_url)
    return response


class _Http(urllib.request.HTTPHandler):
    """HTTP over connections that are known from outside."""

    def __init__(self, connections: list[HTTPConnection]) -> None:
        super().__init__()
        self._connections = connections

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._connected, req)

    def _connected(self, host: str, /, **options: Any) -> HTTPConnection:  # noqa: ANN401  (what urllib hands on)
        self._connections.append(HTTPConnection(host, **options))
        return self._connections[-1]


class _Https(urllib.request.HTTPSHandler):
    """The same with TLS."""

    def __init__(self, connections: list[HTTPConnection]) -> None:
        super().__init__()
        self._connections = connections

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(self._connected, req)

    def _connected(self, host: str, /, **options: Any) -> HTTPConnection:  # noqa: ANN401  (what urllib hands on)
        self._connections.append(HTTPSConnection(host, context=ssl.create_default_context(), **options))
        return self._connections[-1]


def _opener(connections: list[HTTPConnection]) -> urllib.request.OpenerDirector:
    """HTTP and nothing else: a redirect to a file or to FTP is not followed."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        _Http(connections),
        _Https(connections),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


class LeastRate:
    """Time that a source may take: as much as its bytes need at the least rate, and half a minute to begin with."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begins now."""
        self._clock, self._began, self._bytes = clock, clock(), 0

    def count(self, size: int) -> None:
        """Takes note of bytes that came; raises DownloadRefusedError if they come too slowly."""
        self._bytes += size
        took = self._clock() - self._began
        if took > PATIENCE_SECONDS + self._bytes / LEAST_BYTES_A_SECOND:
            message = (
                f"The source is too slow: {self._bytes} bytes in {took:.0f} seconds, less than {LEAST_BYTES_A_SECOND} "
                "a second; run again to go on, or name another source."
            )
            raise DownloadRefusedError(message)
