"""One file from a source: under its own name whole and right, or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import IO

from pipelines.release.errors import DownloadRefusedError
from pipelines.release.folder import FileFact, fact_of
from pipelines.release.source import UNFINISHED, Source

_ATTEMPTS = 5  # without a new byte
_CHUNK = 2**18


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a source: its name there, where it goes, and what it must be."""

    name: str
    target: Path
    fact: FileFact


def download(source: Source, wanted: Wanted, progress: Callable[[int], None]) -> None:
    """Goes on where an earlier run stopped; raises DownloadRefusedError where the bytes are others, or do not come.

    Bytes of an earlier run may be of something else, so a file that began with them and is wrong begins once more.
    """
    part = wanted.target.with_name(wanted.target.name + UNFINISHED)
    part.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "r+b") as file:
        began_before = file.seek(0, os.SEEK_END) > 0
        _fill(source, wanted, file, progress)
        if began_before and not _is_right(file, wanted.fact):
            file.truncate(0)
            _fill(source, wanted, file, progress)
        is_right = _is_right(file, wanted.fact)
        os.fsync(file.fileno())
    if not is_right:
        part.unlink()
        raise DownloadRefusedError(f"{wanted.name}: the source gives other bytes than were published; not kept.")
    part.rename(wanted.target)


def is_there(wanted: Wanted) -> bool:
    """True where an earlier run has finished; raises DownloadRefusedError where the name is another file's."""
    if wanted.target.is_symlink():
        raise DownloadRefusedError(f"{wanted.target}: is a link; remove it, and run again.")
    if not wanted.target.exists():
        return False
    if fact_of(wanted.target) != wanted.fact:
        raise DownloadRefusedError(f"{wanted.target}: is not the file that was published; remove it, and run again.")
    return True


def _fill(source: Source, wanted: Wanted, file: IO[bytes], progress: Callable[[int], None]) -> None:
    """Asks for what is missing until nothing is, or until nothing more comes."""
    failures, reason = 0, "the source ends too early"
    while failures < _ATTEMPTS:
        there = file.seek(0, os.SEEK_END)
        if there >= wanted.fact.bytes:
            return
        try:
            _copy(source, wanted, file, there, progress)
        except FileNotFoundError as error:
            raise DownloadRefusedError(f"{wanted.name}: the source does not have it ({error}).") from error
        except (OSError, HTTPException) as error:
            reason = str(error)
        failures = 0 if file.seek(0, os.SEEK_END) > there else failures + 1
    message = f"{wanted.name}: {there} of {wanted.fact.bytes} bytes came ({reason}); run again to go on."
    raise DownloadRefusedError(message)


def _copy(source: Source, wanted: Wanted, file: IO[bytes], there: int, progress: Callable[[int], None]) -> None:
    """Never more than one byte too many: enough to see that it is too much."""
    with source.open(wanted.name, there) as (stream, start):
        if start > there:
            raise DownloadRefusedError(f"{wanted.name}: the source leaves out bytes {there} to {start}.")
        done = start
        file.seek(start)
        while done <= wanted.fact.bytes and (chunk := stream.read(min(_CHUNK, wanted.fact.bytes + 1 - done))):
            done += file.write(chunk)
            progress(min(done, wanted.fact.bytes))


def _is_right(file: IO[bytes], fact: FileFact) -> bool:
    file.flush()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # any file opened for bytes will do
    return FileFact(file.tell(), digest.hexdigest()) == fact
