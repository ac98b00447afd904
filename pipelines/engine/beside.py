"""The tables beside the seeds: `seeds.csv` says where a seed came from, `corrections.csv` what it got wrong."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.corrections import Correction
from pipelines.engine.seeds import SeedsError

SOURCES, CORRECTIONS = "seeds.csv", "corrections.csv"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a seed came from; an empty cell says that nobody knows."""

    source: str
    licence: str
    retrieved: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of seeds beside their words. A row of seeds.csv may name a packed file, for all that it holds.

    `digests` are the SHA-256 of the tables, by name, as they were read.
    """

    folder: Path
    sources: dict[str, Source]
    corrections: dict[str, tuple[Correction, ...]]
    digests: dict[str, str]

    def source_of(self, seed_id: str) -> Source | None:
        """The row for a seed, or for the packed file that it stands in."""
        names = (seed_id, *_above(seed_id))
        return next((self.sources[name] for name in names if name in self.sources), None)

    def rows_on_packed_seeds(self) -> dict[str, str]:
        """Seeds that have a row and stand in a packed file, with the table of the row."""
        named = {**dict.fromkeys(self.sources, SOURCES), **dict.fromkeys(self.corrections, CORRECTIONS)}
        return {name: table for name, table in named.items() if not (self.folder / name).is_file()}


def read_beside(folder: Path) -> Beside:
    """Both tables; raises SeedsError where one is broken or speaks of a seed that is not there."""
    held = _held(folder)
    beside = Beside(folder, _sources(folder, held), _corrections(folder, held), _digests(held))
    for table, seed_ids in ((SOURCES, beside.sources), (CORRECTIONS, beside.corrections)):
        for seed_id in seed_ids:
            files = (folder / name for name in (seed_id, *_above(seed_id)))
            if not any(file.is_file() or file.is_symlink() for file in files):
                raise no_such_seed(folder, table, seed_id)
    return beside


def digests_beside(folder: Path) -> dict[str, str]:
    """The SHA-256 of each table that is there, by name."""
    return _digests(_held(folder))


def _held(folder: Path) -> dict[str, bytes]:
    try:
        return {name: (folder / name).read_bytes() for name in (SOURCES, CORRECTIONS) if (folder / name).exists()}
    except OSError as error:
        message = f"{error.filename}: {error.strerror}; put a CSV file there that can be read, or take it away."
        raise SeedsError(message) from error


def _digests(held: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in held.items()}


def no_such_seed(folder: Path, table: str, seed_id: str) -> SeedsError:
    """The error of a row that speaks of a seed that was renamed or taken away."""
    return SeedsError(f"{folder / table}: there is no seed {seed_id!r}; mend or remove the row.")


def _above(seed_id: str) -> Iterator[str]:
    """What a seed stands in, from the inside out."""
    while "/" in seed_id:
        seed_id = seed_id.rpartition("/")[0]
        yield seed_id


def _sources(folder: Path, held: Mapping[str, bytes]) -> dict[str, Source]:
    rows = _rows_of(folder, held, SOURCES, ("file", "source", "licence", "retrieved"))
    return {row["file"]: Source(row["source"], row["licence"], row["retrieved"]) for _, row in rows}


def _corrections(folder: Path, held: Mapping[str, bytes]) -> dict[str, tuple[Correction, ...]]:
    found: dict[str, tuple[Correction, ...]] = {}
    for line, row in _rows_of(folder, held, CORRECTIONS, ("seed", "line", "printed", "means", "reason")):
        if not row["line"].isdecimal() or not row["printed"] or not row["reason"]:
            message = f"{folder / CORRECTIONS}:{line}: line must be a number, printed and reason must not be empty."
            raise SeedsError(message)
        correction = Correction(int(row["line"]), row["printed"], row["means"], row["reason"])
        found[row["seed"]] = (*found.get(row["seed"], ()), correction)
    return found


def _rows_of(
    folder: Path, held: Mapping[str, bytes], name: str, wanted: tuple[str, ...]
) -> Iterable[tuple[int, dict[str, str]]]:
    if name not in held:
        return
    path = folder / name
    try:
        text = held[name].decode("utf-8-sig")
        yield from _rows(path, csv.DictReader(io.StringIO(text, newline=""), strict=True), wanted)
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"{path}: {error}; save it as a CSV file in UTF-8."
        raise SeedsError(message) from error


def _rows(path: Path, reader: csv.DictReader[str], wanted: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    if tuple(reader.fieldnames or ())[: len(wanted)] != wanted:
        message = f"{path}:1: the columns must be {','.join(wanted)}."
        raise SeedsError(message)
    for row in reader:
        if None in row or None in row.values():
            message = f"{path}:{reader.line_num}: expected {len(wanted)} cells; quote a cell that holds a comma."
            raise SeedsError(message)
        yield reader.line_num, row
