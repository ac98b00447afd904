"""How places and the files of a release are called, and what a checksum file says of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BUCKETS = ("s3", "gs", "az", "abfs", "abfss")  # schemes of the addresses of object storage
MANIFEST, BUILD, SUMS = "release.json", "build.json", "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"  # made later, by a person; named by no other file
CHANGES = "changes/changes.json"


@dataclass(frozen=True, slots=True)
class FileFact:
    """What a checksum file says of a file."""

    bytes: int
    sha256: str


def fact_of(path: Path) -> FileFact:
    """Size and SHA-256 of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileFact(file.tell(), digest.hexdigest())


def names_in(folder: Path) -> list[str]:
    """Every file below a folder, by code point; none where there is no such folder."""
    if not folder.is_dir():
        return []
    found = (Path(parent) / name for parent, _, names in os.walk(folder, onerror=_refuse) for name in names)
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _refuse(error: OSError) -> None:
    """A folder that cannot be read is not an empty one."""
    raise error


def facts_in(folder: Path) -> dict[str, FileFact]:
    """Size and SHA-256 of every file below a folder, by name."""
    return {name: fact_of(folder / name) for name in names_in(folder)}


def checksums(files: Mapping[str, FileFact]) -> bytes:
    """The lines of `SHA256SUMS`, as `sha256sum` reads them."""
    return "".join(f"{files[name].sha256}  {name}\n" for name in sorted(files)).encode()
