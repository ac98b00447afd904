"""Downloads a release and lets nothing in that is not what was published.

    index.json                    which versions there are, and the SHA-256 of each manifest
    releases/<v>/release.json     the manifest: size and SHA-256 of every file
    releases/<v>/SHA256SUMS       must say the same
    every other file              into `<name>.part`, and under its own name once size and SHA-256 are right

What is there already is not fetched again, and a `.part` goes on where it stopped. `release.json` comes last.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipelines.release.download import Wanted, download, is_there
from pipelines.release.errors import DownloadRefusedError
from pipelines.release.offer import Offer, offer_of
from pipelines.release.source import Source, source_of
from pipelines.release.write import MANIFEST, SUMS

FORMATS = ("csv", "parquet")
_DATA = "data/"
_CARRIED_ALONE = ".xlsx"
Progress = Callable[[str, int, int], None]


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
    progress: Progress = lambda _name, _size, _done: None,
) -> Fetched:
    """Puts a version, or the latest, into `to`/<version>: all of it, or some tables, or one of the two formats.

    `progress` is told a name, the size, and the bytes that are there. Raises DownloadRefusedError where anything is not
    what was published or cannot be had, WithdrawnError where the version was withdrawn.
    """
    source = source_of(place)
    offer = offer_of(source, version)
    wanted = _selected(offer, tables, kind)
    folder = to / offer.version
    try:
        with _held(folder):
            new = tuple(_fetched(source, offer, folder, wanted, progress))
    except OSError as error:
        message = f"{error.filename or to}: cannot be used ({error.strerror or error})."
        raise DownloadRefusedError(message) from error
    kept = tuple(name for name in wanted if name not in new)
    return Fetched(offer.version, folder, new, kept, offer.yanked, offer.replaced_by)


def _selected(offer: Offer, tables: Sequence[str], kind: str | None) -> list[str]:
    """All files; or the data files that are wanted, with what describes them."""
    known = {name.removeprefix(_DATA).rpartition(".")[0] for name in offer.files if name.startswith(_DATA)}
    for table in tables:
        if table not in known:
            raise DownloadRefusedError(f"{offer.version} has no table {table}; it has {', '.join(sorted(known))}.")
    if kind not in (None, *FORMATS):
        raise DownloadRefusedError(f"{kind}: a table is published as {' and '.join(FORMATS)}.")
    ordered = sorted(offer.files, key=lambda name: (name == MANIFEST, name == SUMS, name))
    if not tables and not kind:
        return ordered
    data = {f"{_DATA}{table}.{k}" for table in (tables or known) for k in ([kind] if kind else FORMATS)}
    return [name for name in ordered if name in data or ("/" not in name and not name.endswith(_CARRIED_ALONE))]


def _fetched(source: Source, offer: Offer, folder: Path, names: Sequence[str], progress: Progress) -> Iterator[str]:
    """Downloads what is not there, and names it."""
    for name in names:
        target, fact = folder / name, offer.files[name]
        if not target.resolve().is_relative_to(folder.resolve()):
            raise DownloadRefusedError(f"{target}: is a link that leads out of {folder}; remove it, and run again.")
        wanted = Wanted(f"releases/{offer.version}/{name}", target, fact)
        if not is_there(wanted):
            download(source, wanted, partial(progress, name, fact.bytes))
            yield name


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """The folder, for one download at a time: two would write into one unfinished file."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise DownloadRefusedError(f"{folder}: another download is writing there; wait for it.") from error
    finally:
        os.close(handle)
