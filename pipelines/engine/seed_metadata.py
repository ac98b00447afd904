"""Two tables in the seeds folder: `seeds.csv` says where a seed came from, `corrections.csv` what it got wrong."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.corrections import Correction
from pipelines.engine.seed_file import SeedsError

PROVENANCES, CORRECTIONS = "seeds.csv", "corrections.csv"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a seed came from; an empty cell says that nobody knows. `monograph_id` may name its monograph."""

    source: str
    licence: str
    retrieved: str
    monograph_id: str = ""


@dataclass(frozen=True, slots=True)
class SeedMetadata:
    """What is known of seeds apart from their words. A row of seeds.csv may name a packed file, for all that it holds.

    `digests` are the SHA-256 of the tables, by name, as they were read.
    """

    folder: Path
    provenances: dict[str, Provenance]
    corrections: dict[str, tuple[Correction, ...]]
    digests: dict[str, str]

    def provenance_of(self, seed_id: str) -> Provenance | None:
        """The row for a seed, or for the packed file that it stands in, which names no monograph."""
        if seed_id in self.provenances:
            return self.provenances[seed_id]
        found = next((self.provenances[name] for name in _above(seed_id) if name in self.provenances), None)
        return replace(found, monograph_id="") if found else None

    def rows_on_packed_seeds(self) -> dict[str, str]:
        """Seeds that have a row and stand in a packed file, with the table of the row."""
        named = {**dict.fromkeys(self.provenances, PROVENANCES), **dict.fromkeys(self.corrections, CORRECTIONS)}
        return {name: table for name, table in named.items() if not (self.folder / name).is_file()}


def read_seed_metadata(folder: Path) -> SeedMetadata:
    """Both tables; raises SeedsError if one is broken or speaks of a seed that is not there."""
    held = _held(folder)
    metadata = SeedMetadata(folder, _provenances(folder, held), _corrections(folder, held), _digests(held))
    for table, seed_ids in ((PROVENANCES, metadata.provenances), (CORRECTIONS, metadata.corrections)):
        for seed_id in seed_ids:
            files = (folder / name for name in (seed_id, *_above(seed_id)))
            if not any(file.is_file() or file.is_symlink() for file in files):
                raise no_such_seed(folder, table, seed_id)
    return metadata


def metadata_digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each table that is there, by name."""
    return _digests(_held(folder))


def _held(folder: Path) -> dict[str, bytes]:
    try:
        return {name: (folder / name).read_bytes() for name in (PROVENANCES, CORRECTIONS) if (folder / name).exists()}
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
        seed_id = seed_id.rpartition("/")[0].removesuffix("#")
        yield seed_id


def _provenances(folder: Path, held: Mapping[str, bytes]) -> dict[str, Provenance]:
    found: dict[str, Provenance] = {}
    named: dict[str, int] = {}
    for line, row in _rows_of(folder, held, PROVENANCES, ("file", "source", "licence", "retrieved")):
        name = row.get("monograph_id", "").strip()
        if name and (named.setdefault(name, line) != line or not name.isprintable()):
            message = f"{folder / PROVENANCES}:{line}: {name!r} is the name of another monograph, or none at all."
            raise SeedsError(message)
        found[row["file"]] = Provenance(row["source"], row["licence"], row["retrieved"], name)
    return found


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
