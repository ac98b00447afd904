"""Runs the pure functions over a folder of seeds.

A seed is a `.txt` file in the folder or below it. A seed that cannot be read costs itself and a finding, never another
seed. `seeds.csv` says where seeds came from; `corrections.csv` holds known errors of a seed, with what it means.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.corrections import Correction, corrected, read_back
from pipelines.errors import MonographsError
from pipelines.normalize import read_monograph
from pipelines.parse import parse_seed
from pipelines.records import Finding, FindingCode, Monograph, ParsedSeed, Passage, Seed, SeedReading

_UNREADABLE = FindingCode("SEED_UNREADABLE")
_OUTSIDE = FindingCode("SEED_OUTSIDE")
_CLASH = FindingCode("MONOGRAPH_CLASH")
_SUFFIX = ".txt"


class SeedsError(MonographsError):
    """The seeds as a whole cannot be used: names the folder, file and line, and what to do."""


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A seed on disk: `data` are its bytes, or `problem` says why there are none."""

    seed_id: str
    data: bytes | None = None
    problem: Finding | None = None

    @property
    def sha256(self) -> str | None:
        """SHA-256 of the bytes in hexadecimal."""
        return None if self.data is None else hashlib.sha256(self.data).hexdigest()


def load_seeds(folder: Path) -> list[SeedFile]:
    """Every seed of a folder, by seed_id; raises SeedsError where there is no folder or no seed in it."""
    if not folder.is_dir():
        message = f"{folder}: no such folder. Name the folder that holds the seed documents with --seeds."
        raise SeedsError(message)
    seeds = [load_seed(path, folder) for path in sorted(_seed_paths(folder))]
    if not seeds:
        message = f"{folder}: no seed in it. Put at least one document there, as a UTF-8 text file named *{_SUFFIX}."
        raise SeedsError(message)
    return sorted(seeds, key=lambda seed: seed.seed_id)


def _seed_paths(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent) / name for name in names if name.lower().endswith(_SUFFIX))


def load_seed(path: Path, folder: Path | None = None) -> SeedFile:
    """One seed. In a folder it is named by its path there, and a link may not lead out of it."""
    seed_id = path.relative_to(folder).as_posix() if folder else path.name
    if folder and not path.resolve().is_relative_to(folder.resolve()):
        message = f"{seed_id} is a link that leads out of the seeds folder; put the document itself there."
        return SeedFile(seed_id, problem=Finding(_OUTSIDE, message))
    try:
        return SeedFile(seed_id, path.read_bytes())
    except OSError as error:
        message = f"{seed_id} cannot be opened ({error.strerror}); make it readable or take it away."
        return SeedFile(seed_id, problem=Finding(_UNREADABLE, message))


def read_seeds(
    folder: Path, seeds: Iterable[SeedFile], progress: Callable[[int], None] = lambda _: None
) -> list[SeedReading]:
    """Everything that the seeds state, in order of seed_id. `progress` is told how many seeds are done."""
    listed = _sources(folder)
    corrections = _corrections(folder)
    _require_files(folder, {"seeds.csv": listed, "corrections.csv": corrections})
    readings: list[SeedReading] = []
    for seed in seeds:
        readings.append(read_seed(seed, corrections.get(seed.seed_id, ()), listed.get(seed.seed_id)))
        progress(len(readings))
    return _without_clashes(readings)


def read_seed(
    seed: SeedFile, corrections: Iterable[Correction] = (), source: dict[str, str] | None = None
) -> SeedReading:
    """Everything that one seed states."""
    if seed.data is None:
        findings = (seed.problem,) if seed.problem else ()
        return SeedReading(ParsedSeed(Seed(seed.seed_id, None, None, None, ""), findings=findings))
    data, edits = corrected(seed.seed_id, seed.data, tuple(corrections))
    parsed = parse_seed(seed.seed_id, data)
    reading = SeedReading(parsed, tuple(read_monograph(monograph) for monograph in parsed.monographs))
    if edits:
        reading = read_back(reading, seed.data, edits)
    return _with_source(reading, source)


def _with_source(reading: SeedReading, source: dict[str, str] | None) -> SeedReading:
    if source is None:
        return reading
    seed = replace(
        reading.parsed.seed,
        source=source["source"] or None,
        licence=source["licence"] or None,
        retrieved=source["retrieved"] or None,
    )
    return replace(reading, parsed=replace(reading.parsed, seed=seed))


def _without_clashes(readings: list[SeedReading]) -> list[SeedReading]:
    """Readings in which each monograph_id stands once: the later monograph is left out, and both places are named."""
    first: dict[str, tuple[str, Monograph]] = {}
    return [_left_out(reading, first) for reading in readings]


def _left_out(reading: SeedReading, first: dict[str, tuple[str, Monograph]]) -> SeedReading:
    kept = []
    clashes: list[Finding] = []
    for read in reading.monographs:
        seed_id, other = first.setdefault(read.monograph.monograph_id, (reading.parsed.seed.seed_id, read.monograph))
        if other is read.monograph:
            kept.append(read)
            continue
        message = (
            f"The monograph_id {other.monograph_id!r} is already that of {other.title.text!r} in {seed_id}; "
            "give one of the two another title, or take one seed away."
        )
        clashes.append(Finding(_CLASH, message, _whole(reading.parsed.seed, read.monograph)))
    if not clashes:
        return reading
    parsed = replace(reading.parsed, findings=(*reading.parsed.findings, *clashes))
    return SeedReading(parsed, tuple(kept))


def _whole(seed: Seed, monograph: Monograph) -> Passage:
    """The monograph from its first character to its last, so that no line is left out without a word."""
    ends = [section.body.end for section in monograph.sections]
    starts = [(section.heading or section.body).start for section in monograph.sections]
    start, end = min(monograph.title.start, *starts), max(monograph.title.end, *ends)
    return Passage(seed.text[start:end], start)


# --- the tables beside the seeds -----------------------------------------------------------------------------------


def _sources(folder: Path) -> dict[str, dict[str, str]]:
    return {row["file"]: row for _, row in _beside(folder, "seeds.csv", ("file", "source", "licence", "retrieved"))}


def _corrections(folder: Path) -> dict[str, list[Correction]]:
    found: dict[str, list[Correction]] = {}
    for line, row in _beside(folder, "corrections.csv", ("seed", "line", "printed", "means", "reason")):
        if not row["line"].isdecimal() or not row["printed"] or not row["reason"]:
            message = (
                f"{folder / 'corrections.csv'}:{line}: line must be a number, printed and reason must not be empty."
            )
            raise SeedsError(message)
        correction = Correction(int(row["line"]), row["printed"], row["means"], row["reason"])
        found.setdefault(row["seed"], []).append(correction)
    return found


def _require_files(folder: Path, tables: Mapping[str, Iterable[str]]) -> None:
    """A row that speaks of a seed that is not there is an error of the table: the seed was renamed or taken away."""
    for table, seed_ids in tables.items():
        for seed_id in seed_ids:
            if not (folder / seed_id).is_file() and not (folder / seed_id).is_symlink():
                message = f"{folder / table}: there is no seed {seed_id!r}; mend or remove the row."
                raise SeedsError(message)


def _beside(folder: Path, name: str, wanted: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    path = folder / name
    if not path.exists():
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(path, csv.DictReader(file, strict=True), wanted)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
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
