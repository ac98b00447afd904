"""Files in files: zip archives, zips in zips as DailyMed ships them, files packed by gzip, and bulk files of openFDA.

    a.zip/b.xml    a.zip/prescription/c.zip/d.xml    a.zip/drug-label.json#/results/17    a.txt.gz/a.txt

Members are read one after the other and none is kept. What an archive may cost is limited: how much it may hold for
its size, how deep archives may stand in each other, how large a member may be. A member that breaks a limit, wants a
password or is broken costs itself; what is a picture, a style or a program is counted and not read.
"""

from __future__ import annotations

import gzip
import io
import stat
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, BinaryIO, cast

from pipelines.documents import openfda
from pipelines.records import Finding, FindingCode

MOST_NESTED = 4  # a label in a zip, in the zip of a month, in the zip of a download, in a folder that was zipped
MOST_RATIO = 500  # text shrinks to a tenth; a thousandth is made to fill a disk
ALLOWANCE = 2**24  # bytes that an archive may hold whatever its own size
_IN_MEMORY = 2**24
_BLOCK = 2**16
_BROKEN = FindingCode("SEED_PACK_BROKEN")
_UNSAFE = FindingCode("SEED_UNSAFE")
_ENCRYPTED = FindingCode("SEED_ENCRYPTED")
_LEFT_ASIDE = FindingCode("MEMBERS_LEFT_ASIDE")
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
_NO_DOCUMENTS = frozenset((
    ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".svg", ".webp", ".ico", ".css", ".js", ".woff", ".woff2",
    ".ttf", ".mp3", ".mp4", ".avi", ".mov", ".xsl", ".xsd", ".dtd", ".exe", ".dll",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its path in the archive ("" for the archive itself), and its bytes or why there are none.

    `size` is what it takes of the archive, in bytes.
    """

    name: str
    data: bytes | None = None
    problem: Finding | None = None
    size: int = 0


class UnsafeError(ValueError):
    """An archive holds more than an archive of documents would."""


class Budget:
    """How many bytes may still come out of an archive of `size` bytes, and what was left aside."""

    def __init__(self, size: int, largest: int) -> None:
        """Nothing has come out yet; no document may have more than `largest` bytes."""
        self.left, self.largest = ALLOWANCE + MOST_RATIO * size, largest
        self.left_aside: Counter[str] = Counter()

    def spend(self, size: int) -> None:
        """Takes bytes off; raises UnsafeError if there are none left."""
        self.left -= size
        if self.left < 0:
            raise UnsafeError(f"it holds more than {MOST_RATIO} times its own size")


class _Spending(io.RawIOBase):
    """A stream whose bytes are taken off a budget as they are read."""

    def __init__(self, file: IO[bytes], budget: Budget) -> None:
        self._file, self._budget = file, budget

    def readable(self) -> bool:
        return True

    def readinto(self, into: bytearray | memoryview) -> int:  # type: ignore[override]  # of the kinds of buffers
        data = self._file.read(len(into))
        self._budget.spend(len(data))
        into[: len(data)] = data
        return len(data)


def is_archive(name: str) -> bool:
    """Whether the ending of a name is that of an archive of this module."""
    return name.lower().endswith((".zip", ".gz"))


def within_budget(stream: object, size: int) -> BinaryIO:
    """What was packed in a stream of `size` bytes; raises UnsafeError when more comes out than should be in it."""
    spending = _Spending(cast("IO[bytes]", stream), Budget(size, 0))
    return cast("BinaryIO", io.BufferedReader(spending, _BLOCK))


def members(file: BinaryIO, name: str, largest: int) -> Iterator[Member]:
    """The members of an archive, those of its archives too; the last tells what was left aside.

    `largest` is the most bytes that a document may have. Raises UnsafeError, zipfile.BadZipFile, OSError or EOFError
    if the archive itself cannot be read any further.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    budget = Budget(size, largest)
    yield from _members(file, name, "", 1, budget)
    if budget.left_aside:
        counts = ", ".join(f"{count} of {suffix}" for suffix, count in sorted(budget.left_aside.items()))
        message = f"the archive {name} holds files that are no documents, which were left aside: {counts}"
        yield Member("", problem=Finding(_LEFT_ASIDE, message))


def _members(file: IO[bytes], name: str, above: str, depth: int, budget: Budget) -> Iterator[Member]:
    if name.lower().endswith(".gz"):
        inner = PurePosixPath(name).name[: -len(".gz")]
        with gzip.GzipFile(fileobj=file) as stream:
            yield from _member(cast("IO[bytes]", stream), f"{above}{inner}", depth, budget, 0)
        return
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            if info.is_dir() or _is_hidden(info.filename):
                continue
            if is_document(info.filename):
                yield from _of_zip(archive, info, f"{above}{info.filename}", depth, budget)
            else:
                budget.left_aside[PurePosixPath(info.filename).suffix.lower()] += 1


def is_document(path: str) -> bool:
    """Whether a path may be that of a document, and not of a picture, a style, a program or a hidden file."""
    return not _is_hidden(path) and PurePosixPath(path).suffix.lower() not in _NO_DOCUMENTS


def _is_hidden(path: str) -> bool:
    """Whether a path is that of a hidden file, or of what a Mac adds to archives."""
    return any(
        part.startswith((".", "~$")) or part == "__MACOSX" for part in path.split("/") if part not in (".", "..")
    )


def _of_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, depth: int, budget: Budget) -> Iterator[Member]:
    if info.flag_bits & 1:
        message = f"the member {path} wants a password; pack it without one"
        yield Member(path, problem=Finding(_ENCRYPTED, message), size=info.compress_size)
    elif stat.S_ISLNK(info.external_attr >> 16):
        message = f"the member {path} is a link; pack the document itself"
        yield Member(path, problem=Finding(_UNSAFE, message), size=info.compress_size)
    else:
        try:
            with archive.open(info) as stream:
                yield from _member(stream, path, depth, budget, info.compress_size)
        except UnsafeError:
            raise
        except _FAULTS as error:
            message = f"the member {path} cannot be read ({str(error) or type(error).__name__}); pack it again"
            yield Member(path, problem=Finding(_BROKEN, message), size=info.compress_size)


def _member(stream: IO[bytes], path: str, depth: int, budget: Budget, size: int) -> Iterator[Member]:
    """A document, the records of a bulk file, or the members of an archive in the archive."""
    spending = io.BufferedReader(_Spending(stream, budget), _BLOCK)
    if is_archive(path):
        if depth == MOST_NESTED:
            message = f"the archive {path} stands in {depth} others, and no more are opened; unpack some of them"
            yield Member(path, problem=Finding(_UNSAFE, message), size=size)
            return
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as held:
            while block := spending.read(_BLOCK):
                held.write(block)
            held.seek(0)
            yield from _members(held, path, f"{path}/", depth + 1, budget)
    elif path.lower().endswith(".json") and openfda.holds_many(spending.peek(_BLOCK)):
        for pointer, data in openfda.records(cast("io.BufferedReader", spending)):
            yield Member(f"{path}#{pointer}", data)
    else:
        data = spending.read(budget.largest + 1)
        yield Member(path, data, size=size)


def records(file: io.BufferedReader) -> Iterator[Member]:
    """The records of a bulk file of openFDA, or of a list; raises ijson.JSONError if it is broken."""
    at = 0
    for pointer, data in openfda.records(file):
        before, at = at, max(at, file.tell())
        yield Member(f"#{pointer}", data, size=at - before)
