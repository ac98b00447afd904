"""One document as it was found: its bytes, or the finding that says why there are none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
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


def refuse_if_gone(path: Path, error: OSError) -> None:
    """Raises SeedsError where what was listed is gone: an edit cannot be told from a folder that vanishes."""
    if isinstance(error, FileNotFoundError) and not path.is_symlink():
        message = f"{path}: was taken away while the seeds were read; run again when editing is done."
        raise SeedsError(message) from error


def too_large(seed_id: str, size: int) -> Finding:
    """The finding for a document that nobody would have written."""
    message = f"The document {seed_id} has {size} bytes, more than {LARGEST}; give each monograph a file of its own."
    return Finding(_TOO_LARGE, message)


def cannot_open(seed_id: str, error: OSError, what: str = "the file") -> Finding:
    """The finding for what is there and gives no bytes."""
    return Finding(
        UNREADABLE, f"{what} {seed_id} cannot be opened ({error.strerror}); make it readable or take it away."
    )
