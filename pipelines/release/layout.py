"""How places and the files of a release are called, and what a checksum file says of them."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from pipelines.release.failures import OutputsUnusableError

BUCKETS = ("s3", "gs", "az", "abfs", "abfss")  # schemes of the addresses of object storage
MANIFEST, BUILD, SUMS = "release.json", "build.json", "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"  # made later, by a person; named by no other file
CHANGES = "changes/changes.json"
PROVENANCE = "provenance.intoto.jsonl"
EMPTY_FOLDER = "a folder without a file"


@dataclass(frozen=True, slots=True)
class FileFact:
    """What a checksum file says of a file."""

    bytes: int
    sha256: str


def fact_of(path: Path) -> FileFact:
    """Size and SHA-256 of a file; raises OSError if it is none, and waits for no pipe."""
    with open_file(path) as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileFact(file.tell(), digest.hexdigest())


def open_file(path: Path) -> BufferedReader:
    """A file to be read, and neither a link nor a pipe, which would never end; raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no file", str(path))
    return os.fdopen(handle, "rb")


def inside(root: Path, name: str) -> Path:
    """A name below a folder; raises OutputsUnusableError if a link stands at it or above it, wherever that leads."""
    path = root
    for part in Path(name).parts:
        path /= part
        if path.is_symlink():
            message = (
                f"{path}: is a link; nothing below {root} is read, written or removed through a link. Put what it "
                "leads to in its place, or remove it, and run again."
            )
            raise OutputsUnusableError(message)
    return path


def names_in(folder: Path) -> list[str]:
    """Every file below a folder, by code point, with whatever else is no folder; none if there is no such folder."""
    found: list[str] = []
    for parent, folders, names in os.walk(folder, onerror=_refuse) if folder.is_dir() else ():
        found += [os.path.join(parent, name) for name in names]  # noqa: PTH118  (many)
        found += [os.path.join(parent, name) for name in folders if os.path.islink(os.path.join(parent, name))]  # noqa: PTH114, PTH118
    return sorted(Path(name).relative_to(folder).as_posix() for name in found)


def strange_names_in(folder: Path) -> Iterator[tuple[str, str]]:
    """What has no place below a folder of files, with what it is: links, pipes, devices, folders without a file."""
    for parent, folders, names in os.walk(folder, onerror=_refuse) if folder.is_dir() else ():
        here = Path(parent)
        if not folders and not names and here != folder:
            yield here.relative_to(folder).as_posix(), EMPTY_FOLDER
        for path in (here / name for name in (*folders, *names)):
            kind = path.lstat().st_mode
            if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
                yield path.relative_to(folder).as_posix(), "a link" if stat.S_ISLNK(kind) else "no file"


def _refuse(error: OSError) -> None:
    """A folder that cannot be read is not an empty one."""
    raise error


def facts_in(folder: Path) -> dict[str, FileFact]:
    """Size and SHA-256 of every file below a folder, by name."""
    return {name: fact_of(folder / name) for name in names_in(folder)}


def checksums(files: Mapping[str, FileFact]) -> bytes:
    """The lines of `SHA256SUMS`, as `sha256sum` reads them."""
    return "".join(f"{files[name].sha256}  {name}\n" for name in sorted(files)).encode()
