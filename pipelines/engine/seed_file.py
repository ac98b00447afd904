"""One document as it was found: its bytes, or the finding that says why there are none."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BufferedReader
from pathlib import Path

from pipelines.errors import MonographsError
from pipelines.records import Finding, FindingCode

UNREADABLE = FindingCode("SEED_UNREADABLE")
_TOO_LARGE = FindingCode("SEED_TOO_LARGE")
# A whole product summary has about a third of a million characters: two hundred times that is no document.
LARGEST = 64 * 2**20


class SeedsError(MonographsError):
    """The seeds as a whole cannot be used: names the folder, file and line, and what to do."""


@dataclass(frozen=True)
class SeedFile:
    """One document: `data` are its bytes, or `problem` says why there are none.

    `size` is what it takes of the file it stands in, in bytes on disk.
    """

    seed_id: str
    data: bytes | None = None
    problem: Finding | None = None
    size: int = 0

    @cached_property
    def sha256(self) -> str | None:
        """SHA-256 of the bytes in hexadecimal."""
        return None if self.data is None else hashlib.sha256(self.data).hexdigest()


class NoFileError(OSError):
    """What stands there is a pipe, a device, a socket or a folder."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[BufferedReader, int]]:
    """The bytes of a regular file and how many there are; raises OSError, and never waits for a pipe."""
    if not stat.S_ISREG(path.stat().st_mode):  # to open a device may do something
        raise NoFileError
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise NoFileError
        yield file, facts.st_size


def refuse_if_gone(path: Path, error: OSError) -> None:
    """Raises SeedsError if what was listed is gone: an edit cannot be told from a folder that vanishes."""
    if isinstance(error, FileNotFoundError) and not path.is_symlink():
        message = f"{path}: was taken away while the seeds were read; run again when editing is done."
        raise SeedsError(message) from error


def too_large(seed_id: str, size: int) -> Finding:
    """The finding for a document that nobody would have written."""
    message = f"The document {seed_id} has {size} bytes, more than {LARGEST}; give each monograph a file of its own."
    return Finding(_TOO_LARGE, message)


def cannot_open(seed_id: str, error: OSError, what: str = "the file") -> Finding:
    """The finding for what is there and gives no bytes."""
    if isinstance(error, NoFileError):
        message = f"What is named {seed_id} is no file; put a file in its place or take it away."
        return Finding(UNREADABLE, message)
    return Finding(
        UNREADABLE, f"{what} {seed_id} cannot be opened ({error.strerror}); make it readable or take it away."
    )
