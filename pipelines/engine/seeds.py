"""The documents of a folder: `.txt` files in it or below it, and the documents of packed files (see `packed`)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from pipelines.engine.packed import is_packed, packed_seeds
from pipelines.engine.seed_file import (
    LARGEST,
    UNREADABLE,
    SeedFile,
    SeedsError,
    cannot_open,
    refuse_if_gone,
    too_large,
)
from pipelines.records import Finding, FindingCode

_OUTSIDE = FindingCode("SEED_OUTSIDE")
_SUFFIX = ".txt"


def seeds_in(folder: Path) -> Iterator[SeedFile]:
    """Every seed of a folder by path of the file; documents of a packed file in the order they have there.

    Raises SeedsError if there is no folder or no seed in it.
    """
    files = seed_files(folder)
    if not files:
        message = (
            f"{folder}: no seed in it. Put at least one document there, as a UTF-8 text file named *{_SUFFIX}, "
            "or a packed file of documents."
        )
        raise SeedsError(message)
    for seed_id, problem in files.items():
        if problem:
            yield SeedFile(seed_id, problem=problem)
        elif is_packed(seed_id):
            yield from packed_seeds(folder / seed_id, seed_id)
        else:
            yield _loaded(folder / seed_id, seed_id)


def seed_files(folder: Path) -> dict[str, Finding | None]:
    """Files that hold seeds, by path in the folder, and why one cannot be used; raises SeedsError for no folder."""
    if not folder.is_dir():
        message = f"{folder}: no such folder. Name the folder that holds the seed documents with --seeds."
        raise SeedsError(message)
    found: dict[str, Finding | None] = {}

    def closed(error: OSError) -> None:
        refuse_if_gone(Path(error.filename), error)
        name = Path(error.filename).relative_to(folder).as_posix()
        if name == ".":
            raise SeedsError(f"{folder}: cannot be listed ({error.strerror}); make it readable.") from error
        found[name] = cannot_open(name, error, "the folder")

    for parent, _, names in os.walk(folder, onerror=closed):
        below = Path(parent).relative_to(folder).as_posix()
        for name in names:
            if name.lower().endswith(_SUFFIX) or is_packed(name):
                seed_id = name if below == "." else f"{below}/{name}"
                found[seed_id] = _link_out(folder / seed_id, seed_id, folder)
    return dict(sorted(found.items()))


def size_of(folder: Path) -> int:
    """Bytes of all files that hold seeds, as far as they can be told; an empty file counts as one byte."""
    return sum(_size(folder / name) for name, problem in seed_files(folder).items() if not problem)


def _size(path: Path) -> int:
    try:
        return max(1, path.stat().st_size)
    except OSError:
        return 0  # it will be a finding when it is read


def load_seed(path: Path, folder: Path | None = None) -> SeedFile:
    """One text file. In a folder it is named by its path there, and a link may not lead out of it."""
    seed_id = path.relative_to(folder).as_posix() if folder else path.name
    problem = _link_out(path, seed_id, folder) if folder else None
    return SeedFile(seed_id, problem=problem) if problem else _loaded(path, seed_id)


def _link_out(path: Path, seed_id: str, folder: Path) -> Finding | None:
    if not path.is_symlink() or _is_within(path, folder):
        return None
    message = f"The link {seed_id} leads out of the seeds folder; put the document itself there."
    return Finding(_OUTSIDE, message)


def _is_within(link: Path, folder: Path) -> bool:
    """True, too, for a link that leads to itself: it cannot be opened, which is found when it is read."""
    try:
        return link.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return True


def _loaded(path: Path, seed_id: str) -> SeedFile:
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            message = f"What is named {seed_id} is no file; put a text file in its place or take it away."
            return SeedFile(seed_id, problem=Finding(UNREADABLE, message))
        if facts.st_size > LARGEST:
            return SeedFile(seed_id, problem=too_large(seed_id, facts.st_size), size=facts.st_size)
        data = path.read_bytes()
    except OSError as error:
        refuse_if_gone(path, error)
        return SeedFile(seed_id, problem=cannot_open(seed_id, error))
    return SeedFile(seed_id, data, size=len(data))
