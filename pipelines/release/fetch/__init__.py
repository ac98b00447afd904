"""Downloads a release and lets nothing in that is not what was published.

    index.json                    which versions there are, and the SHA-256 of each manifest
    releases/<v>/release.json     the manifest: size and SHA-256 of every file
    releases/<v>/SHA256SUMS       must say the same
    every other file              into `<name>.part`, and under its own name once size and SHA-256 are right

What is there already is not fetched again, and a `.part` goes on where it stopped. `release.json` comes last.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import IO

from pipelines.locks import lock
from pipelines.release.failures import DownloadRefusedError
from pipelines.release.fetch.manifest import RemoteManifest, remote_manifest
from pipelines.release.fetch.source import UNFINISHED, LeastRate, ReleaseSource, source_of
from pipelines.release.layout import MANIFEST, SUMS, FileFact, fact_of

FORMATS = ("csv", "parquet")
_DATA = "data/"
_CARRIED_ALONE = ".xlsx"
DownloadProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A version that now is in `folder`: `new` were downloaded, `kept` were there. `yanked` says why it was."""

    version: str
    folder: Path
    new: tuple[str, ...]
    kept: tuple[str, ...]
    yanked: str | None
    replaced_by: str | None


def fetch(  # noqa: PLR0913  (where from, where to, three ways to take less, and somebody who waits)
    place: str,
    to: Path,
    version: str | None = None,
    *,
    tables: Sequence[str] = (),
    kind: str | None = None,
    progress: DownloadProgress = lambda _name, _size, _done: None,
) -> Fetched:
    """Puts a version, or the latest, into `to`/<version>: all of it, or some tables, or one of the two formats.

    `progress` is told a name, the size, and the bytes that are there. Raises DownloadRefusedError where anything is not
    what was published or cannot be had, WithdrawnError where the version was withdrawn.
    """
    source = source_of(place)
    manifest = remote_manifest(source, version)
    wanted = _selected(manifest, tables, kind)
    folder = to / manifest.version
    if folder.is_symlink():
        raise DownloadRefusedError(f"{folder}: is a link; remove it, and run again.")
    try:
        with _held(folder):
            new = tuple(_fetched(source, manifest, folder, wanted, progress))
    except OSError as error:
        message = f"{error.filename or to}: cannot be used ({error.strerror or error})."
        raise DownloadRefusedError(message) from error
    kept = tuple(name for name in wanted if name not in new)
    return Fetched(manifest.version, folder, new, kept, manifest.yanked, manifest.replaced_by)


def _selected(manifest: RemoteManifest, tables: Sequence[str], kind: str | None) -> list[str]:
    """All files; or the data files that are wanted, with what describes them."""
    known = {name.removeprefix(_DATA).rpartition(".")[0] for name in manifest.files if name.startswith(_DATA)}
    for table in tables:
        if table not in known:
            raise DownloadRefusedError(f"{manifest.version} has no table {table}; it has {', '.join(sorted(known))}.")
    if kind not in (None, *FORMATS):
        raise DownloadRefusedError(f"{kind}: a table is published as {' and '.join(FORMATS)}.")
    ordered = sorted(manifest.files, key=lambda name: (name == MANIFEST, name == SUMS, name))
    if not tables and not kind:
        return ordered
    data = {f"{_DATA}{table}.{k}" for table in (tables or known) for k in ([kind] if kind else FORMATS)}
    return [name for name in ordered if name in data or ("/" not in name and not name.endswith(_CARRIED_ALONE))]


def _fetched(
    source: ReleaseSource, manifest: RemoteManifest, folder: Path, names: Sequence[str], progress: DownloadProgress
) -> Iterator[str]:
    """Downloads what is not there, and names it."""
    for name in names:
        target, fact = folder / name, manifest.files[name]
        if not target.resolve().is_relative_to(folder.resolve()):
            raise DownloadRefusedError(f"{target}: is a link that leads out of {folder}; remove it, and run again.")
        wanted = Wanted(f"releases/{manifest.version}/{name}", target, fact)
        if not is_there(wanted):
            download(source, wanted, partial(progress, name, fact.bytes))
            yield name


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """The folder, for one download at a time: two would write into one unfinished file."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = lock(folder, wait=False)
    except BlockingIOError as error:
        raise DownloadRefusedError(f"{folder}: another download is writing there; wait for it.") from error
    try:
        yield
    finally:
        os.close(handle)


# --- One file from a source: under its own name whole and right, or not at all


_ATTEMPTS = 5  # without a new byte
_CHUNK = 2**18


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a source: its name there, where it goes, and what it must be."""

    name: str
    target: Path
    fact: FileFact


def download(source: ReleaseSource, wanted: Wanted, progress: Callable[[int], None]) -> None:
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


def _fill(source: ReleaseSource, wanted: Wanted, file: IO[bytes], progress: Callable[[int], None]) -> None:
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


def _copy(source: ReleaseSource, wanted: Wanted, file: IO[bytes], there: int, progress: Callable[[int], None]) -> None:
    """Never more than one byte too many: enough to see that it is too much."""
    with source.open(wanted.name, there) as (stream, start):
        if start > there:
            raise DownloadRefusedError(f"{wanted.name}: the source leaves out bytes {there} to {start}.")
        done, rate = start, LeastRate()
        file.seek(start)
        while done <= wanted.fact.bytes and (chunk := stream.read1(min(_CHUNK, wanted.fact.bytes + 1 - done))):
            rate.count(len(chunk))
            done += file.write(chunk)
            progress(min(done, wanted.fact.bytes))


def _is_right(file: IO[bytes], fact: FileFact) -> bool:
    file.flush()
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # any file opened for bytes will do
    return FileFact(file.tell(), digest.hexdigest()) == fact
