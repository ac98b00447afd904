"""The documents of a folder: every file in it or below it, and the documents of packed files (see `packed`).

No file is passed over, but the two tables beside the seeds, hidden files, and what editors leave behind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.engine.packed import is_packed, packed_seeds
from pipelines.engine.seed_file import (
    LARGEST,
    SeedFile,
    SeedsError,
    cannot_open,
    opened,
    refuse_if_gone,
    too_large,
)
from pipelines.engine.seed_metadata import CORRECTIONS, PROVENANCES
from pipelines.records import Finding, FindingCode

_OUTSIDE = FindingCode("SEED_OUTSIDE")
_LEFT_BEHIND = re.compile(r"\..* | ~\$.* | .*~ | \#.*\# | thumbs\.db | desktop\.ini", re.VERBOSE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the folder, and why it cannot be used if it cannot."""

    path: Path
    problem: Finding | None


def seeds_in(folder: Path) -> Iterator[SeedFile]:
    """Every seed of a folder by path of the file; documents of a packed file in the order they have there.

    Raises SeedsError if there is no folder or no seed in it.
    """
    files = seed_files(folder)
    if not files:
        message = (
            f"{folder}: no seed in it. Put at least one document there: a text, a saved page, a label in SPL, "
            "a record of openFDA, a PDF, or a packed file of documents."
        )
        raise SeedsError(message)
    for seed_id, file in files.items():
        yield from _seeds_of(file, seed_id)


def seeds_named(folder: Path, seed_ids: Collection[str]) -> Iterator[SeedFile]:
    """Those seeds of a folder that are named; only files that may hold one are opened."""
    for name, file in seed_files(folder).items():
        if any(seed_id == name or seed_id.startswith((f"{name}/", f"{name}#/")) for seed_id in seed_ids):
            yield from (seed for seed in _seeds_of(file, name) if seed.seed_id in seed_ids)


def _seeds_of(file: _File, seed_id: str) -> Iterator[SeedFile]:
    """The documents of a file: itself, or those packed in it."""
    if file.problem:
        yield SeedFile(seed_id, problem=file.problem)
    elif file.path.is_file() and is_packed(file.path):
        yield from packed_seeds(file.path, seed_id)
    else:
        yield _loaded(file.path, seed_id)


def seed_files(folder: Path) -> dict[str, _File]:
    """Every file of the folder by its path there, in order; raises SeedsError for no folder."""
    if not folder.is_dir():
        message = f"{folder}: no such folder. Name the folder that holds the seed documents with --seeds."
        raise SeedsError(message)
    found: dict[str, _File] = {}

    def closed(error: OSError) -> None:
        refuse_if_gone(Path(error.filename), error)
        path = Path(error.filename)
        if path == folder:
            raise SeedsError(f"{folder}: cannot be listed ({error.strerror}); make it readable.") from error
        name = _name_of(path, folder)
        found[name] = _File(path, cannot_open(name, error, "the folder"))

    for parent, folders, names in os.walk(folder, onerror=closed):
        folders[:] = [name for name in folders if not _LEFT_BEHIND.fullmatch(name)]
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        for path in (Path(parent) / name for name in (*names, *links) if not _LEFT_BEHIND.fullmatch(name)):
            seed_id = _name_of(path, folder)
            while seed_id in found:
                seed_id += "%"  # a file has the name that another, which is no UTF-8, is given
            if seed_id not in (PROVENANCES, CORRECTIONS):
                found[seed_id] = _File(path, _link_out(path, seed_id, folder))
    return dict(sorted(found.items()))


def _name_of(path: Path, folder: Path) -> str:
    """The path of a file in the folder; bytes of its name that are no UTF-8 are escaped with a percent sign."""
    name = path.relative_to(folder).as_posix()
    return "".join(f"%{ord(c) - 0xDC00:02X}" if "\udc80" <= c <= "\udcff" else c for c in name)


def size_of(folder: Path) -> int:
    """Bytes of all files that hold seeds, as far as they can be told; an empty file counts as one byte."""
    return sum(_size(file.path) for file in seed_files(folder).values() if not file.problem)


def _size(path: Path) -> int:
    try:
        return max(1, path.stat().st_size)
    except OSError:
        return 0  # it will be a finding when it is read


def seeds_at(path: Path) -> tuple[Path, list[SeedFile]]:
    """The folder and the seeds of a path: all of a folder, those of a file, or one of an archive, by seed_id.

    Raises SeedsError if there is none.
    """
    if path.is_dir():
        return path, sorted(seeds_in(path), key=lambda seed: seed.seed_id)
    places = [path, *path.parents]
    file = next((Path(f"{place}".removesuffix("#")) for place in places if _is_there(place)), None)
    if file is not None and not file.is_dir():
        folder, name = file.parent, _name_of(file, file.parent)
        wanted = path.relative_to(folder).as_posix()
        found = list(_seeds_of(_File(file, _link_out(file, name, folder)), name))
        kept = found if wanted == name else [seed for seed in found if seed.seed_id == wanted]
        if kept:
            return folder, kept
    message = f"{path}: no such seed. Name a document, one in an archive (all.zip/a.xml), or a folder of documents."
    raise SeedsError(message)


def _is_there(path: Path) -> bool:
    """Whether a path is that of a file, or of the JSON pointers in it."""
    return path.is_symlink() or path.exists() or Path(f"{path}".removesuffix("#")).is_file()


def _link_out(path: Path, seed_id: str, folder: Path) -> Finding | None:
    if not path.is_symlink():
        return None
    if not _is_within(path, folder):
        message = f"The link {seed_id} leads out of the seeds folder; put the document itself there."
        return Finding(_OUTSIDE, message)
    if path.is_dir():
        message = f"The link {seed_id} leads to a folder, whose documents are read where they are; take it away."
        return Finding(_OUTSIDE, message)
    return None


def _is_within(link: Path, folder: Path) -> bool:
    """True, too, for a link that leads to itself: it cannot be opened, which is found when it is read."""
    try:
        return link.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return True


def _loaded(path: Path, seed_id: str) -> SeedFile:
    try:
        with opened(path) as (file, size):
            if size > LARGEST:
                return SeedFile(seed_id, problem=too_large(seed_id, size), size=size)
            data = file.read(LARGEST)  # it may grow meanwhile
    except OSError as error:
        refuse_if_gone(path, error)
        return SeedFile(seed_id, problem=cannot_open(seed_id, error))
    return SeedFile(seed_id, data, size=len(data))
