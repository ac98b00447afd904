"""`monographs check`: read seeds, publish nothing, print each finding with its place and a caret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.command import Answer
from pipelines.engine.reading import Taken, already_taken, holder_of, read_seed
from pipelines.engine.seed_file import SeedFile
from pipelines.engine.seed_metadata import SeedMetadata, read_seed_metadata
from pipelines.engine.seeds import seeds_at
from pipelines.records import Finding, MonographReading, Passage, Quantity, SeedReading
from schemas import codes


def check_seeds(paths: list[Path]) -> Answer:
    """Every reading and every finding of the seeds named; the exit code is 1 if a seed has an error."""
    lines: list[str] = []
    counts = {"error": 0, "warning": 0, "info": 0}
    data = []
    for file, reading in _readings(paths):
        text = reading.parsed.seed.text
        for monograph in reading.monographs:
            lines += _summary(file, text, monograph)
        for finding in sorted(_findings(reading), key=lambda f: f.place.start if f.place else -1):
            counts[severity(finding)] += 1
            lines += _finding_lines(file, text, finding)
            data.append(_finding_data(file, text, finding))
    lines.append(", ".join(f"{count} {name}" for name, count in counts.items()))
    return Answer(lines, {"findings": data, "counts": counts}, 1 if counts["error"] else 0, is_report=True)


def _readings(paths: list[Path]) -> Iterator[tuple[str, SeedReading]]:
    """Seeds as a release would read them: with the corrections beside them, and a folder as a whole."""
    for path in paths:
        folder, seeds = seeds_at(path)
        metadata = read_seed_metadata(folder)
        readings = [_read(seed, metadata) for seed in seeds]
        taken = already_taken(
            (read.monograph.monograph_id, holder_of(reading.parsed.seed, read.monograph))
            for reading in readings
            for read in reading.monographs
        )
        for seed, reading in zip(seeds, readings, strict=True):
            is_taken = taken.get(seed.seed_id)
            yield str(folder / seed.seed_id), _read(seed, metadata, is_taken) if is_taken else reading


def _read(seed: SeedFile, metadata: SeedMetadata, taken: Taken | None = None) -> SeedReading:
    corrections = metadata.corrections.get(seed.seed_id, ())
    return read_seed(seed, corrections, metadata.provenance_of(seed.seed_id), taken)


def _findings(reading: SeedReading) -> list[Finding]:
    return [*reading.parsed.findings, *(finding for read in reading.monographs for finding in read.findings)]


def severity(finding: Finding) -> str:
    """`error`, `warning` or `info`, as finding_codes.csv says."""
    return codes.by_code("finding_codes")[finding.code]["severity"]


def place_of(text: str, place: Passage) -> tuple[int, int, str]:
    """Line and column from 1, and the line itself."""
    start = text.rfind("\n", 0, place.start) + 1
    end = text.find("\n", place.start)
    line = text[start : end if end >= 0 else len(text)].rstrip("\r")
    return text.count("\n", 0, place.start) + 1, place.start - start + 1, line


def _finding_lines(file: str, text: str, finding: Finding) -> list[str]:
    if finding.place is None:
        return [f"{file}: {severity(finding)} {finding.code} {finding.sentence}"]
    number, column, line = place_of(text, finding.place)
    caret = "^" * max(1, min(len(finding.place.text), len(line) - column + 1))
    shown, indent = _window(line, column)
    return [
        f"{file}:{number}:{column} {severity(finding)} {finding.code} {finding.sentence}",
        f"    {shown}",
        f"    {' ' * indent}{caret[: max(1, len(shown) - indent)]}",
    ]


_WIDTH = 110


def _window(line: str, column: int) -> tuple[str, int]:
    """As much of a long line as fits a terminal, around the column."""
    printable = "".join(c if c.isprintable() else " " for c in line)
    start = max(0, column - 1 - _WIDTH // 3) if len(printable) > _WIDTH else 0
    return printable[start : start + _WIDTH], column - 1 - start


def _finding_data(file: str, text: str, finding: Finding) -> dict[str, object]:
    number, column = place_of(text, finding.place)[:2] if finding.place else (None, None)
    return {
        "file": file,
        "line": number,
        "column": column,
        "severity": severity(finding),
        "code": finding.code,
        "message": finding.sentence,
        "text": finding.place.text if finding.place else None,
    }


def _summary(file: str, text: str, read: MonographReading) -> list[str]:
    """What was read of one monograph, each value with the place of its words."""
    found: list[tuple[Passage, str, str]] = []
    for strength in read.strengths:
        stated = " / ".join(c.rxnorm or _amount(c.normalized) for c in strength.components)
        form = strength.form.place.text if strength.form else "no form"
        found.append((strength.components[0].place, "strength", f"{stated}  [{form}]"))
    found += [(route.place, "route", _name("routes", route.code)) for route in read.routes]
    found += [(form.place, "form", _name("dose_forms", form.code)) for form in read.forms]
    found += [(c.place, "pregnancy", f"{c.system} {c.code or 'not assigned'}") for c in read.pregnancy_categories]
    lines = [f"{file}: {read.monograph.title.text} ({read.monograph.monograph_id})"]
    for place, what, meaning in sorted(found, key=lambda reading: reading[0].start):
        number, column, _ = place_of(text, place)
        lines.append(f"    {f'{number}:{column}':<8}{what:<10}{place.text!r} -> {meaning}")
    return lines


def _amount(quantity: Quantity | None) -> str:
    if quantity is None:
        return "not read"
    high = f"-{quantity.high:f}" if quantity.high is not None else ""
    return f"{quantity.value:f}{high} {quantity.unit}"


def _name(table: str, code: str | None) -> str:
    return codes.by_code(table)[code]["name"] if code else "not read"
